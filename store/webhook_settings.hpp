#pragma once

#include "store/keyring.hpp"
#include "store/redis.hpp"

#include <string>

namespace varia {

/// Where an environment wants to be told of what happens, and of what (contract 7.1).
struct webhook_settings {
  std::string primary_url = {}; ///< Empty for none, as the other one. May be secret: never log it.
  std::string secondary_url = {};
  bool on_sync_completion_always = true; ///< Also of runs that changed nothing.
  bool on_sync_error = true;
  bool on_auth_creation = true;
  bool on_auth_refresh_error = true;
  bool on_async_action_completion = true;
  bool on_variant_change = false; ///< An event that applications need not know.
};

/// The JSON text that the store keeps, and back; what is missing in the text has its default.
std::string to_json(const webhook_settings& x);
webhook_settings read_webhook_settings(const std::string& json);

/// Opens the signing key of an environment as the store has it; see `keyring`.
expected<std::string> open_signing_key(const keyring& keys, const std::string& environment,
                                       std::string stored);

/// What each environment has settled of the webhooks that it gets: settings, and the key that they
/// are signed with.
class webhook_desk {
public:
  explicit webhook_desk(redis& db) : db_{db} {}

  /// Returns the settings of an environment; the defaults if it has none.
  expected<webhook_settings> settings(const std::string& environment);

  expected<void> set_settings(const std::string& environment, const webhook_settings& x);

  /// Returns the signing key of an environment, which is made when it is first asked for. Secret.
  expected<std::string> signing_key(const std::string& environment);

  /// Replaces the signing key; everything that is sent from now on is signed with the new one.
  expected<void> set_signing_key(const std::string& environment, const std::string& key);

private:
  redis& db_;
};

} // namespace varia
