#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <optional>
#include <string>

namespace varia {

/// What a session stands for.
struct found_session {
  std::string key_hash; ///< Of the API key, as `api_keys::hash_of` makes it.
  milliseconds left{0}; ///< Until it ends.
};

/// The sessions of browsers that have signed in with an API key. Each is known by a secret token of
/// which the store keeps the SHA-256 only, and ends by itself. Whether its key is still good is the
/// business of `api_keys`.
class sessions {
public:
  static constexpr size_t per_key_max = 100; ///< Further ones end the oldest.

  explicit sessions(redis& db) : db_{db} {}

  expected<void> begin(const std::string& token, const std::string& key_hash,
                       milliseconds duration);

  /// Returns nothing for a token that is none, or that has ended.
  expected<std::optional<found_session>> find(const std::string& token);

  /// Ends a session; `not_found` if there is none.
  expected<void> end(const std::string& token);

private:
  redis& db_;
};

} // namespace varia
