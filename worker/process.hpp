#pragma once

#include "core/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace varia {

/// A child process that talks to us over one socket, which is its file 3. It gets no environment,
/// no input, no other open file and a session of its own, and it dies with the thread that
/// started it (Linux ties the signal of a parent's death to the thread, so start children from one
/// that lives as long as they should). Whatever it writes to standard output or error comes out of
/// one pipe. Belongs to one thread.
class child_process {
public:
  /// Starts `words[0]`, an absolute path, with the rest as its arguments. A program that cannot be
  /// executed shows as a child that ends with status 127. Fails with `unavailable` if the system
  /// gives no process or no file.
  static expected<child_process> start(const std::vector<std::string>& words);

  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;

  /// Kills what is left of the process group and waits for the child.
  ~child_process();

  pid_t pid() const { return pid_; }

  /// Hands over the socket and the pipe; the caller closes them.
  int take_socket();
  int take_output();

  /// Ends the child's process group at once. Nothing happens if the child has been reaped.
  void kill();

  /// What the child and its descendants use; 0 of what cannot be seen.
  struct usage {
    uint64_t resident_bytes = 0;
    std::chrono::milliseconds processor_time{0}; ///< Since they began.
  };

  usage look() const;

  /// Returns how the child ended, in words, as soon as it did. Never waits.
  std::optional<std::string> ended();

private:
  child_process() = default;
  pid_t pid_ = -1;
  int socket_ = -1;
  int output_ = -1;
  bool reaped_ = false;
  std::string end_;
};

} // namespace varia
