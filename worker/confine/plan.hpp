#pragma once

#include <optional>
#include <vector>

#include <sys/resource.h>

namespace varia {

/// One file or folder of this machine that is seen inside, and where. Both paths are absolute.
struct inside_file {
  const char* source;
  const char* target;
};

/// What the command line asks for. The texts are those of `main`.
struct plan {
  bool in_namespaces = false; ///< Make namespaces and a root of our own first.
  bool with_init = false;     ///< Stay as the parent of the program, and reap.
  bool with_filter = false;   ///< Refuse the system calls that scripts have no use for.
  std::vector<inside_file> files;
  std::optional<rlim_t> data_bytes;
  std::optional<rlim_t> cpu_seconds;
  std::optional<rlim_t> threads;
  std::optional<rlim_t> open_files;
  char** command = nullptr; ///< The program, its arguments, and a null.
};

/// Reads the words of the command line; nothing if they make no sense.
std::optional<plan> read_plan(int argc, char** argv);

/// Says on standard error what did not work, with the reason that `errno` has, and ends the
/// process.
[[noreturn]] void give_up(const char* what);

} // namespace varia
