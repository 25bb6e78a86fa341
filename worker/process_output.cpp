#include "worker/process_output.hpp"

#include <boost/asio/buffer.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace varia {

namespace {

using boost::system::error_code;

constexpr size_t line_max = 1000;
constexpr uint64_t lines_max = 20;
constexpr auto last_words_max = size_t{8} * 1024;
constexpr auto drained_max = 64; // Reads; something may still be writing.

} // namespace

process_output::process_output(boost::asio::io_context& loop, int file, pid_t pid)
  : file_{loop, file}, pid_{pid} {}

void process_output::read() {
  file_.async_read_some(boost::asio::buffer(bytes_),
                        [self = shared_from_this()](error_code why, size_t n) {
                          self->take({self->bytes_.data(), n});
                          if (!why)
                            self->read();
                        });
}

void process_output::drain() {
  error_code why;
  file_.cancel(why);
  file_.non_blocking(true, why);
  for (auto i = 0; i < drained_max && !why; ++i) {
    auto count = file_.read_some(boost::asio::buffer(bytes_), why);
    take({bytes_.data(), count});
  }
  end_line();
}

void process_output::close() {
  error_code ignored;
  file_.close(ignored);
}

void process_output::take(std::string_view bytes) {
  last_words_ += bytes;
  if (last_words_.size() > last_words_max)
    last_words_.erase(0, last_words_.size() - last_words_max);
  for (auto c : bytes) {
    if (c == '\n')
      end_line();
    else if (line_.size() < line_max)
      line_ += c;
  }
}

void process_output::end_line() {
  if (line_.find("out of memory") != std::string::npos)
    is_out_of_memory_ = true;
  if (line_.empty())
    return;
  if (lines_++ < lines_max)
    spdlog::warn("script process {}: {}", pid_, line_);
  last_line_ = std::exchange(line_, {});
}

} // namespace varia
