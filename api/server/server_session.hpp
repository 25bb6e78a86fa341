#pragma once

#include "api/server/server_core.hpp"
#include "api/server/server_stream.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/optional.hpp>

#include <array>
#include <memory>
#include <string>
#include <utility>

namespace varia {

/// One connection: reads a request, has it answered, writes the answer, and so on. Lives on the
/// network thread.
class server_session : public std::enable_shared_from_this<server_session> {
public:
  server_session(std::shared_ptr<server_core> core, boost::asio::ip::tcp::socket socket);

  void read_header();

  /// Ends the connection: at once if no request is in work, else with its answer; a stream ends.
  void drain();

  /// Ends the connection, whatever it is doing.
  void close();

private:
  using error_code = boost::beast::error_code;
  using full_response = boost::beast::http::response<boost::beast::http::string_body>;
  using bare_response = boost::beast::http::response<boost::beast::http::empty_body>;
  using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void on_header(error_code fault);
  void read_body();
  void refuse_reading(error_code fault);
  void answer();
  void call_handler(http_request request);
  static void defer(const std::shared_ptr<server_session>& self,
                    const std::shared_ptr<deferred_answer>& answer);
  void await(std::shared_ptr<deferred_answer> answer);
  void on_given(http_response response);
  void send(http_response response);
  void send_stream(http_response response);
  void on_sent(error_code fault);
  void linger();
  void finish();

  std::shared_ptr<server_core> core_;
  boost::beast::tcp_stream socket_;
  boost::beast::flat_buffer buffer_;
  boost::optional<request_parser> parser_;
  full_response response_;
  bare_response bare_response_; // To HEAD, and with status 204.
  std::shared_ptr<server_stream> stream_;
  std::shared_ptr<deferred_answer> deferred_; // While it is waited for.
  std::array<char, size_t{16} * 1024> scratch_;
  std::string peer_; // The address of the client; empty if it is gone already.
  bool idle_ = true;
  bool keep_alive_ = false;
  bool is_head_ = false;
  bool refused_ = false; // What the client sends from now on is not read any more.
};

} // namespace varia
