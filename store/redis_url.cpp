#include "store/redis_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace varia {

namespace {

constexpr int sentinel_port = 26379;

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

bool read_address(std::string_view text, redis_address& to) {
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

// Takes the text up to a mark off the front of another, and the mark with it; all of it if there
// is none.
std::string_view take_until(char mark, std::string_view& text) {
  auto end = std::min(text.find(mark), text.size());
  auto result = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return result;
}

// Reads who logs in, which stands before the rest. A password may hold any mark; the last @ ends
// it.
bool take_login(std::string_view& text, redis_url& to) {
  auto at = text.rfind('@');
  if (at == std::string_view::npos)
    return true;
  auto login = text.substr(0, at);
  text.remove_prefix(at + 1);
  return read_login(login, to);
}

bool read_tcp(std::string_view text, redis_url& to) {
  if (!take_login(text, to))
    return false;
  auto address = take_until('/', text);
  return read_address(address, to) && read_database(text, to);
}

bool read_sentinels(std::string_view text, redis_url& to) {
  if (!take_login(text, to))
    return false;
  for (auto all = take_until('/', text); !all.empty();) {
    redis_address one;
    one.port = sentinel_port;
    if (!read_address(take_until(',', all), one))
      return false;
    to.sentinels.push_back(std::move(one));
  }
  auto master = percent_decode(take_until('/', text));
  if (to.sentinels.empty() || !master || master->empty())
    return false;
  to.master = std::move(*master);
  return read_database(text, to);
}

} // namespace

expected<redis_url> parse_redis_url(const std::string& text) {
  constexpr std::string_view tcp = "redis://";
  constexpr std::string_view sentinel = "redis+sentinel://";
  constexpr std::string_view unix_socket = "unix://";
  std::string_view url{text};
  auto begins_with
    = [&](std::string_view scheme) { return url.substr(0, scheme.size()) == scheme; };
  redis_url result;
  if (begins_with(unix_socket)) {
    result.socket = url.substr(unix_socket.size());
    if (!result.socket.empty() && result.socket.front() == '/')
      return result;
  } else if (begins_with(tcp) && read_tcp(url.substr(tcp.size()), result)) {
    return result;
  } else if (begins_with(sentinel) && read_sentinels(url.substr(sentinel.size()), result)) {
    return result;
  }
  return fail(errc::invalid, "the Redis URL must be redis://[:password@]host:port[/db], "
                             "unix:///path, or "
                             "redis+sentinel://[:password@]host:port[,host:port...]/master[/db]");
}

} // namespace varia
