#include "api/call.hpp"

#include "api/audited.hpp"

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

// Notes a rule unless it is known. Returns whether it was new.
bool note(rehearsal& x, request_part part, const schema& rules) {
  for (auto& known : x.notes)
    if (known.part == part && known.rules.description() == rules.description())
      return false;
  x.notes.push_back({part, rules});
  return true;
}

std::optional<http_response> judge(const api_call& x, request_part part, const char* code,
                                   const schema& rules, const json* value) {
  auto is_new = x.notes != nullptr && note(*x.notes, part, rules);
  auto found = check(rules, value);
  if (found.empty())
    return std::nullopt;
  // The next round comes with an example that follows the rule.
  if (is_new)
    throw rehearsal_over{};
  return refuse_issues(code, found);
}

http_response answer_call(const api_context& api, const handler& answer, const route_facts& facts,
                          const http_request& request) {
  auto body = parse_body(request.body);
  if (!body)
    return refuse(400, "invalid_json", detail_of(body.error()));
  auto db = api.stores->lend();
  if (!db)
    return refuse_error(db.error());
  api_call x{api, request, lent_store{**db}, *body ? &**body : nullptr,
             query_object(request.query)};
  auto result = answer(x);
  if (!result)
    return refuse_error(result.error());
  // Who is let in by a route that asks for no key is for that route to tell.
  if (!facts.audit.empty() && result->status < 400 && request.from)
    keep_audit(x, facts);
  return std::move(*result);
}

} // namespace

std::optional<http_response> api_call::refuse_body(const schema& rules) const {
  return judge(*this, request_part::body, "invalid_body", rules, body);
}

std::optional<http_response> api_call::refuse_query(const schema& rules) const {
  return judge(*this, request_part::query, "invalid_query_params", rules, &query);
}

std::optional<http_response> api_call::refuse_params(const schema& rules) const {
  json values(request.params);
  return judge(*this, request_part::params, "invalid_uri_params", rules, &values);
}

std::optional<http_response> api_call::refuse_headers(const fields& rules) const {
  json values(request.headers);
  return judge(*this, request_part::headers, "invalid_headers", object(rules, other_keys::ignored),
               &values);
}

std::string api_call::header(const std::string& name) const {
  auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string{} : found->second;
}

route make_route(const api_context& api, std::string method, std::string path, handler answer,
                 route_facts facts) {
  route result;
  result.method = std::move(method);
  result.path = std::move(path);
  result.facts = std::move(facts);
  result.answer = [api, answer, told = result.facts](const http_request& request) {
    try {
      return answer_call(api, answer, told, request);
    } catch (const std::exception& why) {
      return refuse_fault(why.what());
    }
  };
  result.rules = [answer, where = result.path] { return rehearse(answer, where); };
  return result;
}

http_response succeed() {
  return json_answer(200, {{"success", true}});
}

} // namespace varia
