#include "store/redis_url.hpp"

#include <charconv>
#include <optional>
#include <string_view>

namespace varia {

namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base, Number max) {
  Number result = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), result, base);
  if (fault != std::errc{} || end != text.data() + text.size() || result < 0 || result > max)
    return std::nullopt;
  return result;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    auto code = parse_number<int>(text.substr(i + 1, 2), 16, 255);
    if (!code || i + 2 >= text.size())
      return std::nullopt;
    result += static_cast<char>(*code);
    i += 2;
  }
  return result;
}

bool read_login(std::string_view text, redis_url& to) {
  auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return false;
  auto user = percent_decode(text.substr(0, colon));
  auto password = percent_decode(text.substr(colon + 1));
  if (!user || !password)
    return false;
  to.user = std::move(*user);
  to.password = std::move(*password);
  return true;
}

bool read_address(std::string_view text, redis_url& to) {
  auto end_of_host = text.find(':');
  if (!text.empty() && text.front() == '[') {
    auto bracket = text.find(']');
    if (bracket == std::string_view::npos)
      return false;
    to.host = text.substr(1, bracket - 1);
    end_of_host = bracket + 1 == text.size() ? std::string_view::npos : bracket + 1;
  } else {
    to.host = text.substr(0, end_of_host);
  }
  if (to.host.empty())
    return false;
  if (end_of_host == std::string_view::npos)
    return true;
  auto port = parse_number<int>(text.substr(end_of_host + 1), 10, 65535);
  if (text[end_of_host] != ':' || !port || *port == 0)
    return false;
  to.port = *port;
  return true;
}

bool read_database(std::string_view text, redis_url& to) {
  auto database = text.empty() ? std::optional{0} : parse_number<int>(text, 10, 1 << 20);
  if (!database)
    return false;
  to.database = *database;
  return true;
}

bool read_tcp(std::string_view text, redis_url& to) {
  // A password may hold any mark; the last @ ends it.
  if (auto at = text.rfind('@'); at != std::string_view::npos) {
    if (!read_login(text.substr(0, at), to))
      return false;
    text.remove_prefix(at + 1);
  }
  auto slash = text.find('/');
  if (slash != std::string_view::npos && !read_database(text.substr(slash + 1), to))
    return false;
  return read_address(text.substr(0, slash), to);
}

} // namespace

expected<redis_url> parse_redis_url(const std::string& text) {
  constexpr std::string_view tcp = "redis://";
  constexpr std::string_view unix_socket = "unix://";
  std::string_view rest{text};
  redis_url result;
  if (rest.substr(0, unix_socket.size()) == unix_socket) {
    result.socket = rest.substr(unix_socket.size());
    if (!result.socket.empty() && result.socket.front() == '/')
      return result;
  } else if (rest.substr(0, tcp.size()) == tcp && read_tcp(rest.substr(tcp.size()), result)) {
    return result;
  }
  return fail(errc::invalid,
              "the Redis URL must be redis://[:password@]host:port[/db] or unix:///path");
}

} // namespace varia
