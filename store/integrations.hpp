#pragma once

#include "core/time.hpp"
#include "store/packed.hpp"
#include "store/redis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// A configured provider of one environment.
struct integration {
  std::string unique_key;
  std::string provider;
  std::string display_name;
  bool forward_webhooks = true;
  std::string settings; ///< JSON text of an object: the `custom` object of the API; see api docs.
  std::string credentials; ///< JSON text, or empty: the client of OAuth 2. Secret: never log it.
  time_ms created_at = 0;
  time_ms updated_at = 0;
  std::string incoming_rules;  ///< JSON text, or empty: how its webhooks are checked and routed.
  std::string incoming_secret; ///< That they are checked with, or empty. Secret: never log it.
};

template <>
std::string pack(const integration& x);
template <>
expected<integration> unpack(std::string_view bytes);

/// The integrations of each environment. One round trip per method.
class integrations {
public:
  explicit integrations(redis& db) : db_{db} {}

  /// Adds an integration and returns it with its times set. Fails with `exists` if the key is
  /// taken.
  expected<integration> add(const std::string& environment, integration x);

  /// Replaces an integration. Fails with `not_found`.
  expected<integration> update(const std::string& environment, integration x);

  expected<std::optional<integration>> find(const std::string& environment, const std::string& key);

  /// Returns all of an environment, oldest first.
  expected<std::vector<integration>> list(const std::string& environment);

  /// Removes an integration; `not_found` if there is none.
  expected<void> remove(const std::string& environment, const std::string& key);

private:
  redis& db_;
};

} // namespace varia
