#include "store/webhook_settings.hpp"

#include "core/ids.hpp"
#include "store/call.hpp"
#include "store/keys.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array<std::pair<const char*, bool webhook_settings::*>, 6> switches{
  {{"on_sync_completion_always", &webhook_settings::on_sync_completion_always},
   {"on_sync_error", &webhook_settings::on_sync_error},
   {"on_auth_creation", &webhook_settings::on_auth_creation},
   {"on_auth_refresh_error", &webhook_settings::on_auth_refresh_error},
   {"on_async_action_completion", &webhook_settings::on_async_action_completion},
   {"on_variant_change", &webhook_settings::on_variant_change}}};

expected<void> set_field(redis& db, const char* key, const std::string& field,
                         const std::string& value) {
  if (auto done = db.run({"HSET", key, field, value}); !done)
    return std::move(done.error());
  return caf::unit;
}

std::string place_of_signing_key(const std::string& environment) {
  return "webhooks/" + environment;
}

} // namespace

std::string to_json(const webhook_settings& x) {
  json result{{"primary_url", x.primary_url}, {"secondary_url", x.secondary_url}};
  for (auto& [name, member] : switches)
    result[name] = x.*member;
  return result.dump();
}

webhook_settings read_webhook_settings(const std::string& text) {
  webhook_settings result;
  auto found = json::parse(text, nullptr, false);
  if (!found.is_object())
    return result;
  result.primary_url = found.value("primary_url", std::string{});
  result.secondary_url = found.value("secondary_url", std::string{});
  for (auto& [name, member] : switches)
    result.*member = found.value(name, result.*member);
  return result;
}

expected<std::string> open_signing_key(const keyring& keys, const std::string& environment,
                                       std::string stored) {
  return keys.open(place_of_signing_key(environment), std::move(stored));
}

expected<webhook_settings> webhook_desk::settings(const std::string& environment) {
  auto reply = db_.run({"HGET", keys::webhook_settings, environment});
  if (!reply)
    return std::move(reply.error());
  return read_webhook_settings(text_of(**reply));
}

expected<void> webhook_desk::set_settings(const std::string& environment,
                                          const webhook_settings& x) {
  return set_field(db_, keys::webhook_settings, environment, to_json(x));
}

expected<std::string> webhook_desk::signing_key(const std::string& environment) {
  auto fresh = db_.keys().seal(place_of_signing_key(environment), make_uuid());
  auto answers = run_checked(
    db_, std::vector<owned_command>{{"HSETNX", keys::webhook_keys, environment, fresh},
                                    {"HGET", keys::webhook_keys, environment}});
  if (!answers)
    return std::move(answers.error());
  return open_signing_key(db_.keys(), environment, text_of(*(*answers)[1]));
}

expected<void> webhook_desk::set_signing_key(const std::string& environment,
                                             const std::string& key) {
  return set_field(db_, keys::webhook_keys, environment,
                   db_.keys().seal(place_of_signing_key(environment), key));
}

} // namespace varia
