#pragma once

#include "api/server/server_core.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace varia {

/// An answer that is a stream: has it asked on handler threads, writes what it gives, and watches
/// whether the client is still there. Lives on the network thread.
class server_stream : public std::enable_shared_from_this<server_stream> {
public:
  /// Calls `on_end` once, when it has closed `socket` and does nothing with it any more. Without
  /// `is_chunked` the end of the connection is the end of the body.
  server_stream(std::shared_ptr<server_core> core, boost::beast::tcp_stream& socket,
                std::shared_ptr<body_stream> stream, bool is_chunked, std::function<void()> on_end);

  /// Sends `head`, which is the status line and the headers, and then what the stream gives.
  void start(std::string head);

  /// Ends the stream after what is being written.
  void drain();

private:
  using error_code = boost::beast::error_code;
  using clock = std::chrono::steady_clock;
  struct bell;

  void set_limits();
  void watch();
  void go_on();
  void ask();
  std::optional<next_chunk> ask_here();
  void on_chunk(std::optional<next_chunk> chunk);
  void on_wake();
  void wait();
  void write_chunk(const std::string& bytes);
  template <class Buffers>
  void write(const Buffers& buffers); // NOLINT(misc-no-recursion)
  void on_written(error_code fault);
  void end_body();
  void close();
  void end_if_unused();

  std::shared_ptr<server_core> core_;
  boost::beast::tcp_stream& socket_;
  std::shared_ptr<body_stream> stream_; // The handler thread's while `asking_`.
  std::function<void()> on_end_;
  std::shared_ptr<bell> bell_;
  std::string heartbeat_;
  std::string bytes_; // What is being written.
  boost::asio::steady_timer timer_;
  clock::time_point quiet_until_; // When the heart is to beat.
  clock::time_point ends_at_;
  char said_ = 0; // What the client says now only shows that it is done with the stream.
  bool is_chunked_;
  bool introduced_ = false; // The stream knows how to wake us.
  bool wanted_ = true;      // The stream is to be asked.
  bool asking_ = false;
  bool writing_ = false;
  bool watching_ = false;
  bool over_ = false;   // Nothing more is wanted of the stream.
  bool ending_ = false; // The end of the body is on its way.
  bool closed_ = false;
};

} // namespace varia
