// The floor under the API: a bare Beast handler that reads a request and answers two words. Prints
// its port, and serves until its standard input ends.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <iostream>
#include <memory>

#include <unistd.h>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

namespace {

class session : public std::enable_shared_from_this<session> {
public:
  explicit session(tcp::socket socket) : stream_{std::move(socket)} {}

  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](boost::beast::error_code fault, size_t) {
                       if (!fault)
                         self->answer();
                     });
  }

private:
  void answer() {
    response_ = {http::status::ok, 11};
    response_.set(http::field::content_type, "application/json; charset=utf-8");
    response_.keep_alive(true);
    response_.body() = R"({"success":true})";
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](boost::beast::error_code fault, size_t) {
                        if (!fault)
                          self->read();
                      });
  }

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void accept(tcp::acceptor& door) {
  door.async_accept([&door](boost::beast::error_code fault, tcp::socket socket) {
    if (fault)
      return;
    socket.set_option(tcp::no_delay{true});
    std::make_shared<session>(std::move(socket))->read();
    accept(door);
  });
}

} // namespace

int main() {
  asio::io_context network{1};
  tcp::acceptor door{network, {asio::ip::address_v4::loopback(), 0}};
  accept(door);
  std::cout << door.local_endpoint().port() << std::endl;
  asio::posix::stream_descriptor input{network, ::dup(STDIN_FILENO)};
  std::array<char, 1> byte{};
  input.async_read_some(asio::buffer(byte),
                        [&](boost::beast::error_code, size_t) { network.stop(); });
  network.run();
}
