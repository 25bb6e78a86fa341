#include "api/routes/session_routes.hpp"

#include "api/audited.hpp"
#include "api/auth.hpp"
#include "api/schemas.hpp"
#include "core/text.hpp"
#include "store/api_keys.hpp"
#include "store/sessions.hpp"

#include <tuple>
#include <utility>

namespace varia {

namespace {

constexpr size_t key_max = 255;

const auto begun = route_facts{"Begins a session of a browser with an API key"}
                     .audited("session.begun")
                     .answers(200, R"({"environment":"dev","key_name":"first key","scopes":["*"],)"
                                   R"("csrf":"x","expires_at":"2026-11-22T16:40:59.838Z"})")
                     .fails(401, "invalid_secret_key_format")
                     .fails(401, "unknown_account")
                     .fails(403, "csrf")
                     .fails(415, "invalid_content_type");

const auto ended = route_facts{"Ends the session of a browser"}
                     .audited("session.ended")
                     .answers(200, R"({"success":true})")
                     .fails(401, "session_ended")
                     .fails(403, "csrf");

const auto shown = route_facts{"Tells a browser of its session"}
                     .answers(200, begun.example)
                     .fails(401, "session_ended")
                     .fails(403, "csrf");

json facts_of(const caller& who, const std::string& token, milliseconds left) {
  return {{"environment", who.environment.empty() ? json(nullptr) : json(who.environment)},
          {"key_name", who.key_name},
          {"scopes", who.scopes},
          {"csrf", csrf_of(token)},
          {"expires_at", to_iso_z(now_ms() + left.count())}};
}

http_response answer_of(const json& body) {
  auto result = json_answer(200, body);
  result.headers.emplace_back("cache-control", "no-store");
  return result;
}

// The body is left out: it has the key.
void keep_in_audit(const api_call& x, std::shared_ptr<const caller> who, const route_facts& facts) {
  auto request = x.request;
  request.environment = who->environment;
  request.from = std::move(who);
  api_call known{x.api, request, x.db, nullptr, json::object()};
  keep_audit(known, facts);
}

// A form of another site can send neither JSON nor what its pages may not read.
std::optional<http_response> refuse_sign_in(const api_call& x) {
  static const auto body = object(
    {{"key",
      text({at_least(1), at_most(key_max)}).shown_as("cd698d3a-f399-46e3-b424-3007eff03e6b")}});
  if (auto no = x.refuse_body(body))
    return no;
  if (x.notes != nullptr)
    return std::nullopt;
  if (to_lower(x.header("content-type")).rfind("application/json", 0) != 0)
    return refuse(415, "invalid_content_type", "Content-Type header must be application/json");
  if (!is_from_own_page(x.request, x.api.keys->rules().public_url, false))
    return refuse(403, "csrf", "The request does not come from a page of this server");
  return std::nullopt;
}

expected<http_response> sign_in(api_call& x) {
  if (auto no = refuse_sign_in(x))
    return std::move(*no);
  sessions all{x.db};
  auto key = text_at(*x.body, "key");
  auto admitted = x.api.keys->admit_key(key);
  if (auto no = std::get_if<http_response>(&admitted))
    return std::move(*no);
  auto who = std::get<std::shared_ptr<const caller>>(admitted);
  auto token = make_session_token();
  auto duration = x.api.keys->rules().session_for;
  if (auto done = all.begin(token, api_keys::hash_of(key), duration); !done)
    return std::move(done.error());
  keep_in_audit(x, who, begun);
  auto result = answer_of(facts_of(*who, token, duration));
  result.headers.emplace_back("set-cookie", session_cookie(x.request, token, duration));
  return result;
}

// Who has a session that a request may use, or the refusal.
authenticator::admission admit_session(api_call& x) {
  if (!is_by_session(x.request))
    return refuse(401, "session_ended", "There is no session. Sign in.");
  return x.api.keys->admit(x.request);
}

expected<http_response> show(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  sessions all{x.db};
  auto admitted = admit_session(x);
  if (auto no = std::get_if<http_response>(&admitted))
    return std::move(*no);
  auto token = session_token_of(x.request);
  auto found = all.find(token);
  if (!found)
    return std::move(found.error());
  if (!*found)
    return refuse(401, "session_ended", "The session has ended. Sign in again.");
  auto& who = *std::get<std::shared_ptr<const caller>>(admitted);
  return answer_of(facts_of(who, token, (*found)->left));
}

expected<http_response> sign_out(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  sessions all{x.db};
  auto admitted = admit_session(x);
  if (auto no = std::get_if<http_response>(&admitted))
    return std::move(*no);
  auto done = all.end(session_token_of(x.request));
  if (!done && code_of(done.error()) != errc::not_found)
    return std::move(done.error());
  x.api.keys->forget();
  keep_in_audit(x, std::get<std::shared_ptr<const caller>>(admitted), ended);
  auto result = answer_of({{"success", true}});
  result.headers.emplace_back("set-cookie", session_cookie(x.request, {}, milliseconds{0}));
  return result;
}

} // namespace

std::vector<route> session_routes(const api_context& api) {
  if (!api.dashboard.on)
    return {};
  std::vector<route> result;
  for (auto& [method, answer, facts] :
       {std::tuple<const char*, handler, const route_facts&>{"POST", sign_in, begun},
        {"GET", show, shown},
        {"DELETE", sign_out, ended}}) {
    result.push_back(make_route(api, method, "/varia/session", answer, facts));
    // Keys and sessions are looked at here.
    result.back().needs = access::open;
  }
  return result;
}

} // namespace varia
