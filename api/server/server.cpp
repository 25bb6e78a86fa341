#include "api/server/server.hpp"

#include "api/server/server_core.hpp"
#include "api/server/server_session.hpp"

#include <boost/asio/post.hpp>

#include <thread>
#include <utility>

namespace asio = boost::asio;

namespace varia {

namespace {

// After an accept that failed for want of descriptors, trying again at once would only spin.
constexpr std::chrono::milliseconds accept_pause{100};

} // namespace

expected<uint16_t> server_core::listen() {
  error_code fault;
  auto address
    = asio::ip::make_address(config.host == "localhost" ? "127.0.0.1" : config.host, fault);
  if (fault)
    return fail(errc::invalid, "not an IP address: " + config.host);
  tcp::endpoint where{address, config.port};
  acceptor.open(where.protocol(), fault);
  if (!fault)
    acceptor.set_option(tcp::acceptor::reuse_address{true}, fault);
  if (!fault)
    acceptor.bind(where, fault);
  if (!fault)
    acceptor.listen(asio::socket_base::max_listen_connections, fault);
  if (fault)
    return fail(errc::unavailable, "cannot listen on " + config.host + ":"
                                     + std::to_string(config.port) + ": " + fault.message());
  return acceptor.local_endpoint().port();
}

void server_core::accept() {
  if (accepting || stopping || sessions.size() >= config.connections_max)
    return;
  accepting = true;
  acceptor.async_accept([self = shared_from_this()](error_code fault, tcp::socket socket) {
    self->on_accept(fault, std::move(socket));
  });
}

void server_core::on_accept(error_code fault, tcp::socket socket) {
  accepting = false;
  if (stopping)
    return;
  if (fault) {
    pause.expires_after(accept_pause);
    return pause.async_wait([self = shared_from_this()](error_code) { self->accept(); });
  }
  error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  auto begun = std::make_shared<server_session>(shared_from_this(), std::move(socket));
  sessions.insert(begun);
  begun->read_header();
  accept();
}

void server_core::end(const std::shared_ptr<server_session>& gone) {
  sessions.erase(gone);
  finish_if_empty();
  accept();
}

void server_core::destroy(std::shared_ptr<body_stream> stream) {
  asio::post(pool, [gone = std::move(stream)]() mutable { gone.reset(); });
}

void server_core::drain() {
  stopping = true;
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  for (auto& each : sessions)
    each->drain();
  deadline.expires_after(config.stop_deadline);
  deadline.async_wait([self = shared_from_this()](error_code fault) {
    if (fault != asio::error::operation_aborted)
      for (auto& each : self->sessions)
        each->close();
  });
  finish_if_empty();
}

void server_core::finish_if_empty() {
  if (!stopping || !sessions.empty())
    return;
  deadline.cancel();
  work.reset();
}

struct http_server::state {
  std::shared_ptr<server_core> core;
  std::thread thread;
};

http_server::http_server(server_config config, request_handler handler)
  : state_{std::make_unique<state>()} {
  state_->core = std::make_shared<server_core>(std::move(config), std::move(handler));
}

http_server::~http_server() {
  stop();
}

expected<uint16_t> http_server::start() {
  auto& core = *state_->core;
  auto port = core.listen();
  if (!port)
    return port;
  core.accept();
  state_->thread = std::thread{[core = state_->core] { core->network.run(); }};
  return port;
}

void http_server::stop() {
  auto& core = state_->core;
  if (state_->thread.joinable()) {
    asio::post(core->network, [core] { core->drain(); });
    state_->thread.join();
  }
  core->pool.join();
}

} // namespace varia
