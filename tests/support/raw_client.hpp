#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <string>

namespace varia::test {

/// An HTTP client that writes what it is told, byte for byte, and reads one answer after another.
class raw_client {
public:
  explicit raw_client(uint16_t port) : raw_client{port, 0} {}

  /// `receive_bytes`: how much the kernel takes for a client that does not read; 0: its default.
  raw_client(uint16_t port, int receive_bytes) {
    socket_.open(boost::asio::ip::tcp::v4());
    if (receive_bytes > 0)
      socket_.set_option(boost::asio::socket_base::receive_buffer_size{receive_bytes});
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }

  void send(const std::string& text) { boost::asio::write(socket_, boost::asio::buffer(text)); }

  /// The head of the next answer; empty when the server has closed the connection.
  std::string head() { return up_to("\r\n\r\n"); }

  std::string body(const std::string& of_head) {
    auto at = of_head.find("Content-Length: ");
    return at == std::string::npos ? "" : exactly(std::stoul(of_head.substr(at + 16)));
  }

  std::string ask(const std::string& text) {
    send(text);
    auto answer = head();
    return answer.substr(0, answer.find("\r\n")) + " " + body(answer);
  }

  /// The next chunk of a chunked body; empty at its end, nothing if the connection was cut off.
  std::optional<std::string> chunk() {
    auto line = up_to("\r\n");
    if (line.empty())
      return std::nullopt;
    auto bytes = exactly(std::stoul(line, nullptr, 16));
    if (exactly(2) != "\r\n")
      return std::nullopt;
    return bytes;
  }

  /// What is there, up to `size` bytes of it; empty when the server has closed the connection.
  std::string some(size_t size) {
    boost::system::error_code fault;
    std::string bytes(size, 0);
    bytes.resize(socket_.read_some(boost::asio::buffer(bytes), fault));
    return take(buffer_.size()) + bytes;
  }

  /// All that comes until the server closes the connection.
  std::string rest() {
    boost::system::error_code ignored;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(buffer_), ignored);
    return take(buffer_.size());
  }

private:
  std::string up_to(const char* mark) {
    boost::system::error_code fault;
    auto size = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(buffer_), mark, fault);
    return fault ? std::string{} : take(size);
  }

  // Empty if the connection ends before.
  std::string exactly(size_t size) {
    boost::system::error_code fault;
    if (buffer_.size() < size)
      boost::asio::read(socket_, boost::asio::dynamic_buffer(buffer_),
                        boost::asio::transfer_exactly(size - buffer_.size()), fault);
    return fault ? std::string{} : take(size);
  }

  std::string take(size_t size) {
    auto result = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return result;
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_{context_};
  std::string buffer_;
};

} // namespace varia::test
