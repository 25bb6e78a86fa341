#pragma once

#include "tests/simulation/cluster.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace varia::test {

/// A trigger that was acknowledged, and the time it took.
struct told_trigger {
  std::string id;
  time_ms asked_at = 0, told_at = 0;
};

/// What applications asked of the cluster, and what they were told.
struct ledger {
  std::set<std::string> created; ///< Ids whose creation was acknowledged.
  std::set<std::string> doomed;  ///< Ids whose deletion was asked for, whatever came of it.
  std::set<std::string> deleted; ///< Ids whose deletion was acknowledged.
  std::vector<told_trigger> triggers;
  std::map<std::string, time_ms> paused; ///< When that was asked for last, by id.
  size_t answers = 0;
  size_t refusals = 0; ///< For want of a leader or of Redis.
};

using complaints = std::vector<std::string>;

/// What must hold at every moment: writes are fenced and in order, what was acknowledged is there.
complaints check_safety(const cluster& all, const ledger& book);

/// What must come to hold when all is well again, but for what the workers host.
complaints check_progress(const cluster& all, const ledger& book,
                          const std::vector<cluster_status>& said);

/// What workers host, after all VARIANTs were woken: each where the store says, and nowhere else.
complaints check_hosting(const cluster& all, const ledger& book);

} // namespace varia::test
