#include "actors/reach.hpp"

#include "config/setting_values.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace varia {

namespace {

using addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

// The most numbers of one name that are tried.
constexpr auto numbers_max = 4;

struct socket_owner {
  explicit socket_owner(int number) : fd{number} {}
  socket_owner(const socket_owner&) = delete;
  socket_owner& operator=(const socket_owner&) = delete;
  ~socket_owner() {
    if (fd >= 0)
      close(fd);
  }

  int fd;
};

std::string words_for(int error) {
  return std::generic_category().message(error);
}

expected<void> connect_within(const addrinfo& to, milliseconds limit) {
  socket_owner own{socket(to.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (own.fd < 0)
    return fail(errc::unavailable, words_for(errno));
  if (connect(own.fd, to.ai_addr, to.ai_addrlen) == 0)
    return caf::unit;
  if (errno != EINPROGRESS)
    return fail(errc::unavailable, words_for(errno));
  pollfd ready{own.fd, POLLOUT, 0};
  if (poll(&ready, 1, static_cast<int>(limit.count())) == 0)
    return fail(errc::unavailable, "no answer within " + std::to_string(limit.count()) + " ms");
  auto error = 0;
  socklen_t size = sizeof(error);
  getsockopt(own.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    return fail(errc::unavailable, words_for(error));
  return caf::unit;
}

std::string number_of(const addrinfo& x) {
  std::array<char, NI_MAXHOST> text{};
  getnameinfo(x.ai_addr, x.ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return text.data();
}

} // namespace

expected<endpoint> reach(const endpoint& where, milliseconds limit) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto error = getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
  if (error != 0)
    return fail(errc::unavailable, where.host + ": " + gai_strerror(error));
  addresses all{found, freeaddrinfo};
  auto last = fail(errc::unavailable, where.host + " has no address");
  auto tried = 0;
  for (auto* one = found; one != nullptr && tried < numbers_max; one = one->ai_next, ++tried) {
    auto connected = connect_within(*one, limit);
    if (connected)
      return endpoint{number_of(*one), where.port};
    last = fail(errc::unavailable, to_string(where) + ": " + detail_of(connected.error()));
  }
  return last;
}

} // namespace varia
