#include "api/server/server_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace varia {

namespace {

// Otherwise the kernel takes megabytes for a client that does not read, and it takes as long until
// one that reads slowly shows as progress.
constexpr int send_buffer_bytes = 256 * 1024;

// What is handed to the kernel at once.
constexpr size_t write_bytes_max = size_t{64} * 1024;

} // namespace

// All that a wake holds on to, so that a late one keeps nothing of the server alive.
struct server_stream::bell {
  std::mutex mutex;
  asio::io_context* network; // Null when the stream has ended.
  std::weak_ptr<server_stream> stream;
  bool rung = false; // Word is on its way; more of it would only fill the queue.

  bell(asio::io_context& n, std::weak_ptr<server_stream> s) : network{&n}, stream{std::move(s)} {}

  void ring() {
    std::lock_guard guard{mutex};
    if (network == nullptr || rung)
      return;
    rung = true;
    asio::post(*network, [weak = stream] {
      if (auto self = weak.lock())
        self->on_wake();
    });
  }

  void reset() {
    std::lock_guard guard{mutex};
    rung = false;
  }

  void remove() {
    std::lock_guard guard{mutex};
    network = nullptr;
  }
};

server_stream::server_stream(std::shared_ptr<server_core> core, boost::beast::tcp_stream& socket,
                             std::shared_ptr<body_stream> stream, bool is_chunked,
                             std::function<void()> on_end)
  : core_{std::move(core)}, socket_{socket}, stream_{std::move(stream)}, on_end_{std::move(on_end)},
    timer_{core_->network}, ends_at_{clock::now() + core_->config.stream_lifetime}, is_chunked_{
                                                                                      is_chunked} {
  ++core_->streams;
}

void server_stream::start(std::string head) {
  bell_ = std::make_shared<bell>(core_->network, weak_from_this());
  set_limits();
  watch();
  bytes_ = std::move(head);
  write(asio::buffer(bytes_));
}

void server_stream::set_limits() {
  error_code ignored;
  socket_.socket().set_option(asio::socket_base::send_buffer_size{send_buffer_bytes}, ignored);
  // A client that vanished without a word shows in that nobody acknowledges the heartbeat.
  auto timeout = static_cast<unsigned>(core_->config.request_timeout.count());
  setsockopt(socket_.socket().native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout,
             sizeof timeout);
}

void server_stream::watch() {
  watching_ = true;
  socket_.expires_never();
  socket_.async_read_some(asio::buffer(&said_, 1), [self = shared_from_this()](error_code, size_t) {
    self->watching_ = false;
    self->close();
  });
}

void server_stream::drain() {
  over_ = true;
  if (!closed_ && !writing_)
    end_body();
}

// The steps below follow one another through the event loop, not on the stack.
// NOLINTBEGIN(misc-no-recursion)

// Decides what is next when nothing is being asked or written.
void server_stream::go_on() {
  if (over_ || clock::now() >= ends_at_)
    return end_body();
  return wanted_ ? ask() : wait();
}

void server_stream::ask() {
  wanted_ = false;
  asking_ = true;
  asio::post(core_->pool, [self = shared_from_this()]() mutable {
    auto chunk = self->ask_here();
    auto& network = self->core_->network;
    asio::post(network, [self = std::move(self), chunk = std::move(chunk)]() mutable {
      self->on_chunk(std::move(chunk));
    });
  });
}

// On a handler thread.
std::optional<next_chunk> server_stream::ask_here() {
  try {
    if (!introduced_) {
      introduced_ = true;
      heartbeat_ = stream_->heartbeat();
      stream_->on_ready([weak = std::weak_ptr<bell>{bell_}] {
        if (auto found = weak.lock())
          found->ring();
      });
    }
    return stream_->next();
  } catch (const std::exception& why) {
    spdlog::error("a stream broke off: {}", why.what());
    return std::nullopt;
  }
}

void server_stream::on_chunk(std::optional<next_chunk> chunk) {
  asking_ = false;
  if (closed_)
    return end_if_unused();
  if (ending_)
    return;
  if (!chunk)
    return close();
  over_ = over_ || chunk->is_over;
  if (!chunk->bytes.empty()) {
    wanted_ = true;
    bytes_ = std::move(chunk->bytes);
    return write_chunk(bytes_);
  }
  if (over_ || clock::now() < quiet_until_)
    return go_on();
  quiet_until_ = clock::now() + core_->config.heartbeat;
  return heartbeat_.empty() ? go_on() : write_chunk(heartbeat_);
}

void server_stream::on_wake() {
  bell_->reset();
  wanted_ = true;
  if (!closed_ && !asking_ && !writing_)
    go_on();
}

void server_stream::wait() {
  timer_.expires_at(std::min(quiet_until_, ends_at_));
  timer_.async_wait([self = shared_from_this()](error_code fault) {
    if (fault || self->closed_ || self->asking_ || self->writing_)
      return;
    self->wanted_ = true;
    self->go_on();
  });
}

void server_stream::write_chunk(const std::string& bytes) {
  if (is_chunked_)
    write(http::make_chunk(asio::buffer(bytes)));
  else
    write(asio::buffer(bytes));
}

template <class Buffers>
void server_stream::write(const Buffers& buffers) {
  writing_ = true;
  auto go_on_writing = [self = shared_from_this()](error_code fault, size_t) -> size_t {
    if (fault)
      return 0;
    self->socket_.expires_after(self->core_->config.request_timeout);
    return write_bytes_max;
  };
  asio::async_write(
    socket_, buffers, std::move(go_on_writing),
    [self = shared_from_this()](error_code fault, size_t) { self->on_written(fault); });
}

void server_stream::on_written(error_code fault) {
  writing_ = false;
  if (closed_)
    return end_if_unused();
  if (fault || ending_)
    return close();
  quiet_until_ = clock::now() + core_->config.heartbeat;
  go_on();
}

void server_stream::end_body() {
  ending_ = true;
  if (is_chunked_)
    write(http::make_chunk_last());
  else
    close();
}

// NOLINTEND(misc-no-recursion)

void server_stream::close() {
  closed_ = true;
  bell_->remove();
  timer_.cancel();
  socket_.close();
  end_if_unused();
}

void server_stream::end_if_unused() {
  if (asking_)
    return;
  if (stream_)
    core_->destroy(std::move(stream_));
  if (watching_ || writing_)
    return;
  --core_->streams;
  std::exchange(on_end_, nullptr)();
}

} // namespace varia
