#pragma once

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace varia::test {

/// Returns a port of 127.0.0.1 that was free a moment ago.
inline uint16_t free_port() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto probe = socket(AF_INET, SOCK_STREAM, 0);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  auto bound = bind(probe, raw, size) == 0 && getsockname(probe, raw, &size) == 0;
  close(probe);
  if (!bound)
    throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

/// A Sentinel at 127.0.0.1 that watches one master, "orders", gone with the test.
class sentinel {
public:
  /// `more` are lines of its configuration.
  explicit sentinel(uint16_t master, const std::string& more = {}) {
    char name[] = "/tmp/varia-test-XXXXXX";
    if (mkdtemp(name) == nullptr)
      throw std::runtime_error("no directory for a Sentinel");
    directory_ = name;
    auto file = directory_ + "/sentinel.conf";
    std::ofstream{file} << "port " << port_ << "\nbind 127.0.0.1\ndir " << directory_
                        << "\nlogfile sentinel.log\nsentinel monitor orders 127.0.0.1 " << master
                        << " 1\n"
                        << more << "\n";
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execlp("redis-server", "redis-server", file.c_str(), "--sentinel", nullptr);
      _exit(127);
    }
  }

  ~sentinel() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(directory_);
  }

  sentinel(const sentinel&) = delete;
  sentinel& operator=(const sentinel&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

private:
  uint16_t port_ = free_port();
  std::string directory_;
  pid_t pid_ = 0;
};

} // namespace varia::test
