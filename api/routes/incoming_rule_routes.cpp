#include "api/routes/incoming_rule_routes.hpp"

#include "api/connection_text.hpp"
#include "api/incoming_desk.hpp"
#include "store/environments.hpp"
#include "store/integrations.hpp"
#include "webhooks/incoming_rules.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace varia {

namespace {

bool is_header_name(const std::string& x) {
  return !x.empty() && std::all_of(x.begin(), x.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0
           || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

// A whole number and a unit.
bool is_span(const std::string& x) {
  auto digits = x.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos || digits > 6)
    return false;
  auto unit = x.substr(digits);
  return unit == "ms" || unit == "s" || unit == "m" || unit == "h";
}

bool is_signed_text(const std::string& x) {
  return x.find("{body}") != std::string::npos;
}

bool is_field_of_connection(const std::string& x) {
  return x == "connection_id" || (x.rfind("metadata.", 0) == 0 && x.size() > 9)
         || (x.rfind("connection_config.", 0) == 0 && x.size() > 18);
}

schema rules_schema() {
  auto header = optional(text({at_most(255), holds(is_header_name, "must be the name of a header")})
                           .shown_as("X-Signature"));
  auto path = optional(text({at_least(1), at_most(255)}));
  auto word = optional(text({at_least(1), at_most(64)}));
  return object(
    {{"scheme", optional(one_of({"none", "hmac", "token"}))},
     {"header", header},
     {"query", word},
     {"algorithm", optional(one_of({"sha1", "sha256", "sha512"}))},
     {"encoding", optional(one_of({"hex", "base64"}))},
     {"prefix", optional(text({at_most(64)}))},
     {"part", word},
     {"signed",
      optional(text({at_most(255), holds(is_signed_text, "must have {body}")}).shown_as("{body}"))},
     {"timestamp_header", header},
     {"timestamp_part", word},
     {"tolerance",
      optional(text({holds(is_span, "must be a duration with a unit")}).shown_as("5m"))},
     {"type_header", header},
     {"type_path", path},
     {"connection_path", path},
     {"connection_field", path},
     {"connection_by",
      optional(text({holds(is_field_of_connection,
                           "must be connection_id, connection_config.<key> or metadata.<key>")})
                 .shown_as("connection_id"))},
     {"challenge_path", path},
     {"variant_path", path},
     {"variant_missing", optional(one_of({"base", "drop"}))}});
}

const char* word_for(incoming_rules::check x) {
  switch (x) {
    case incoming_rules::check::none: return "none";
    case incoming_rules::check::hmac: return "hmac";
    case incoming_rules::check::token: return "token";
    default: return "disabled";
  }
}

expected<http_response> answer_rules(api_call& x, const integration& of) {
  auto id = environments{x.db}.id_of(x.environment());
  if (!id)
    return std::move(id.error());
  auto settings = stored_json(of.settings, json::object());
  auto known = settings.contains("webhook") ? settings["webhook"] : json::object();
  auto rules = read_incoming_rules(known.dump(), of.incoming_rules, of.incoming_secret);
  return json_answer(200, {{"provider_config_key", of.unique_key},
                           {"webhook_url", x.api.incoming->url_of(*id, of.unique_key)},
                           {"takes", word_for(rules.scheme)},
                           {"has_secret", !of.incoming_secret.empty()},
                           {"forward_webhooks", of.forward_webhooks},
                           {"rules_of_provider", std::move(known)},
                           {"rules", stored_json(of.incoming_rules, json::object())}});
}

http_response refuse_unknown() {
  return refuse(404, "unknown_provider_config", "Integration does not exist");
}

expected<http_response> read(api_call& x) {
  static const auto query = object({{"provider_config_key", provider_config_key()}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto of = integrations{x.db}.find(x.environment(), text_at(x.query, "provider_config_key"));
  if (!of)
    return std::move(of.error());
  return *of ? answer_rules(x, **of) : refuse_unknown();
}

// What the body names is replaced as a whole; what it does not name stays.
expected<http_response> change(api_call& x) {
  static const auto query = nothing();
  static const auto body = object({{"provider_config_key", provider_config_key()},
                                   {"rules", optional(rules_schema())},
                                   {"secret", optional(text({at_most(1024)}))},
                                   {"forward_webhooks", optional(boolean())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  integrations all{x.db};
  auto of = all.find(x.environment(), text_at(*x.body, "provider_config_key"));
  if (!of)
    return std::move(of.error());
  if (!*of)
    return refuse_unknown();
  auto& wanted = **of;
  if (auto rules = member(*x.body, "rules"))
    wanted.incoming_rules = rules->dump();
  wanted.incoming_secret = text_at(*x.body, "secret", wanted.incoming_secret);
  wanted.forward_webhooks = flag_at(*x.body, "forward_webhooks", wanted.forward_webhooks);
  auto stored = all.update(x.environment(), std::move(wanted));
  if (!stored)
    return std::move(stored.error());
  return answer_rules(x, *stored);
}

} // namespace

std::vector<route> incoming_rule_routes(const api_context& api) {
  constexpr auto example
    = R"({"provider_config_key":"github","webhook_url":null,"takes":"hmac","has_secret":true,)"
      R"("forward_webhooks":true,"rules_of_provider":{},"rules":{}})";
  return {make_route(api, "GET", "/varia/webhooks/incoming", read,
                     route_facts{"Shows how an integration takes webhooks of its provider"}
                       .scope("environment:webhooks:read")
                       .answers(200, example)
                       .fails(404, "unknown_provider_config")),
          make_route(api, "PUT", "/varia/webhooks/incoming", change,
                     route_facts{"Changes how an integration takes webhooks of its provider"}
                       .scope("environment:webhooks:write")
                       .audited("webhooks.incoming_changed")
                       .answers(200, example)
                       .fails(404, "unknown_provider_config"))};
}

} // namespace varia
