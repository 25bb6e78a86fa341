#pragma once

#include "store/runs.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// What a search for records that were not seen has found.
struct unseen_records {
  int64_t live = 0; ///< How many records it looked at that are not deleted.
  std::vector<std::string> ids;
};

/// Finds out which records of a variant have vanished from their source: those that no run has
/// saved since tracking began (contract 3.7). What is seen is kept with each record, so tracking
/// may span any number of runs and any time; `write_rules::marks_seen` must be set for all batches
/// of those runs.
class deletions {
public:
  explicit deletions(redis& db) : db_{db} {}

  /// Begins to track a model with the ticket's run, unless that has begun already. `fenced`.
  expected<void> start(const run_ticket& ticket, const std::string& model);

  /// Returns the number of the run that began to track a model, if one did.
  expected<std::optional<uint64_t>> started(const variant_ref& variant, const std::string& model);

  /// Returns all live records that no run since number `since` has seen. Reads in bounded steps, of
  /// which the variant's own run is to be the only writer meanwhile.
  expected<unseen_records> find_unseen(const variant_ref& variant, const std::string& model,
                                       uint64_t since);

  /// Ends tracking; fine if it has not begun. Fails with `fenced`.
  expected<void> end(const run_ticket& ticket, const std::string& model);

private:
  redis& db_;
};

} // namespace varia
