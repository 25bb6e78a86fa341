#include "config/setting_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace varia {

namespace {

using namespace std::chrono_literals;

// From the largest down, so that rendering finds the shortest text.
constexpr std::array<std::pair<std::string_view, milliseconds>, 4> units{
  {{"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};

constexpr milliseconds duration_max = std::chrono::hours{24 * 365};

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T result{};
  auto end = text.data() + text.size();
  auto [rest, code] = std::from_chars(text.data(), end, result);
  if (code != std::errc{} || rest != end)
    return std::nullopt;
  return result;
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  auto mark = text.find_first_not_of("0123456789");
  if (mark == std::string_view::npos)
    return std::nullopt;
  auto amount = parse_number<uint32_t>(text.substr(0, mark));
  for (auto& [unit, span] : units)
    if (amount && unit == text.substr(mark) && *amount <= duration_max / span)
      return span * *amount;
  return std::nullopt;
}

std::string render_duration(milliseconds x) {
  for (auto& [unit, span] : units)
    if (x % span == 0ms)
      return std::to_string(x / span) + std::string{unit};
  return {};
}

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The parts of a comma list, without blanks around them; none of an empty text.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> result;
  while (!trimmed(text).empty()) {
    auto end = std::min(text.find(','), text.size());
    result.emplace_back(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

template <class Parts, class Render>
std::string joined(const Parts& parts, Render render) {
  std::string result;
  for (auto& part : parts)
    result += (result.empty() ? "" : ",") + render(part);
  return result;
}

struct value_parser {
  const std::string& text;
  uint64_t minimum;

  bool operator()(std::string* to) const {
    *to = text;
    return true;
  }

  bool operator()(bool* to) const {
    if (text != "true" && text != "false")
      return false;
    *to = text == "true";
    return true;
  }

  template <class T>
  std::enable_if_t<std::is_integral_v<T>, bool> operator()(T* to) const {
    return store(to, parse_number<T>(text), [this](T x) { return x >= minimum; });
  }

  bool operator()(milliseconds* to) const {
    return store(to, parse_duration(text),
                 [this](milliseconds x) { return static_cast<uint64_t>(x.count()) >= minimum; });
  }

  bool operator()(endpoint* to) const {
    auto address = parse_endpoint(text);
    if (address)
      *to = std::move(*address);
    return static_cast<bool>(address);
  }

  bool operator()(std::optional<endpoint>* to) const {
    auto address = parse_endpoint(text);
    if (!address && !text.empty())
      return false;
    *to = address ? std::optional{std::move(*address)} : std::nullopt;
    return true;
  }

  bool operator()(std::vector<endpoint>* to) const {
    std::vector<endpoint> result;
    for (auto& part : parts_of(text)) {
      auto address = parse_endpoint(part);
      if (!address)
        return false;
      result.push_back(std::move(*address));
    }
    *to = std::move(result);
    return true;
  }

  bool operator()(std::map<std::string, std::string>* to) const {
    std::map<std::string, std::string> result;
    for (auto& part : parts_of(text)) {
      auto mark = part.find('=');
      if (mark == std::string::npos || mark == 0 || mark + 1 == part.size())
        return false;
      result[part.substr(0, mark)] = part.substr(mark + 1);
    }
    *to = std::move(result);
    return true;
  }

  bool operator()(log_format* to) const {
    if (text != "auto" && text != "plain" && text != "json")
      return false;
    *to = text == "json"    ? log_format::json
          : text == "plain" ? log_format::plain
                            : log_format::automatic;
    return true;
  }

private:
  template <class T, class Predicate>
  static bool store(T* to, const std::optional<T>& value, Predicate allowed) {
    if (!value || !allowed(*value))
      return false;
    *to = *value;
    return true;
  }
};

struct value_renderer {
  std::string operator()(const std::string* x) const { return *x; }
  std::string operator()(const uint32_t* x) const { return std::to_string(*x); }
  std::string operator()(const uint64_t* x) const { return std::to_string(*x); }
  std::string operator()(const milliseconds* x) const { return render_duration(*x); }
  std::string operator()(const endpoint* x) const { return to_string(*x); }
  std::string operator()(const bool* x) const { return *x ? "true" : "false"; }

  std::string operator()(const std::optional<endpoint>* x) const {
    return *x ? to_string(**x) : std::string{};
  }

  std::string operator()(const std::vector<endpoint>* x) const {
    return joined(*x, [](auto& part) { return to_string(part); });
  }

  std::string operator()(const std::map<std::string, std::string>* x) const {
    return joined(*x, [](auto& part) { return part.first + '=' + part.second; });
  }

  std::string operator()(const log_format* x) const {
    if (*x == log_format::automatic)
      return "auto";
    return *x == log_format::json ? "json" : "plain";
  }
};

struct value_describer {
  uint64_t minimum;

  std::string operator()(const std::string*) const { return "wants a text"; }
  std::string operator()(const uint32_t*) const {
    return number(std::numeric_limits<uint32_t>::max());
  }
  std::string operator()(const uint64_t*) const {
    return number(std::numeric_limits<int64_t>::max());
  }

  std::string operator()(const milliseconds*) const {
    auto least = milliseconds{static_cast<int64_t>(minimum)};
    return "wants a duration with its unit (ms, s, m or h), such as \"3s\""
           + (minimum > 0 ? ", of at least " + render_duration(least) : "");
  }

  std::string operator()(const endpoint*) const {
    return "wants HOST:PORT, such as \"127.0.0.1:3003\"";
  }

  std::string operator()(const std::optional<endpoint>*) const {
    return "wants HOST:PORT, such as \"10.0.0.1:7103\", or nothing";
  }

  std::string operator()(const bool*) const { return "wants true or false"; }

  std::string operator()(const std::vector<endpoint>*) const {
    return "wants a comma list of HOST:PORT, such as \"10.0.0.1:7103, 10.0.0.2:7103\"";
  }

  std::string operator()(const std::map<std::string, std::string>*) const {
    return "wants a comma list of NAME=VALUE, such as \"zone=a, disk=ssd\"";
  }

  std::string operator()(const log_format*) const { return "wants one of auto, plain, json"; }

private:
  std::string number(uint64_t maximum) const {
    return "wants a whole number from " + std::to_string(minimum) + " to "
           + std::to_string(maximum);
  }
};

} // namespace

expected<void> parse_value(const setting_value& value, const std::string& text, uint64_t minimum) {
  if (!std::visit(value_parser{text, minimum}, value))
    return fail(errc::invalid, wanted(value, minimum));
  return caf::unit;
}

std::string render_value(const setting_value& value) {
  return std::visit(value_renderer{}, value);
}

std::string wanted(const setting_value& value, uint64_t minimum) {
  return std::visit(value_describer{minimum}, value);
}

bool is_number(const setting_value& value) {
  return std::holds_alternative<uint32_t*>(value) || std::holds_alternative<uint64_t*>(value);
}

bool is_flag(const setting_value& value) {
  return std::holds_alternative<bool*>(value);
}

expected<endpoint> parse_endpoint(const std::string& text) {
  auto refused = fail(errc::invalid, "wants HOST:PORT, such as \"127.0.0.1:3003\"");
  auto mark = text.rfind(':');
  if (mark == std::string::npos)
    return refused;
  auto host = text.substr(0, mark);
  auto port = parse_number<uint16_t>(std::string_view{text}.substr(mark + 1));
  auto bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string::npos)
    return refused;
  if (!port || host.empty() || host.find_first_of("[] /@\t\n") != std::string::npos)
    return refused;
  return endpoint{std::move(host), *port};
}

std::string to_string(const endpoint& x) {
  auto host = x.host.find(':') == std::string::npos ? x.host : "[" + x.host + "]";
  return host + ":" + std::to_string(x.port);
}

} // namespace varia
