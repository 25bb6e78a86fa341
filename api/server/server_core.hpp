#pragma once

#include "api/server/server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/error.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace varia {

class server_session;

/// What the connections of one server share. Everything but `config`, `handler`, `pool` and
/// `queued` belongs to the network thread.
struct server_core : std::enable_shared_from_this<server_core> {
  using error_code = boost::beast::error_code;
  using io_context = boost::asio::io_context;
  using tcp = boost::asio::ip::tcp;

  server_core(server_config c, http_server::request_handler h)
    : config{std::move(c)}, handler{std::move(h)}, pool{config.threads} {}

  expected<uint16_t> listen();
  void accept();
  void on_accept(error_code fault, tcp::socket socket);

  /// Forgets a connection, which makes room for another one.
  void end(const std::shared_ptr<server_session>& gone);

  /// Destroys a stream on a handler thread, because that may take a while.
  void destroy(std::shared_ptr<body_stream> stream);

  void drain();
  void finish_if_empty();

  server_config config;
  http_server::request_handler handler;
  boost::asio::thread_pool pool;
  std::atomic<size_t> queued{0};
  io_context network{1};
  std::optional<boost::asio::executor_work_guard<io_context::executor_type>> work{
    boost::asio::make_work_guard(network)};
  tcp::acceptor acceptor{network};
  boost::asio::steady_timer pause{network};
  boost::asio::steady_timer deadline{network};
  std::set<std::shared_ptr<server_session>> sessions;
  size_t streams = 0;
  bool accepting = false;
  bool stopping = false;
};

} // namespace varia
