#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <thread>

namespace varia::test {

/// An HTTP server that gives one fixed answer to one request and keeps the head of the request.
class one_answer_server {
public:
  one_answer_server(const std::string& status, const std::string& body)
    : thread_{[this, status, body] {
        boost::asio::ip::tcp::socket socket{context_};
        acceptor_.accept(socket);
        boost::asio::streambuf buffer;
        boost::asio::read_until(socket, buffer, "\r\n\r\n");
        head_.assign(boost::asio::buffers_begin(buffer.data()),
                     boost::asio::buffers_end(buffer.data()));
        auto answer = "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: "
                      + std::to_string(body.size()) + "\r\n\r\n" + body;
        boost::system::error_code ignored;
        boost::asio::write(socket, boost::asio::buffer(answer), ignored);
        // A socket closed with bytes unread would take the answer back.
        socket.shutdown(socket.shutdown_send, ignored);
        boost::asio::read(socket, buffer, ignored);
      }} {}

  ~one_answer_server() {
    if (thread_.joinable())
      thread_.join();
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

  std::string head() {
    thread_.join();
    return head_;
  }

private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  std::string head_;
  std::thread thread_;
};

} // namespace varia::test
