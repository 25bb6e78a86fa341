#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <string>

namespace varia {

/// Locks that the runs of an environment share, by a name that scripts choose (contract 5.4). They
/// end by themselves, so a run that dies keeps nobody out for good. They are advice among scripts;
/// what protects the store are tokens.
class locks {
public:
  explicit locks(redis& db) : db_{db} {}

  /// Takes a lock for so long. Returns false if somebody else has it; its owner takes it anew.
  expected<bool> take(const std::string& environment, const std::string& name,
                      const std::string& owner, milliseconds span);

  /// Gives a lock back. Returns false if the owner does not have it (any more).
  expected<bool> release(const std::string& environment, const std::string& name,
                         const std::string& owner);

private:
  redis& db_;
};

} // namespace varia
