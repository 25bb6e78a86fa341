#include "webhooks/payloads.hpp"

#include "store/json_text.hpp"
#include "webhooks/js_json.hpp"

#include <string_view>

namespace varia {

namespace {

// An object that grows by members, each of them JSON.
class object_text {
public:
  object_text& add(std::string_view key, std::string_view json) {
    text_ += text_.empty() ? '{' : ',';
    text_.append(js_string(key)).append(":").append(json);
    return *this;
  }

  object_text& text(std::string_view key, std::string_view value) {
    return add(key, js_string(value));
  }

  std::string str() const { return text_.empty() ? "{}" : text_ + "}"; }

private:
  std::string text_;
};

std::string number(int64_t x) {
  return js_number(static_cast<double>(x));
}

std::string json_or_null(const std::string& json) {
  return json.empty() ? "null" : json;
}

// What an application gets to see of a run's error: not the stack.
std::string error_of(const std::string& report) {
  object_text result;
  auto fields = fields_of(report.empty() ? std::string_view{"{}"} : report);
  for (std::string_view wanted : {"type", "description", "payload", "additional_properties"})
    if (fields)
      for (auto& field : *fields)
        if (field.name == wanted)
          result.add(wanted, field.value);
  return result.str();
}

std::string describe_sync(const sync_facts& x) {
  object_text result;
  result.text("from", "nango")
    .text("type", "sync")
    .text("connectionId", x.connection_id)
    .text("providerConfigKey", x.provider_config_key)
    .text("syncName", x.sync)
    .text("syncVariant", x.variant)
    .text("model", x.model)
    .text("syncType", x.sync_type)
    .add("success", x.success ? "true" : "false");
  if (x.used_checkpoint != 0)
    result.add("checkpoints", object_text{}
                                .add("from", json_or_null(x.checkpoint_from))
                                .add("to", json_or_null(x.checkpoint_to))
                                .str());
  if (!x.success)
    return result.add("error", error_of(x.report))
      .text("startedAt", to_iso_z(x.last_sync != 0 ? x.last_sync : x.finished_at))
      .text("failedAt", to_iso_z(x.finished_at))
      .str();
  auto began = to_iso_z(x.started_at);
  return result
    .add("responseResults", object_text{}
                              .add("added", number(x.added))
                              .add("updated", number(x.updated))
                              .add("deleted", number(x.deleted))
                              .str())
    .text("modifiedAfter", began)
    .text("queryTimeStamp", began)
    .str();
}

std::string describe_variant(const variant_facts& x) {
  return object_text{}
    .text("from", "nango")
    .text("type", "variant")
    .text("operation", x.operation)
    .text("connectionId", x.connection_id)
    .text("providerConfigKey", x.provider_config_key)
    .text("syncName", x.sync)
    .text("syncVariant", x.variant)
    .text("at", to_iso_z(x.at))
    .str();
}

// Text that we built of checked parts.
std::string sorted(const std::string& json) {
  auto result = stable_json(json);
  return result ? *result : json;
}

// The value of a member of a JSON object, as it stands there; empty if there is none.
std::string member_of(const std::string& json, std::string_view name) {
  auto fields = fields_of(json.empty() ? std::string_view{"{}"} : json);
  if (fields)
    for (auto& field : *fields)
      if (field.name == name)
        return std::string{field.value};
  return {};
}

std::string end_user_of(const connection& x) {
  object_text result;
  result.add("endUserId", json_or_null(member_of(x.end_user, "id")));
  if (auto email = member_of(x.end_user, "email"); !email.empty())
    result.add("endUserEmail", email);
  auto tags = member_of(x.end_user, "tags");
  return result.add("tags", tags.empty() ? "{}" : tags).str();
}

} // namespace

expected<std::string> payload_of(const outbox_event& x) {
  if (x.kind == "json")
    return x.body;
  std::string text;
  if (x.kind == "sync") {
    auto facts = unpack<sync_facts>(x.body);
    if (!facts)
      return std::move(facts.error());
    text = describe_sync(*facts);
  } else if (x.kind == "variant") {
    auto facts = unpack<variant_facts>(x.body);
    if (!facts)
      return std::move(facts.error());
    text = describe_variant(*facts);
  } else {
    return fail(errc::internal, "an event of the unknown kind " + x.kind);
  }
  return stable_json(text);
}

std::vector<std::pair<std::string, std::string>> subject_of(const outbox_event& x) {
  std::vector<std::pair<std::string, std::string>> result;
  auto payload = payload_of(x);
  if (!payload)
    return result;
  auto fields = fields_of(*payload);
  if (!fields)
    return result;
  constexpr std::pair<std::string_view, const char*> shown[]
    = {{"type", "type"},     {"operation", "operation"},     {"providerConfigKey", "integration"},
       {"syncName", "sync"}, {"connectionId", "connection"}, {"syncVariant", "variant"},
       {"model", "model"}};
  for (auto& [name, title] : shown)
    for (auto& field : *fields)
      if (field.name == name && field.value.size() >= 2)
        result.emplace_back(title, field.value.substr(1, field.value.size() - 2));
  return result;
}

std::string auth_payload(const connection& of, const auth_event& x) {
  auto is_good = x.error_type.empty();
  object_text result;
  auto mode = member_of(of.credentials, "type");
  result.text("from", "nango")
    .text("type", "auth")
    .text("connectionId", of.connection_id)
    .text("providerConfigKey", of.provider_config_key)
    .add("authMode", mode.empty() ? "\"unknown\"" : mode)
    .text("provider", of.provider)
    .text("environment", of.environment)
    .text("operation", x.operation)
    .add("success", is_good ? "true" : "false")
    .add("tags", of.tags.empty() ? "{}" : of.tags);
  if (!of.end_user.empty())
    result.add("endUser", end_user_of(of));
  if (!is_good)
    result.add("error",
               object_text{}.text("type", x.error_type).text("description", x.error_text).str());
  return sorted(result.str());
}

std::string forward_payload(const forwarded_webhook& x) {
  auto body = stable_json(x.body);
  object_text result;
  result.text("from", x.provider)
    .text("type", "forward")
    .text("providerConfigKey", x.provider_config_key)
    .add("payload", body ? *body : js_string(x.body));
  if (!x.connection_id.empty())
    result.text("connectionId", x.connection_id);
  return sorted(result.str());
}

std::string async_action_payload(const connection& of, const std::string& id,
                                 const std::string& status_url) {
  return sorted(object_text{}
                  .text("from", "nango")
                  .text("type", "async_action")
                  .text("connectionId", of.connection_id)
                  .text("providerConfigKey", of.provider_config_key)
                  .add("payload", object_text{}.text("id", id).text("statusUrl", status_url).str())
                  .str());
}

} // namespace varia
