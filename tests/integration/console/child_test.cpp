#include "console/child.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

using namespace varia;
using namespace std::chrono_literals;

namespace {

expected<child_outcome> run_shell(const std::string& script, milliseconds timeout = 20s) {
  child_command command;
  command.words = {"/bin/sh", "-c", script};
  return run_child(std::move(command), timeout);
}

} // namespace

BOOST_AUTO_TEST_SUITE(child_test)

BOOST_AUTO_TEST_CASE(collects_output_errors_and_status) {
  auto outcome = run_shell("echo out; echo err >&2; exit 3");
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->output == "out\n");
  BOOST_TEST(outcome->errors == "err\n");
  BOOST_TEST(describe_status(outcome->status) == "exit code 3");
}

BOOST_AUTO_TEST_CASE(gives_the_child_its_environment_and_nothing_else) {
  setenv("VARIA_TEST_SECRET", "hidden", 1);
  child_command command;
  command.words = {"/usr/bin/env"};
  command.environment = {{"ONE", "1"}};
  auto outcome = run_child(std::move(command), 20s);
  unsetenv("VARIA_TEST_SECRET");
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->output == "ONE=1\n");
}

BOOST_AUTO_TEST_CASE(passes_on_no_open_file) {
  auto outcome = run_shell("ls /proc/self/fd | wc -l");
  BOOST_REQUIRE(outcome);
  // Its three, and the folder that ls itself reads.
  BOOST_TEST(std::stoi(outcome->output) == 4);
}

BOOST_AUTO_TEST_CASE(reads_more_than_a_pipe_holds_from_both_sides) {
  auto outcome = run_shell("head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2");
  BOOST_REQUIRE(outcome);
  BOOST_TEST(outcome->output.size() == 300000u);
  BOOST_TEST(outcome->errors.size() == 300000u);
}

BOOST_AUTO_TEST_CASE(kills_a_child_that_takes_too_long_with_its_own_children) {
  auto outcome = run_shell("sleep 300 & echo $!; wait", 200ms);
  BOOST_REQUIRE(!outcome);
  BOOST_TEST((code_of(outcome.error()) == errc::unavailable));
  BOOST_TEST(waitpid(-1, nullptr, WNOHANG) == -1);
}

BOOST_AUTO_TEST_CASE(tells_that_a_program_is_not_there) {
  child_command command;
  command.words = {"/nowhere/program"};
  auto outcome = run_child(std::move(command), 20s);
  BOOST_REQUIRE(outcome);
  BOOST_TEST(describe_status(outcome->status) == "could not be started");
}

BOOST_AUTO_TEST_CASE(a_child_ends_with_its_parent) {
  int ends[2];
  BOOST_REQUIRE(pipe(ends) == 0);
  auto parent = fork();
  if (parent == 0) {
    child_command command;
    command.words = {"/bin/sleep", "300"};
    command.output = ends[1];
    auto child = start_child(command);
    _exit(child ? 0 : 1);
  }
  close(ends[1]);
  int status = 0;
  waitpid(parent, &status, 0);
  BOOST_TEST(status == 0);
  char byte = 0;
  // The end of the pipe comes when the last process that could write to it is gone.
  BOOST_TEST(read(ends[0], &byte, 1) == 0);
  close(ends[0]);
}

BOOST_AUTO_TEST_SUITE_END()
