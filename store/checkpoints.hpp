#pragma once

#include "store/runs.hpp"

#include <optional>
#include <string>

namespace varia {

/// Where a variant goes on after a stop: a flat JSON object that means something to the script
/// only. Rules in contract section 4; each variant has its own, which dies with it.
class checkpoints {
public:
  explicit checkpoints(redis& db) : db_{db} {}

  /// Returns the JSON text last saved, or nothing.
  expected<std::optional<std::string>> load(const variant_ref& variant);

  /// Replaces the checkpoint. Fails with `fenced`.
  expected<void> save(const run_ticket& ticket, const std::string& json);

  /// Forgets the checkpoint; fine if there is none. Fails with `fenced`.
  expected<void> clear(const run_ticket& ticket);

private:
  redis& db_;
};

/// Checks the rules of a checkpoint (contract 4.1): a flat object of at most 16 fields, names up to
/// 255 characters, values that are strings up to 4,000 characters, finite numbers or booleans.
/// Fails with `invalid` and words for the script's author.
expected<void> check_checkpoint(const std::string& json);

} // namespace varia
