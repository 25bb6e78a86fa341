#include "console/dev_folder.hpp"
#include "console/supervisor.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace varia;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 20s;

/// Attends to services until something holds; false if it never does.
template <class Predicate>
bool attend_until(supervisor& services, Predicate holds) {
  auto end = supervisor::clock::now() + patience;
  while (!holds()) {
    if (!services.attend() || supervisor::clock::now() > end)
      return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

struct fixture {
  service shell(const std::string& name, const std::string& script, int stage = 0,
                milliseconds stop_deadline = 5s) const {
    service result;
    result.name = name;
    result.command.words = {"/bin/sh", "-c", script};
    result.command.environment = {{"PATH", "/usr/bin:/bin"}};
    result.log_file = folder.file(name + ".log");
    result.stage = stage;
    result.stop_deadline = stop_deadline;
    return result;
  }

  test::temporary_folder folder;
  std::vector<std::string> reports;
  supervisor services{[this](const std::string& text) { reports.push_back(text); },
                      {10ms, 40ms, 30s, 3}};
};

bool is_alive(pid_t process) {
  return process > 0 && kill(process, 0) == 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(supervisor_test, fixture)

BOOST_AUTO_TEST_CASE(starts_redis_and_starts_it_again_when_it_is_killed) {
  auto data = dev_folder::open(folder.file("data"));
  BOOST_REQUIRE(data);
  auto store = dev_redis::prepare(*data);
  BOOST_REQUIRE(store);
  auto command = store->command();
  command.environment = environment_of_process();
  BOOST_REQUIRE(services.start({"redis", command, data->file("redis.out"), 0, 5s}));
  BOOST_REQUIRE(attend_until(services, [&] { return store->answers(); }));

  auto first = services.pid_of("redis");
  BOOST_REQUIRE(first > 0);
  kill(first, SIGKILL);
  BOOST_REQUIRE(attend_until(services, [&] {
    auto now = services.pid_of("redis");
    return now != 0 && now != first && store->answers();
  }));
  BOOST_TEST(!is_alive(first));
  BOOST_REQUIRE(reports.size() == 1u);
  BOOST_TEST(reports.front().find("redis ended (signal 9") == 0u);

  auto second = services.pid_of("redis");
  services.stop();
  BOOST_TEST(!is_alive(second));
  BOOST_TEST(!store->answers());
  BOOST_TEST(waitpid(-1, nullptr, WNOHANG) == -1);
}

BOOST_AUTO_TEST_CASE(writes_what_a_service_prints_to_its_log) {
  BOOST_REQUIRE(services.start(shell("talker", "echo out; echo err >&2; exec sleep 300")));
  BOOST_TEST(attend_until(services, [&] { return folder.read("talker.log") == "out\nerr\n"; }));
}

BOOST_AUTO_TEST_CASE(gives_up_a_service_that_keeps_dying) {
  BOOST_REQUIRE(services.start(shell("broken", "echo again; exit 7")));
  auto outcome = expected<void>{caf::unit};
  for (auto end = supervisor::clock::now() + patience; outcome && supervisor::clock::now() < end;
       outcome = services.attend())
    std::this_thread::sleep_for(5ms);
  BOOST_REQUIRE(!outcome);
  auto words = detail_of(outcome.error());
  BOOST_TEST(words.find("broken ended (exit code 7, see ") == 0u);
  BOOST_TEST(folder.read("broken.log") == "again\nagain\nagain\nagain\n");
  BOOST_TEST(reports.size() == 3u);
}

BOOST_AUTO_TEST_CASE(stops_later_stages_first) {
  auto script = [](const std::string& name) {
    return "trap 'sleep 0.1; echo " + name
           + " >> order; exit' TERM; echo up; while :; do sleep "
             "0.02; done";
  };
  for (auto [name, stage] : {std::pair{"base", 0}, {"top", 2}, {"middle", 1}})
    BOOST_REQUIRE(
      services.start(shell(name, "cd " + folder.path() + " && " + script(name), stage)));
  for (auto name : {"base", "top", "middle"})
    BOOST_REQUIRE(
      attend_until(services, [&] { return folder.read(std::string{name} + ".log") == "up\n"; }));
  services.stop();
  BOOST_TEST(folder.read("order") == "top\nmiddle\nbase\n");
}

BOOST_AUTO_TEST_CASE(kills_what_does_not_stop_in_time_with_its_children) {
  BOOST_REQUIRE(
    services.start(shell("stubborn", "trap '' TERM; sleep 300 & echo $!; wait", 0, 100ms)));
  BOOST_REQUIRE(attend_until(services, [&] { return !folder.read("stubborn.log").empty(); }));
  auto process = services.pid_of("stubborn");
  auto grandchild = std::stoi(folder.read("stubborn.log"));
  services.stop();
  BOOST_TEST(!is_alive(process));
  // It belongs to process 1 now, which may take a moment to reap it.
  for (auto i = 0; i < 1000 && is_alive(grandchild); ++i)
    std::this_thread::sleep_for(5ms);
  BOOST_TEST(!is_alive(grandchild));
}

BOOST_AUTO_TEST_CASE(stops_everything_when_it_goes) {
  pid_t process = 0;
  {
    supervisor inner{[](const std::string&) {}};
    BOOST_REQUIRE(inner.start(shell("sleeper", "exec sleep 300")));
    process = inner.pid_of("sleeper");
    BOOST_TEST(is_alive(process));
    BOOST_TEST(inner.owns(process));
    BOOST_TEST(!inner.owns(getpid()));
  }
  BOOST_TEST(!is_alive(process));
}

BOOST_AUTO_TEST_CASE(puts_a_log_aside_that_has_grown_large) {
  folder.write("talker.log", std::string(9 * 1024 * 1024, 'x'));
  BOOST_REQUIRE(services.start(shell("talker", "echo new; exec sleep 300")));
  BOOST_TEST(attend_until(services, [&] { return folder.read("talker.log") == "new\n"; }));
  BOOST_TEST(std::filesystem::file_size(folder.file("talker.log.1")) == 9u * 1024 * 1024);
}

BOOST_AUTO_TEST_CASE(refuses_a_log_that_cannot_be_written) {
  auto what = shell("talker", "exec sleep 300");
  what.log_file = folder.file("nowhere/talker.log");
  BOOST_TEST(!services.start(what));
  BOOST_TEST(services.pid_of("talker") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
