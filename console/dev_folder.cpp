#include "console/dev_folder.hpp"

#include "config/setting_values.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace varia {

namespace {

namespace fs = std::filesystem;

// The system's own limit is 107 bytes.
constexpr size_t socket_path_max = 100;

caf::error failed(const std::string& what) {
  return fail(errc::unavailable, what + ": " + strerror(errno));
}

expected<void> write_private(const std::string& path, const std::string& text) {
  auto file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0)
    return failed(path);
  auto whole = fchmod(file, 0600) == 0
               && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  auto why = failed(path);
  close(file);
  if (!whole)
    return why;
  return caf::unit;
}

// As the configuration of redis-server wants a text that may hold blanks.
std::string config_text(const std::string& text) {
  std::string result = "\"";
  for (auto c : text)
    result += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return result + "\"";
}

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool connect_to(int handle, const std::string& socket_path, uint16_t port) {
  if (socket_path.empty()) {
    auto address = loopback(port);
    return connect(handle, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
  return connect(handle, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

} // namespace

expected<dev_folder> dev_folder::open(const std::string& path) {
  std::error_code why;
  fs::create_directories(path, why);
  auto whole = fs::canonical(path, why).string();
  if (why)
    return fail(errc::unavailable, path + ": " + why.message());
  auto lock_file = whole + "/lock";
  auto lock = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0)
    return failed(lock_file);
  dev_folder result{whole, lock};
  if (flock(lock, LOCK_EX | LOCK_NB) != 0)
    return fail(errc::exists, "another varia dev works in " + whole);
  return result;
}

dev_folder::dev_folder(dev_folder&& other) noexcept
  : path_{std::move(other.path_)}, lock_{std::exchange(other.lock_, -1)} {}

dev_folder::~dev_folder() {
  if (lock_ >= 0)
    close(lock_);
}

expected<std::string> dev_folder::api_key(const std::string& wanted) const {
  if (!wanted.empty() && !is_uuid_v4(wanted))
    return fail(errc::invalid, "an API key is a uuid of version 4");
  auto key = wanted;
  if (key.empty()) {
    std::ifstream stream{file("api-key")};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    key = trim(text);
  }
  if (!is_uuid_v4(key))
    key = make_uuid();
  if (auto written = write_private(file("api-key"), key + "\n"); !written)
    return written.error();
  return key;
}

expected<dev_redis> dev_redis::prepare(const dev_folder& folder) {
  dev_redis result;
  result.config_ = folder.file("redis.conf");
  auto text = "dir " + config_text(folder.path()) + "\nlogfile "
              + config_text(folder.file("redis.log"))
              + "\ndaemonize no\nsave \"\"\nappendonly yes\nappendfsync everysec\n"
                "maxmemory-policy noeviction\n";
  if (auto socket = folder.file("redis.sock"); socket.size() <= socket_path_max) {
    result.socket_ = socket;
    text += "port 0\nunixsocket " + config_text(socket) + "\nunixsocketperm 700\n";
  } else {
    auto port = free_port();
    if (!port)
      return port.error();
    result.port_ = *port;
    result.password_ = make_uuid();
    text += "bind 127.0.0.1\nport " + std::to_string(*port) + "\nrequirepass " + result.password_
            + "\n";
  }
  if (auto written = write_private(result.config_, text); !written)
    return written.error();
  return result;
}

child_command dev_redis::command() const {
  child_command result;
  result.words = {"redis-server", config_};
  return result;
}

std::string dev_redis::url() const {
  return socket_.empty() ? "redis://:" + password_ + "@127.0.0.1:" + std::to_string(port_)
                         : "unix://" + socket_;
}

bool dev_redis::answers() const {
  auto handle = socket(socket_.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle < 0)
    return false;
  timeval patience{0, 100'000};
  setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  auto words = (password_.empty() ? "" : "AUTH " + password_ + "\r\n") + "PING\r\n";
  std::string answer;
  if (connect_to(handle, socket_, port_)
      && send(handle, words.data(), words.size(), MSG_NOSIGNAL)
           == static_cast<ssize_t>(words.size()))
    for (auto reads = 0; reads < 3 && answer.find("PONG") == std::string::npos; ++reads) {
      std::array<char, 512> bytes;
      auto length = recv(handle, bytes.data(), bytes.size(), 0);
      if (length <= 0)
        break;
      answer.append(bytes.data(), static_cast<size_t>(length));
    }
  close(handle);
  return answer.find("+PONG") != std::string::npos;
}

expected<void> check_free(const endpoint& where) {
  auto name = to_string(where);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (auto code
      = getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found))
    return fail(errc::unavailable, "cannot listen at " + name + ": " + gai_strerror(code));
  auto handle = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // As servers do: connections that have ended a moment ago are no hindrance.
  auto yes = 1;
  setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  auto free = handle >= 0 && bind(handle, found->ai_addr, found->ai_addrlen) == 0;
  auto why = failed("cannot listen at " + name);
  freeaddrinfo(found);
  if (handle >= 0)
    close(handle);
  if (!free)
    return why;
  return caf::unit;
}

expected<uint16_t> free_port() {
  auto handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t length = sizeof address;
  auto generic = reinterpret_cast<sockaddr*>(&address);
  auto found = handle >= 0 && bind(handle, generic, length) == 0
               && getsockname(handle, generic, &length) == 0;
  auto why = failed("no free port");
  if (handle >= 0)
    close(handle);
  if (!found)
    return why;
  return ntohs(address.sin_port);
}

} // namespace varia
