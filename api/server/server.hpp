#pragma once

#include "api/http.hpp"
#include "core/error.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace varia {

/// Where a server listens and what it puts up with.
struct server_config {
  std::string host = "127.0.0.1";
  uint16_t port = 3003; ///< 0: any free one.
  size_t threads = 8;   ///< Requests answered at once.
  uint64_t body_bytes_max = uint64_t{75} * 1024 * 1024;
  uint32_t header_bytes_max = 64 * 1024;
  size_t connections_max = 4096; ///< Further ones wait in the kernel until one ends.
  size_t queued_max = 1024;      ///< Requests that wait for a thread; further ones get a 503.
  std::chrono::milliseconds request_timeout{30'000}; ///< For a body to come, or an answer to go.
  std::chrono::milliseconds idle_timeout{61'000};    ///< For the next request to come.
  std::chrono::milliseconds stop_deadline{5'000};    ///< For requests in work when it stops.
  size_t streams_max = 256;                          ///< Streams at once; further ones get a 503.
  std::chrono::milliseconds heartbeat{15'000};       ///< Silence in a stream after which it beats.
  /// A stream ends after it, so that clients come back and may be served by somebody else.
  std::chrono::milliseconds stream_lifetime{3'600'000};
};

/// An HTTP/1.1 server. One thread does all of the network; `threads` others call the handler,
/// which may block. An answer that is deferred or a stream takes none of them while it waits; the
/// connection ends with it, or as soon as the client says anything, leaves, or takes nothing for
/// `request_timeout`. Nothing but the sources of the server knows the library behind it.
class http_server {
public:
  using request_handler = std::function<http_response(http_request)>;

  http_server(server_config config, request_handler handler);
  ~http_server();

  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Starts to listen and returns the port. Fails with `unavailable` if the address is taken and
  /// with `invalid` if it is none.
  expected<uint16_t> start();

  /// Takes no new connections, ends streams, lets requests in work be answered for
  /// `stop_deadline`, then closes what is left, and returns when no handler runs and no stream is
  /// left any more. May be called again.
  void stop();

private:
  struct state;

  std::unique_ptr<state> state_;
};

} // namespace varia
