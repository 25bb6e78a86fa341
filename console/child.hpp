#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace varia {

/// What to run as a child process. The child has a process group of its own, so that Ctrl-C reaches
/// its parent only, and gets `death_signal` if its parent dies.
struct child_command {
  std::vector<std::string> words; ///< The program, by path or to be found in PATH, and arguments.
  std::map<std::string, std::string> environment; ///< All of it.
  int output = -1; ///< Descriptor for its standard output; -1: /dev/null.
  int errors = -1; ///< Descriptor for its standard error; -1: /dev/null.
  int death_signal = SIGTERM;
};

/// Starts a child, to be reaped by the caller. Its standard input is empty. Call it from the thread
/// that lives as long as the process. Fails with `unavailable`.
expected<pid_t> start_child(const child_command& command);

/// What a child left behind that ran to its end.
struct child_outcome {
  int status = 0; ///< As `waitpid` tells it.
  std::string output;
  std::string errors;
};

/// Runs a child to its end and collects what it prints. Fails with `unavailable` if it takes longer
/// than the timeout or prints more than 256 MB, and kills it then. Blocks its thread.
expected<child_outcome> run_child(child_command command, milliseconds timeout);

/// Says how a child ended, given the status of `waitpid`: "exit code 1", "signal 9".
std::string describe_status(int status);

/// Returns the environment of this process.
std::map<std::string, std::string> environment_of_process();

} // namespace varia
