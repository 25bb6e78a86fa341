#pragma once

#include "store/redis.hpp"

#include <optional>
#include <string>

namespace varia {

/// API keys, kept as SHA-256 only. Each belongs to one environment.
class api_keys {
public:
  explicit api_keys(redis& db) : db_{db} {}

  /// Makes `key` (the text of a uuid) open `environment`. Adding it again changes nothing.
  expected<void> add(const std::string& key, const std::string& environment);

  /// Returns the environment a key opens, or nothing for an unknown key.
  expected<std::optional<std::string>> find(const std::string& key);

private:
  redis& db_;
};

} // namespace varia
