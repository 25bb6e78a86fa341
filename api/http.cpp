#include "api/http.hpp"

#include <cctype>
#include <optional>

namespace varia {

namespace {

int digit_of(char x) {
  if (x >= '0' && x <= '9')
    return x - '0';
  auto low = std::tolower(static_cast<unsigned char>(x));
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// Cuts the part up to the next slash off `rest`.
std::string_view next_part(std::string_view& rest) {
  auto end = rest.find('/');
  auto part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        std::string_view path) {
  std::map<std::string, std::string> found;
  while (!pattern.empty() && !path.empty()) {
    auto wanted = next_part(pattern);
    if (wanted == "*" && pattern.empty())
      return found;
    auto given = next_part(path);
    if (!wanted.empty() && wanted.front() == ':') {
      auto value = percent_decode(given);
      if (!value || value->empty())
        return std::nullopt;
      found.emplace(wanted.substr(1), std::move(*value));
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty())
    return std::nullopt;
  return found;
}

expected<void> parse_query(std::string_view text, http_request& request) {
  while (!text.empty()) {
    auto end = text.find('&');
    auto pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty())
      continue;
    auto mark = pair.find('=');
    auto name = percent_decode(pair.substr(0, mark), true);
    auto value = percent_decode(
      mark == std::string_view::npos ? std::string_view{} : pair.substr(mark + 1), true);
    if (!name || !value)
      return fail(errc::invalid, "the query is badly encoded");
    request.query.emplace_back(std::move(*name), std::move(*value));
  }
  return caf::unit;
}

} // namespace

http_response json_answer(int status, const json& body) {
  http_response result;
  result.status = status;
  result.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return result;
}

expected<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      auto high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
      auto low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return fail(errc::invalid, "a percent sign needs two hexadecimal digits after it");
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

expected<http_request> parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/')
    return fail(errc::invalid, "the path does not begin with a slash");
  auto mark = target.find('?');
  auto path = target.substr(0, mark);
  if (!percent_decode(path))
    return fail(errc::invalid, "the path is badly encoded");
  if (path.size() > 1 && path.back() == '/')
    path.remove_suffix(1);
  http_request result;
  result.target = target;
  result.path = path;
  if (mark != std::string_view::npos)
    if (auto done = parse_query(target.substr(mark + 1), result); !done)
      return std::move(done.error());
  return result;
}

const route* find_route(const std::vector<route>& routes, http_request& request) {
  for (auto& candidate : routes) {
    if (candidate.method != "*" && candidate.method != request.method)
      continue;
    if (auto found = match(candidate.path, request.path)) {
      request.params = std::move(*found);
      return &candidate;
    }
  }
  return nullptr;
}

} // namespace varia
