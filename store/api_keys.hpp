#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// What is known of an API key. The key itself is kept as a hash only.
struct api_key {
  std::string id;          ///< A uuid that says nothing about the key.
  std::string environment; ///< Or `account_name` for a key of the account.
  std::string name;        ///< Unique in its environment.
  std::vector<std::string> scopes;
  time_ms created_at = 0;
  time_ms last_used_at = 0; ///< To the minute; 0: never. Kept elsewhere.
};

/// What stands for the account in place of an environment.
inline constexpr auto account_name = "account";

/// A key that was just made, the only time that it can be read.
struct made_key {
  std::string secret; ///< The text of a uuid: never log it.
  api_key about;
};

/// API keys, kept as SHA-256 only. Each belongs to one environment, or to the account.
class api_keys {
public:
  static constexpr size_t keys_max = 100; ///< Of one environment.

  explicit api_keys(redis& db) : db_{db} {}

  /// Makes `key` (the text of a uuid) open `environment` and everything else. For the first key of
  /// an installation. Adding it again changes nothing.
  expected<void> add(const std::string& key, const std::string& environment);

  /// Makes a key with the environment, name and scopes of `wanted`. Fails with `exists` if the
  /// environment has a key of that name and with `full` if it has `keys_max`.
  expected<made_key> make(api_key wanted);

  /// What the store knows a key by.
  static std::string hash_of(const std::string& key);

  /// Returns what is known of a key, or nothing for an unknown one.
  expected<std::optional<api_key>> find(const std::string& key);

  /// The same for the hash of a key.
  expected<std::optional<api_key>> find_hashed(const std::string& hash);

  /// Returns the keys of an environment, oldest first, with their times of use.
  expected<std::vector<api_key>> list(const std::string& environment);

  /// Returns all keys there are, likewise.
  expected<std::vector<api_key>> list_all();

  /// Takes a key away; `not_found` if the environment has none of that id.
  expected<void> revoke(const std::string& environment, const std::string& id);

  /// Notes that a key is in use.
  expected<void> note_use(const std::string& id);

private:
  struct stored_key;

  expected<std::vector<stored_key>> read_all();

  redis& db_;
};

} // namespace varia
