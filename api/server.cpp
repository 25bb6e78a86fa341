#include "api/server.hpp"

#include "api/refusals.hpp"
#include "core/text.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/optional.hpp>

#include <array>
#include <atomic>
#include <exception>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace varia {

namespace {

using tcp = asio::ip::tcp;
using error_code = beast::error_code;

// After an accept that failed for want of descriptors, trying again at once would only spin.
constexpr std::chrono::milliseconds accept_pause{100};

// How long a client may go on sending what nobody wants any more, so that it gets to read why.
constexpr std::chrono::milliseconds linger_time{2000};

class session;

// Everything but `config`, `handler`, `pool` and `queued` belongs to the network thread.
struct server_core : std::enable_shared_from_this<server_core> {
  server_core(server_config c, http_server::request_handler h)
    : config{std::move(c)}, handler{std::move(h)}, pool{config.threads} {}

  expected<uint16_t> listen();
  void accept();
  void on_accept(error_code fault, tcp::socket socket);
  void end(const std::shared_ptr<session>& gone);
  void drain();
  void finish_if_empty();

  server_config config;
  http_server::request_handler handler;
  asio::thread_pool pool;
  std::atomic<size_t> queued{0};
  asio::io_context network{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work{
    asio::make_work_guard(network)};
  tcp::acceptor acceptor{network};
  asio::steady_timer pause{network};
  asio::steady_timer deadline{network};
  std::set<std::shared_ptr<session>> sessions;
  bool accepting = false;
  bool stopping = false;
};

// One connection: reads a request, has it answered, writes the answer, and so on.
class session : public std::enable_shared_from_this<session> {
public:
  session(std::shared_ptr<server_core> core, tcp::socket socket)
    : core_{std::move(core)}, stream_{std::move(socket)} {}

  void read_header();

  /// Ends the connection: at once if no request is in work, else with its answer.
  void drain() {
    if (idle_)
      stream_.close();
  }

  void close() { stream_.close(); }

private:
  void on_header(error_code fault);
  void read_body();
  void refuse_reading(error_code fault);
  void answer();
  void call_handler(http_request request);
  void send(http_response response);
  void on_sent(error_code fault);
  void linger();

  void finish() {
    stream_.close();
    core_->end(shared_from_this());
  }

  std::shared_ptr<server_core> core_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  boost::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  http::response<http::empty_body> bare_response_; // To HEAD, and with status 204.
  std::array<char, 16 * 1024> scratch_;
  bool idle_ = true;
  bool keep_alive_ = false;
  bool is_head_ = false;
  bool refused_ = false; // What the client sends from now on is not read any more.
};

void session::read_header() {
  parser_.emplace();
  parser_->header_limit(core_->config.header_bytes_max);
  parser_->body_limit(core_->config.body_bytes_max);
  idle_ = true;
  stream_.expires_after(core_->config.idle_timeout);
  http::async_read_header(
    stream_, buffer_, *parser_,
    [self = shared_from_this()](error_code fault, size_t) { self->on_header(fault); });
}

void session::on_header(error_code fault) {
  if (fault)
    return refuse_reading(fault);
  idle_ = false;
  stream_.expires_after(core_->config.request_timeout);
  if (!beast::iequals(parser_->get()[http::field::expect], "100-continue"))
    return read_body();
  auto go_on = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
  http::async_write(stream_, *go_on,
                    [self = shared_from_this(), go_on](error_code write_fault, size_t) {
                      return write_fault ? self->finish() : self->read_body();
                    });
}

void session::read_body() {
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](error_code fault, size_t) {
                     return fault ? self->refuse_reading(fault) : self->answer();
                   });
}

// Tells a client that still listens what was wrong with its request; then the connection ends.
void session::refuse_reading(error_code fault) {
  keep_alive_ = false;
  is_head_ = false;
  refused_ = true;
  if (fault == http::error::body_limit)
    return send(refuse(413, "request_too_large", "The body is too large"));
  if (fault == http::error::header_limit || fault == http::error::buffer_overflow)
    return send(refuse(431, "header_too_large", "The header is too large"));
  auto& syntax = http::make_error_code(http::error::bad_method).category();
  if (fault.category() == syntax && fault != http::error::end_of_stream
      && fault != http::error::partial_message)
    return send(refuse(400, "invalid_request", "This is not an HTTP request"));
  finish();
}

expected<http_request> request_of(http::request<http::string_body>& message) {
  auto result = parse_target({message.target().data(), message.target().size()});
  if (!result)
    return result;
  result->method = std::string{message.method_string()};
  for (auto& field : message) {
    auto& value = result->headers[to_lower(std::string{field.name_string()})];
    value += (value.empty() ? "" : ", ") + std::string{field.value()};
  }
  result->body = std::move(message.body());
  return result;
}

void session::answer() {
  auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  is_head_ = message.method() == http::verb::head;
  auto request = request_of(message);
  if (!request)
    return send(refuse(400, "invalid_request", detail_of(request.error())));
  if (is_head_)
    request->method = "GET";
  if (core_->queued.load() >= core_->config.queued_max + core_->config.threads) {
    auto busy = refuse(503, "service_unavailable", "Too many requests wait already. Try again.");
    busy.headers.emplace_back("retry-after", "1");
    return send(std::move(busy));
  }
  stream_.expires_never();
  call_handler(std::move(*request));
}

void session::call_handler(http_request request) {
  ++core_->queued;
  asio::post(core_->pool, [self = shared_from_this(), request = std::move(request)]() mutable {
    http_response response;
    try {
      response = self->core_->handler(std::move(request));
    } catch (const std::exception& why) {
      response = refuse_fault(why.what());
    }
    --self->core_->queued;
    auto& network = self->core_->network;
    asio::post(network, [self = std::move(self), response = std::move(response)]() mutable {
      self->send(std::move(response));
    });
  });
}

template <class Message>
void fill(Message& message, const http_response& response, bool keep_alive) {
  message = {};
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  for (auto& [name, value] : response.headers)
    message.insert(name, value);
  if (!response.content_type.empty())
    message.set(http::field::content_type, response.content_type);
  message.keep_alive(keep_alive);
}

void session::send(http_response response) {
  idle_ = false;
  keep_alive_ = keep_alive_ && !core_->stopping;
  stream_.expires_after(core_->config.request_timeout);
  auto sent = [self = shared_from_this()](error_code fault, size_t) { self->on_sent(fault); };
  auto may_have_body = response.status != 204 && response.status != 304;
  if (is_head_ || !may_have_body) {
    fill(bare_response_, response, keep_alive_);
    if (may_have_body)
      bare_response_.content_length(response.body.size());
    return http::async_write(stream_, bare_response_, std::move(sent));
  }
  fill(response_, response, keep_alive_);
  response_.body() = std::move(response.body);
  response_.prepare_payload();
  http::async_write(stream_, response_, std::move(sent));
}

void session::on_sent(error_code fault) {
  response_ = {};
  if (fault)
    return finish();
  if (keep_alive_ && !core_->stopping)
    return read_header();
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  if (!refused_ || core_->stopping)
    return finish();
  stream_.expires_after(linger_time);
  linger();
}

// Closing a socket with unread data would take the answer away from the client.
void session::linger() {
  stream_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this()](error_code fault, size_t) {
                            return fault ? self->finish() : self->linger();
                          });
}

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
  auto begun = std::make_shared<session>(shared_from_this(), std::move(socket));
  sessions.insert(begun);
  begun->read_header();
  accept();
}

void server_core::end(const std::shared_ptr<session>& gone) {
  sessions.erase(gone);
  finish_if_empty();
  accept();
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

} // namespace

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
