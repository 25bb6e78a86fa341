#include "api/server/server_session.hpp"

#include "api/refusals.hpp"
#include "core/text.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <exception>
#include <sstream>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace varia {

namespace {

// How long a client may go on sending what nobody wants any more, so that it gets to read why.
constexpr std::chrono::milliseconds linger_time{2000};

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

http_response refuse_for_now(const std::string& why) {
  auto result = refuse(503, "service_unavailable", why);
  result.headers.emplace_back("retry-after", "1");
  return result;
}

} // namespace

// The steps of a connection follow one another through the event loop, not on the stack.
// NOLINTBEGIN(misc-no-recursion)

server_session::server_session(std::shared_ptr<server_core> core,
                               boost::asio::ip::tcp::socket socket)
  : core_{std::move(core)}, socket_{std::move(socket)} {
  error_code fault;
  auto peer = socket_.socket().remote_endpoint(fault);
  if (!fault)
    peer_ = peer.address().to_string();
}

void server_session::read_header() {
  parser_.emplace();
  parser_->header_limit(core_->config.header_bytes_max);
  parser_->body_limit(core_->config.body_bytes_max);
  idle_ = true;
  socket_.expires_after(core_->config.idle_timeout);
  http::async_read_header(
    socket_, buffer_, *parser_,
    [self = shared_from_this()](error_code fault, size_t) { self->on_header(fault); });
}

void server_session::drain() {
  if (stream_)
    stream_->drain();
  else if (idle_)
    socket_.close();
}

void server_session::on_header(error_code fault) {
  if (fault)
    return refuse_reading(fault);
  idle_ = false;
  socket_.expires_after(core_->config.request_timeout);
  if (!beast::iequals(parser_->get()[http::field::expect], "100-continue"))
    return read_body();
  auto go_on = std::make_shared<http::response<http::empty_body>>(http::status::continue_, 11);
  http::async_write(socket_, *go_on,
                    [self = shared_from_this(), go_on](error_code write_fault, size_t) {
                      return write_fault ? self->finish() : self->read_body();
                    });
}

void server_session::read_body() {
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](error_code fault, size_t) {
                     return fault ? self->refuse_reading(fault) : self->answer();
                   });
}

// Tells a client that still listens what was wrong with its request; then the connection ends.
void server_session::refuse_reading(error_code fault) {
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

void server_session::answer() {
  auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  is_head_ = message.method() == http::verb::head;
  auto request = request_of(message);
  if (!request)
    return send(refuse(400, "invalid_request", detail_of(request.error())));
  request->is_head = is_head_;
  request->peer = peer_;
  if (is_head_)
    request->method = "GET";
  if (core_->queued.load() >= core_->config.queued_max + core_->config.threads)
    return send(refuse_for_now("Too many requests wait already. Try again."));
  socket_.expires_never();
  call_handler(std::move(*request));
}

void server_session::call_handler(http_request request) {
  ++core_->queued;
  asio::post(core_->pool, [self = shared_from_this(), request = std::move(request)]() mutable {
    http_response response;
    try {
      response = self->core_->handler(std::move(request));
    } catch (const std::exception& why) {
      response = refuse_fault(why.what());
    }
    --self->core_->queued;
    if (response.deferred)
      return defer(std::move(self), std::move(response.deferred));
    auto& network = self->core_->network;
    asio::post(network, [self = std::move(self), response = std::move(response)]() mutable {
      self->send(std::move(response));
    });
  });
}

// The session knows of the answer before it can be given.
void server_session::defer(const std::shared_ptr<server_session>& self,
                           const std::shared_ptr<deferred_answer>& answer) {
  auto& network = self->core_->network;
  asio::post(network, [self, answer] { self->await(answer); });
  // The server has the session as long as it waits.
  auto give = [weak = self->weak_from_this()](http_response response) {
    auto session = weak.lock();
    if (!session)
      return;
    auto& loop = session->core_->network;
    asio::post(loop, [session = std::move(session), response = std::move(response)]() mutable {
      session->on_given(std::move(response));
    });
  };
  try {
    answer->begin(give);
  } catch (const std::exception& why) {
    give(refuse_fault(why.what()));
  }
}

// Meanwhile the client has nothing to say; what makes its socket readable is the end of it.
void server_session::await(std::shared_ptr<deferred_answer> answer) {
  deferred_ = std::move(answer);
  socket_.socket().async_wait(
    asio::socket_base::wait_read, [self = shared_from_this()](error_code fault) {
      error_code ignored;
      if (self->deferred_ && !fault && self->socket_.socket().available(ignored) == 0)
        self->deferred_->abandon();
    });
}

void server_session::on_given(http_response response) {
  // One that throws in `begin` may have given its answer before.
  if (!std::exchange(deferred_, nullptr))
    return;
  error_code ignored;
  socket_.socket().cancel(ignored);
  send(std::move(response));
}

void server_session::close() {
  if (deferred_)
    deferred_->abandon();
  socket_.close();
}

void server_session::send(http_response response) {
  idle_ = false;
  keep_alive_ = keep_alive_ && !core_->stopping;
  auto may_have_body = response.status != 204 && response.status != 304;
  if (response.stream && may_have_body && !is_head_)
    return send_stream(std::move(response));
  socket_.expires_after(core_->config.request_timeout);
  auto sent = [self = shared_from_this()](error_code fault, size_t) { self->on_sent(fault); };
  if (is_head_ || !may_have_body) {
    fill(bare_response_, response, keep_alive_);
    if (response.stream)
      core_->destroy(std::move(response.stream));
    else if (may_have_body)
      bare_response_.content_length(response.body.size());
    return http::async_write(socket_, bare_response_, std::move(sent));
  }
  fill(response_, response, keep_alive_);
  response_.body() = std::move(response.body);
  response_.prepare_payload();
  http::async_write(socket_, response_, std::move(sent));
}

void server_session::send_stream(http_response response) {
  if (core_->streams >= core_->config.streams_max) {
    core_->destroy(std::move(response.stream));
    return send(refuse_for_now("Too many streams are open already. Try again."));
  }
  bare_response head;
  fill(head, response, false);
  auto is_chunked = parser_->get().version() >= 11;
  head.chunked(is_chunked);
  std::ostringstream text;
  text << head.base();
  stream_ = std::make_shared<server_stream>(core_, socket_, std::move(response.stream), is_chunked,
                                            [self = shared_from_this()] { self->finish(); });
  stream_->start(text.str());
  // A client that has said more already wants something else than to listen.
  if (core_->stopping || buffer_.size() > 0)
    stream_->drain();
}

void server_session::on_sent(error_code fault) {
  response_ = {};
  if (fault)
    return finish();
  if (keep_alive_ && !core_->stopping)
    return read_header();
  error_code ignored;
  socket_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  if (!refused_ || core_->stopping)
    return finish();
  socket_.expires_after(linger_time);
  linger();
}

// Closing a socket with unread data would take the answer away from the client.
void server_session::linger() {
  socket_.async_read_some(asio::buffer(scratch_),
                          [self = shared_from_this()](error_code fault, size_t) {
                            return fault ? self->finish() : self->linger();
                          });
}

// NOLINTEND(misc-no-recursion)

void server_session::finish() {
  stream_.reset();
  socket_.close();
  core_->end(shared_from_this());
}

} // namespace varia
