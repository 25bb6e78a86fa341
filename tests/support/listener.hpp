#pragma once

#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace varia::test {

/// A TCP port of 127.0.0.1 where connections are made and never answered.
class listener {
public:
  explicit listener(int backlog = 16) : fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd_, reinterpret_cast<sockaddr*>(&where), sizeof(where));
    listen(fd_, backlog);
  }

  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  ~listener() {
    for (auto fd : waiting_)
      close(fd);
    close(fd_);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(ntohs(name().sin_port)); }

  /// Makes connections until the system answers no further ones, as if packets got lost.
  void fill() {
    for (auto connected = true; connected;) {
      auto where = name();
      auto fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      waiting_.push_back(fd);
      connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof(where));
      pollfd ready{fd, POLLOUT, 0};
      connected = poll(&ready, 1, 300) == 1;
    }
  }

private:
  sockaddr_in name() const {
    sockaddr_in result{};
    socklen_t size = sizeof(result);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&result), &size);
    return result;
  }

  int fd_;
  std::vector<int> waiting_;
};

} // namespace varia::test
