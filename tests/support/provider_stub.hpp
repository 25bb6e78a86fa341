#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace varia::test {

namespace http = boost::beast::http;

using stub_request = http::request<http::string_body>;
using stub_response = http::response<http::string_body>;

/// A provider's API on a free port of this machine: one thread per connection, one function for all
/// requests. Gone with the test.
class provider_stub {
public:
  using answerer = std::function<void(const stub_request&, stub_response&)>;

  explicit provider_stub(answerer answer, const std::string& address = "127.0.0.1")
    : answer_{std::move(answer)}, address_{address} {
    acceptor_.listen();
    thread_ = std::thread{[this] { accept(); }};
  }

  ~provider_stub() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket{io_}.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
    std::vector<std::thread> all;
    {
      std::lock_guard guard{mutex_};
      for (auto& socket : sockets_)
        socket->shutdown(tcp::socket::shutdown_both, ignored);
      all.swap(connections_);
    }
    for (auto& connection : all)
      connection.join();
  }

  provider_stub(const provider_stub&) = delete;
  provider_stub& operator=(const provider_stub&) = delete;

  std::string url() const {
    return "http://" + address_ + ":" + std::to_string(acceptor_.local_endpoint().port());
  }

  /// How many connections were opened.
  size_t connections() const { return opened_; }

private:
  using tcp = boost::asio::ip::tcp;

  void accept() {
    for (;;) {
      auto socket = std::make_shared<tcp::socket>(io_);
      boost::system::error_code failure;
      acceptor_.accept(*socket, failure);
      if (failure || stopping_)
        return;
      ++opened_;
      std::lock_guard guard{mutex_};
      sockets_.push_back(socket);
      connections_.emplace_back([this, socket] { serve(*socket); });
    }
  }

  void serve(tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code failure;
    while (!failure) {
      stub_request request;
      http::read(socket, buffer, request, failure);
      if (failure)
        return;
      stub_response response{http::status::ok, request.version()};
      response.keep_alive(request.keep_alive());
      answer_(request, response);
      response.prepare_payload();
      http::write(socket, response, failure);
    }
  }

  answerer answer_;
  std::string address_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, {boost::asio::ip::make_address(address_), 0}};
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> opened_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<tcp::socket>> sockets_;
  std::vector<std::thread> connections_;
  std::thread thread_;
};

} // namespace varia::test
