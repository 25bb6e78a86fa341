#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <string>
#include <vector>

namespace varia {

/// One thing that somebody changed.
struct audit_entry {
  std::string id; ///< Grows with time.
  time_ms at = 0;
  std::string who;    ///< The name of the API key.
  std::string what;   ///< Such as "variant.created".
  std::string detail; ///< JSON text of an object, without anything secret.
};

/// Who changed what, one stream for each environment and one for the whole installation, whose name
/// is `account`. About 10,000 last entries of each stay.
class audit_log {
public:
  explicit audit_log(redis& db) : db_{db} {}

  expected<void> audit(const std::string& environment, const std::string& who,
                       const std::string& what, const std::string& detail);

  /// Returns the last entries, newest first; with `before`, those older than that one. Fails with
  /// `invalid` if `before` is no id.
  expected<std::vector<audit_entry>> read(const std::string& environment, size_t count,
                                          const std::string& before = {});

  /// Forgets the stream of an environment.
  expected<void> forget(const std::string& environment);

private:
  redis& db_;
};

} // namespace varia
