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
  uint64_t body_bytes_max = 75 * 1024 * 1024;
  uint32_t header_bytes_max = 64 * 1024;
  size_t connections_max = 4096; ///< Further ones wait in the kernel until one ends.
  size_t queued_max = 1024;      ///< Requests that wait for a thread; further ones get a 503.
  std::chrono::milliseconds request_timeout{30'000}; ///< For a body to come, or an answer to go.
  std::chrono::milliseconds idle_timeout{61'000};    ///< For the next request to come.
  std::chrono::milliseconds stop_deadline{5'000};    ///< For requests in work when it stops.
};

/// An HTTP/1.1 server. One thread does all of the network; `threads` others call the handler,
/// which may block. Nothing but server.cpp knows the library behind it.
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

  /// Takes no new connections, lets requests in work be answered for `stop_deadline`, then closes
  /// what is left, and returns when no handler runs any more. May be called again.
  void stop();

private:
  struct state;

  std::unique_ptr<state> state_;
};

} // namespace varia
