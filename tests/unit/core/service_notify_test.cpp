#include "core/service_notify.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

using namespace varia;

namespace {

// A service manager's end: a datagram socket that the environment names.
class manager {
public:
  explicit manager(const char* watchdog_us = nullptr) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto name = "varia-test-" + std::to_string(getpid());
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    auto size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
    socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size)) != 0)
      throw std::runtime_error("no socket for the manager");
    timeval limit{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    if (watchdog_us != nullptr)
      setenv("WATCHDOG_USEC", watchdog_us, 1);
  }

  ~manager() {
    close(socket_);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
  }

  manager(const manager&) = delete;
  manager& operator=(const manager&) = delete;

  // The next message; empty if none comes. With `wait` false, one that is there already.
  std::string hear(bool wait = true) const {
    std::string text(1024, '\0');
    auto count = recv(socket_, text.data(), text.size(), wait ? 0 : MSG_DONTWAIT);
    text.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return text;
  }

private:
  int socket_ = -1;
};

} // namespace

BOOST_AUTO_TEST_SUITE(service_notify_test)

BOOST_AUTO_TEST_CASE(does_nothing_where_nobody_asks) {
  service_notify process;
  BOOST_TEST(process.watchdog().count() == 0);
  process.ready("serving");
  process.alive();
  process.stopping();
}

BOOST_AUTO_TEST_CASE(tells_its_manager_how_it_is) {
  manager systemd;
  service_notify process;
  process.ready("serving at 127.0.0.1:3003");
  BOOST_TEST(systemd.hear() == "READY=1\nSTATUS=serving at 127.0.0.1:3003");
  process.stopping();
  BOOST_TEST(systemd.hear() == "STOPPING=1\nSTATUS=stopping");
}

BOOST_AUTO_TEST_CASE(repeats_no_status) {
  manager systemd;
  service_notify process;
  process.status("joined");
  process.status("joined");
  process.status("alone");
  BOOST_TEST(systemd.hear() == "STATUS=joined");
  BOOST_TEST(systemd.hear() == "STATUS=alone");
  BOOST_TEST(systemd.hear(false).empty());
}

BOOST_AUTO_TEST_CASE(feeds_the_watchdog_while_it_is_well) {
  manager systemd{"80000"};
  service_notify process;
  BOOST_TEST(process.watchdog().count() == 80);
  stop_signal stop;
  auto asked = 0;
  auto number = await_stop(stop, process, [&](milliseconds patience) {
    BOOST_TEST(patience.count() == 20);
    if (++asked == 3)
      kill(getpid(), SIGTERM);
    return asked != 2;
  });
  BOOST_TEST(number == SIGTERM);
  BOOST_TEST(systemd.hear() == "WATCHDOG=1");
  BOOST_TEST(systemd.hear() == "WATCHDOG=1");
  BOOST_TEST(systemd.hear(false).empty(), "it was not well once out of three times");
}

BOOST_AUTO_TEST_CASE(asks_nobody_where_no_watchdog_is) {
  service_notify process;
  stop_signal stop;
  kill(getpid(), SIGINT);
  BOOST_TEST(
    await_stop(stop, process, [](milliseconds) -> bool { throw std::logic_error("asked"); })
    == SIGINT);
}

BOOST_AUTO_TEST_SUITE_END()
