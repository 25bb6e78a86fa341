#include "api/call.hpp"

#include <exception>
#include <utility>

namespace varia {

namespace {

// Far more than any request needs, and far less than what fills a stack.
constexpr size_t depth_max = 200;

bool is_too_deep(const std::string& text) {
  size_t depth = 0;
  auto quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == '"')
        quoted = false;
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == '{' || text[i] == '[') {
      if (++depth > depth_max)
        return true;
    } else if (text[i] == '}' || text[i] == ']') {
      --depth;
    }
  }
  return false;
}

// Says where the text stops to be JSON without repeating any of it.
std::string fault_of(const json::parse_error& why, const std::string& text) {
  auto end = text.find_last_not_of(" \t\r\n") + 1;
  if (why.byte > end)
    return "Unexpected end of JSON input";
  return "Unexpected token in JSON at position " + std::to_string(why.byte - 1);
}

expected<std::optional<json>> parse_body(const std::string& text) {
  if (text.empty())
    return std::optional<json>{};
  if (is_too_deep(text))
    return fail(errc::invalid, "JSON is nested too deeply");
  try {
    auto value = json::parse(text);
    if (!value.is_structured())
      return fail(errc::invalid, "Unexpected token in JSON at position 0");
    return std::optional{std::move(value)};
  } catch (const json::parse_error& why) {
    return fail(errc::invalid, fault_of(why, text));
  }
}

std::optional<http_response> judge(const char* code, const schema& rules, const json* value) {
  auto found = check(rules, value);
  if (found.empty())
    return std::nullopt;
  return refuse_issues(code, found);
}

http_response answer_call(const api_context& api, const handler& answer,
                          const http_request& request) {
  auto body = parse_body(request.body);
  if (!body)
    return refuse(400, "invalid_json", detail_of(body.error()));
  auto db = api.stores->lend();
  if (!db)
    return refuse_error(db.error());
  api_call x{api, request, **db, *body ? &**body : nullptr, query_object(request.query)};
  auto result = answer(x);
  return result ? std::move(*result) : refuse_error(result.error());
}

} // namespace

std::optional<http_response> api_call::refuse_body(const schema& rules) const {
  return judge("invalid_body", rules, body);
}

std::optional<http_response> api_call::refuse_query(const schema& rules) const {
  return judge("invalid_query_params", rules, &query);
}

std::optional<http_response> api_call::refuse_params(const schema& rules) const {
  json values(request.params);
  return judge("invalid_uri_params", rules, &values);
}

std::optional<http_response> api_call::refuse_headers(const fields& rules) const {
  json values(request.headers);
  return judge("invalid_headers", object(rules, other_keys::ignored), &values);
}

std::string api_call::header(const std::string& name) const {
  auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string{} : found->second;
}

route make_route(const api_context& api, std::string method, std::string path, handler answer) {
  return {std::move(method), std::move(path),
          [api, answer = std::move(answer)](const http_request& request) {
            try {
              return answer_call(api, answer, request);
            } catch (const std::exception& why) {
              return refuse_fault(why.what());
            }
          }};
}

http_response succeed() {
  return json_answer(200, {{"success", true}});
}

} // namespace varia
