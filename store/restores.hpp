#pragma once

#include "core/error.hpp"
#include "store/redis.hpp"

#include <string>

namespace varia {

/// Which environment is being filled from a backup at this moment: one restore of an environment at
/// a time, which ends by itself when nothing more has come for an hour.
class restores {
public:
  explicit restores(redis& db) : db_{db} {}

  /// Begins a restore, and returns the text that names it. Fails with `conflict` if the environment
  /// has integrations, functions or connections, or if another restore is under way.
  expected<std::string> begin(const std::string& environment);

  /// Says that a restore goes on; `not_found` if it is not, or not any more, under way.
  expected<void> go_on(const std::string& environment, const std::string& restore);

  /// Ends a restore.
  expected<void> end(const std::string& environment, const std::string& restore);

private:
  redis& db_;
};

} // namespace varia
