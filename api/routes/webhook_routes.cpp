#include "api/routes/webhook_routes.hpp"

#include "core/text.hpp"
#include "core/time.hpp"
#include "store/outbox.hpp"
#include "upstream/url.hpp"
#include "webhooks/payloads.hpp"

#include <array>
#include <cmath>
#include <cstdlib>

namespace varia {

namespace {

constexpr double entries_max = 1000;
constexpr size_t entries_default = 50;
constexpr size_t letters_max = 1000;
constexpr size_t url_max = 2048;
constexpr size_t key_min = 16;
constexpr size_t key_max = 255;

constexpr auto settings_example
  = R"({"primary_url":"https://app.example.com/hooks","secondary_url":"",)"
    R"("on_sync_completion_always":true,"on_sync_error":true,"on_auth_creation":true,)"
    R"("on_auth_refresh_error":true,"on_async_action_completion":true,)"
    R"("on_variant_change":false})";
constexpr auto key_example
  = R"({"data":{"webhook_signing_key":"5f1c0d2e-6a1b-4f3c-9d8e-7b6a5c4d3e2f"}})";

constexpr std::array<const char*, 2> urls{"primary_url", "secondary_url"};
constexpr std::array<const char*, 6> switches{"on_sync_completion_always",  "on_sync_error",
                                              "on_auth_creation",           "on_auth_refresh_error",
                                              "on_async_action_completion", "on_variant_change"};

bool is_foreign(const std::string& url) {
  constexpr std::string_view service = "nango.dev";
  auto host = to_lower(host_of(url));
  if (host.size() < service.size())
    return true;
  auto before = host.size() - service.size();
  return host.substr(before) != service || (before > 0 && host[before - 1] != '.');
}

size_t limit_of(const api_call& x) {
  auto text = text_at(x.query, "limit");
  return text.empty() ? entries_default
                      : static_cast<size_t>(std::lround(std::strtod(text.c_str(), nullptr)));
}

fields declared_settings() {
  fields result;
  for (auto* name : urls)
    result.emplace_back(name, optional(webhook_url()));
  for (auto* name : switches)
    result.emplace_back(name, optional(boolean()));
  result.emplace_back("signing_key", optional(text({at_least(key_min), at_most(key_max)})
                                                .shown_as("5f1c0d2e-6a1b-4f3c-9d8e-7b6a5c4d3e2f")));
  return result;
}

expected<http_response> answer_settings(api_call& x) {
  auto found = webhook_desk{x.db}.settings(x.environment());
  if (!found)
    return std::move(found.error());
  return json_answer(200, json::parse(to_json(*found)));
}

expected<http_response> read_settings_of(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  return answer_settings(x);
}

// Sets what the body names over what there is, and answers with all of it.
expected<http_response> take_settings(api_call& x, const json& changes) {
  webhook_desk desk{x.db};
  auto known = desk.settings(x.environment());
  if (!known)
    return std::move(known.error());
  auto all = json::parse(to_json(*known));
  for (auto& [name, value] : changes.items())
    if (name != "signing_key")
      all[name] = value;
  if (auto done = desk.set_settings(x.environment(), read_webhook_settings(all.dump())); !done)
    return std::move(done.error());
  if (auto key = text_at(changes, "signing_key"); !key.empty())
    if (auto done = desk.set_signing_key(x.environment(), key); !done)
      return std::move(done.error());
  return answer_settings(x);
}

expected<http_response> change_settings(api_call& x) {
  static const auto query = nothing();
  static const auto body = object(declared_settings());
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  return take_settings(x, *x.body);
}

// One setting as a text, as the console has it.
expected<http_response> set_one(api_call& x) {
  static const auto query = nothing();
  static const auto body
    = object({{"name", text().shown_as("on_sync_error")}, {"value", text().shown_as("true")}});
  static const auto rules = object(declared_settings());
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto value = text_at(*x.body, "value");
  auto is_flag = value == "true" || value == "false";
  json changes{{text_at(*x.body, "name"), is_flag ? json(value == "true") : json(value)}};
  if (auto found = check(rules, &changes); !found.empty())
    return refuse_issues("invalid_body", found);
  return take_settings(x, changes);
}

expected<http_response> read_key(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto key = webhook_desk{x.db}.signing_key(x.environment());
  if (!key)
    return std::move(key.error());
  return json_answer(200, {{"data", {{"webhook_signing_key", *key}}}});
}

expected<http_response> rotate_key(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto key = make_uuid();
  if (auto done = webhook_desk{x.db}.set_signing_key(x.environment(), key); !done)
    return std::move(done.error());
  return json_answer(200, {{"data", {{"webhook_signing_key", key}}}});
}

json letter_text(const dead_letter& x) {
  json result{{"id", x.id}, {"event", x.event.id}};
  for (auto& [name, value] : subject_of(x.event))
    result[name] = value;
  result["url"] = x.lane.substr(x.lane.rfind('/') + 1);
  result["sequence"] = x.event.sequence;
  result["at"] = to_iso_z(x.event.at);
  result["tries"] = x.tries;
  result["why"] = x.why;
  return result;
}

bool is_letter_id(const std::string& x) {
  auto mark = x.find('-');
  return mark != std::string::npos && mark > 0 && mark + 1 < x.size() && x.size() < 40
         && x.find_first_not_of("0123456789-") == std::string::npos
         && x.find('-', mark + 1) == std::string::npos;
}

schema letter_id() {
  return text({holds(is_letter_id, "must be the id of a dead letter")}).shown_as("1763829658838-0");
}

expected<http_response> list_dead(api_call& x) {
  static const auto query
    = object({{"limit", optional(number_text(1, entries_max))}, {"before", optional(letter_id())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  outbox box{x.db};
  auto counts = box.counts(x.environment());
  if (!counts)
    return std::move(counts.error());
  auto found = box.dead(x.environment(), text_at(x.query, "before"), limit_of(x));
  if (!found)
    return std::move(found.error());
  auto letters = json::array();
  for (auto& each : *found)
    letters.push_back(letter_text(each));
  return json_answer(200, {{"waiting", counts->waiting},
                           {"waiting_bytes", counts->bytes},
                           {"dead", counts->dead},
                           {"dropped", counts->dropped},
                           {"letters", std::move(letters)}});
}

// The ids of the oldest that there are, up to the most that one request sends again.
expected<std::vector<std::string>> wanted_letters(api_call& x) {
  std::vector<std::string> result;
  if (auto ids = member(*x.body, "ids"))
    return ids->get<std::vector<std::string>>();
  if (auto id = member(*x.body, "id"); id != nullptr && *id != "all")
    return std::vector{id->get<std::string>()};
  auto found = outbox{x.db}.dead(x.environment(), {}, letters_max);
  if (!found)
    return std::move(found.error());
  for (auto each = found->rbegin(); each != found->rend(); ++each)
    result.push_back(each->id);
  return result;
}

expected<http_response> resend(api_call& x) {
  static const auto query = nothing();
  static const auto one = text({holds([](auto& id) { return id == "all" || is_letter_id(id); },
                                      "must be the id of a dead letter, or \"all\"")})
                            .shown_as("all");
  static const auto body
    = object({{"ids", optional(list_of(letter_id(), letters_max))}, {"id", optional(one)}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  if (x.body->contains("ids") == x.body->contains("id"))
    return refuse_issues("invalid_body", {{"custom", "must have either ids or id", {}}});
  auto ids = wanted_letters(x);
  if (!ids)
    return std::move(ids.error());
  auto sent = outbox{x.db}.resend(x.environment(), *ids);
  if (!sent)
    return std::move(sent.error());
  return json_answer(200, {{"sent", *sent}});
}

bool concerns(const json& line, const api_call& x) {
  auto event = text_at(x.query, "event");
  return event.empty() || text_at(line, "event") == event;
}

expected<http_response> list_deliveries(api_call& x) {
  static const auto query = object(
    {{"limit", optional(number_text(1, entries_max))}, {"event", optional(text({at_most(255)}))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto found = outbox{x.db}.log(x.environment(), 2 * static_cast<size_t>(entries_max));
  if (!found)
    return std::move(found.error());
  auto lines = json::array();
  for (auto& each : *found) {
    auto line = json::parse(each, nullptr, false);
    if (lines.size() < limit_of(x) && line.is_object() && concerns(line, x))
      lines.push_back(std::move(line));
  }
  return json_answer(200, {{"deliveries", std::move(lines)}});
}

} // namespace

schema webhook_url() {
  auto url = text({[](const std::string& value, const json_path& path, issues& found) {
                     if (!value.empty())
                       is_url()(value, path, found);
                   },
                   at_most(url_max), holds(is_foreign, "must not be a URL of nango.dev")});
  return url.shown_as("https://app.example.com/hooks");
}

std::vector<route> webhook_routes(const api_context& api) {
  return {
    make_route(api, "GET", "/varia/webhooks/settings", read_settings_of,
               route_facts{"Shows what the application is told of, and where"}
                 .scope("environment:webhooks:read")
                 .answers(200, settings_example)),
    make_route(api, "PUT", "/varia/webhooks/settings", change_settings,
               route_facts{"Changes what the application is told of, and where"}
                 .scope("environment:webhooks:write")
                 .audited("webhooks.settings_changed")
                 .answers(200, settings_example)),
    make_route(api, "POST", "/varia/webhooks/set", set_one,
               route_facts{"Changes one of the webhook settings"}
                 .scope("environment:webhooks:write")
                 .audited("webhooks.settings_changed")
                 .answers(200, settings_example)),
    make_route(api, "GET", "/varia/webhooks/signing-key", read_key,
               route_facts{"Shows the key that webhooks are signed with"}
                 .scope("environment:webhook_signing_key:rotate")
                 .answers(200, key_example)),
    make_route(api, "POST", "/environment/webhook-signing-key/rotate", rotate_key,
               route_facts{"Signs webhooks with a new key from now on"}
                 .scope("environment:webhook_signing_key:rotate")
                 .audited("webhooks.signing_key_rotated")
                 .answers(200, key_example)),
    make_route(api, "GET", "/varia/webhooks/dead", list_dead,
               route_facts{"Lists the webhooks that were given up"}
                 .scope("environment:webhooks:read")
                 .answers(200, R"({"waiting":0,"waiting_bytes":0,"dead":0,"dropped":0,)"
                               R"("letters":[]})")),
    make_route(api, "POST", "/varia/webhooks/resend", resend,
               route_facts{"Sends webhooks again that were given up"}
                 .scope("environment:webhooks:write")
                 .audited("webhooks.resent")
                 .answers(200, R"({"sent":1})")),
    make_route(api, "GET", "/varia/webhooks/deliveries", list_deliveries,
               route_facts{"Lists the last deliveries of webhooks"}
                 .scope("environment:webhooks:read")
                 .answers(200, R"({"deliveries":[]})")),
  };
}

} // namespace varia
