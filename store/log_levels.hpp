#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// A level of the log that an operator wants for a while.
struct wanted_log_level {
  std::string level;
  std::optional<milliseconds> left; ///< For so long still; none: until it is taken back.
};

/// The levels at which processes log, where operators want others than their settings say. A level
/// is wanted for one process, by its name, or for all; the former wins.
class log_levels {
public:
  explicit log_levels(redis& db) : db_{db} {}

  /// Wants a level of a process (empty: of all), for so long or until it is taken back.
  expected<void> want(const std::string& process, const std::string& level,
                      std::optional<milliseconds> span);

  /// Takes it back: the settings count again.
  expected<void> forget(const std::string& process);

  /// Returns what is wanted of each (empty: of all), in the order asked.
  expected<std::vector<std::optional<wanted_log_level>>>
  find(const std::vector<std::string>& processes);

  /// Returns the level that holds for a process; none where its settings count.
  expected<std::optional<std::string>> level_of(const std::string& process);

private:
  redis& db_;
};

} // namespace varia
