#pragma once

#include "store/functions.hpp"

#include <string>
#include <vector>

namespace varia {

/// The versions of functions that others have replaced: what a rollback can go back to. The last
/// `versions_max` of each function are kept; those of one that was removed for `removed_ttl`.
class function_versions {
public:
  static constexpr size_t versions_max = 20;
  static constexpr milliseconds removed_ttl{std::chrono::hours{24 * 30}};

  explicit function_versions(redis& db) : db_{db} {}

  /// Keeps a version that is about to be replaced or, if `removed`, to go without a successor.
  expected<void> keep(const std::string& environment, const function& old, bool removed = false);

  /// Returns the former versions of a function, the last one first and each once.
  expected<std::vector<function>> list(const std::string& environment,
                                       const std::string& provider_config_key,
                                       const std::string& name,
                                       const std::string& kind = function_kind::sync);

private:
  redis& db_;
};

} // namespace varia
