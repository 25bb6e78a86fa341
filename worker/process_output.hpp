#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace varia {

/// What a script process writes to standard output and error: lines for the worker's log, not too
/// many, and the last of it for the story of its end. Belongs to the loop's thread; keeps itself
/// alive while it reads.
class process_output : public std::enable_shared_from_this<process_output> {
public:
  process_output(boost::asio::io_context& loop, int file, pid_t pid);

  /// Reads until the other side closes.
  void read();

  /// Reads what has been written until now. For when the process has ended.
  void drain();

  void close();

  /// Lets another few lines pass into the log; to be called now and then.
  void allow_lines() { lines_ = 0; }

  /// True if Node said that it has no more memory.
  bool is_out_of_memory() const { return is_out_of_memory_; }

  /// The last 8 KiB.
  const std::string& last_words() const { return last_words_; }

  /// The last line that was not empty.
  const std::string& last_line() const { return last_line_; }

private:
  void take(std::string_view bytes);
  void end_line();

  boost::asio::posix::stream_descriptor file_;
  pid_t pid_;
  std::array<char, 4096> bytes_{};
  std::string line_;
  uint64_t lines_ = 0; ///< Logged since more were allowed.
  std::string last_words_;
  std::string last_line_;
  bool is_out_of_memory_ = false;
};

} // namespace varia
