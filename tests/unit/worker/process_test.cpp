#include "worker/process.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <poll.h>
#include <unistd.h>

using namespace varia;
using namespace std::chrono_literals;

namespace {

child_process start_shell(const std::string& script) {
  auto child = child_process::start({"/bin/sh", "-c", script});
  BOOST_REQUIRE(child);
  return std::move(*child);
}

// Reads until the other side closes.
std::string read_all(int file) {
  std::string result;
  char bytes[1024];
  for (pollfd wait{file, POLLIN, 0}; ::poll(&wait, 1, 10000) > 0;) {
    auto count = ::read(file, bytes, sizeof bytes);
    if (count <= 0)
      break;
    result.append(bytes, static_cast<size_t>(count));
  }
  ::close(file);
  return result;
}

std::string end_of(child_process& child) {
  for (auto i = 0; i < 1000; ++i) {
    if (auto how = child.ended())
      return *how;
    std::this_thread::sleep_for(10ms);
  }
  return "runs on";
}

} // namespace

BOOST_AUTO_TEST_SUITE(process_test)

BOOST_AUTO_TEST_CASE(talks_over_file_three) {
  auto child = start_shell("read word <&3; echo got $word >&3");
  auto socket = child.take_socket();
  BOOST_REQUIRE_EQUAL(::write(socket, "hello\n", 6), 6);
  BOOST_TEST(read_all(socket) == "got hello\n");
  BOOST_TEST(end_of(child) == "exited with status 0");
}

BOOST_AUTO_TEST_CASE(gets_no_environment_and_no_other_file) {
  ::setenv("VARIA_TEST_SECRET", "s3cret", 1);
  auto child = child_process::start({"/usr/bin/env"});
  BOOST_REQUIRE(child);
  BOOST_TEST(read_all(child->take_output()) == "");
  // The directory is read through a file of its own, which comes after the four.
  auto listing = start_shell("cd /proc/self/fd && echo *");
  BOOST_TEST(read_all(listing.take_output()) == "0 1 2 3 4\n");
}

BOOST_AUTO_TEST_CASE(captures_both_outputs) {
  auto child = start_shell("echo out; echo err >&2");
  BOOST_TEST(read_all(child.take_output()) == "out\nerr\n");
}

BOOST_AUTO_TEST_CASE(tells_how_a_child_ended) {
  auto failing = start_shell("exit 3");
  BOOST_TEST(end_of(failing) == "exited with status 3");
  auto aborting = start_shell("kill -ABRT $$");
  BOOST_TEST(end_of(aborting) == "killed by signal 6");
  auto missing = child_process::start({"/nonexistent/node"});
  BOOST_REQUIRE(missing);
  BOOST_TEST(end_of(*missing) == "exited with status 127");
}

BOOST_AUTO_TEST_CASE(kills_the_children_of_the_child_too) {
  auto child = start_shell("sleep 1000 & echo $!; wait");
  auto output = child.take_output();
  char bytes[32]{};
  BOOST_REQUIRE(::read(output, bytes, sizeof bytes - 1) > 0);
  auto grandchild = static_cast<pid_t>(std::stol(bytes));
  BOOST_TEST(!child.ended().has_value());
  child.kill();
  BOOST_TEST(end_of(child) == "killed by signal 9");
  BOOST_TEST(read_all(output) == "");
  for (auto i = 0; i < 500 && ::kill(grandchild, 0) == 0; ++i)
    std::this_thread::sleep_for(10ms);
  BOOST_TEST((::kill(grandchild, 0) != 0 || errno == ESRCH));
}

BOOST_AUTO_TEST_CASE(leaves_no_child_behind) {
  pid_t pid = 0;
  {
    auto child = start_shell("sleep 1000");
    pid = child.pid();
    BOOST_TEST(::kill(pid, 0) == 0);
  }
  BOOST_TEST(::kill(pid, 0) == -1);
  BOOST_TEST(errno == ESRCH);
}

BOOST_AUTO_TEST_CASE(tells_who_works_from_who_only_waits) {
  auto busy = start_shell("(while :; do :; done) & wait");
  auto idle = start_shell("sleep 60");
  for (auto i = 0; i < 1000 && busy.look().processor_time < 200ms; ++i)
    std::this_thread::sleep_for(10ms);
  BOOST_TEST(busy.look().processor_time.count() >= 200);
  BOOST_TEST(idle.look().processor_time.count() < 100);
}

BOOST_AUTO_TEST_SUITE_END()
