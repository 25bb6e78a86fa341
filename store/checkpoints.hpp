#pragma once

#include "store/runs.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace varia {

/// A checkpoint as it was read. The version grows with every change, also with clearing.
struct checkpoint {
  std::optional<std::string> json; ///< The text last saved, if there is one.
  uint64_t version = 0;
};

/// A checkpoint as an operator sees it.
struct shown_checkpoint {
  checkpoint what;
  bool in_progress = false; ///< A run is open, and may change it.
};

/// Where a variant goes on after a stop: a flat JSON object that means something to the script
/// only. Rules in contract section 4; each variant has its own, which dies with it. The history of
/// a run that asked for it tells which one it found and which one it left.
class checkpoints {
public:
  explicit checkpoints(redis& db) : db_{db} {}

  /// Returns what was last saved, for a run. Fails with `fenced`; and with `unavailable` rather
  /// than call a checkpoint missing that could not be read.
  expected<checkpoint> load(const run_ticket& ticket);

  /// Returns the JSON text last saved, or nothing, for anybody.
  expected<std::optional<std::string>> read(const variant_ref& variant);

  /// Replaces the checkpoint of that version, and returns the version it has now. Fails with
  /// `fenced`, with `conflict` if it has been changed since, with `cancelled` if the store has lost
  /// the version, and with `invalid`.
  expected<uint64_t> save(const run_ticket& ticket, const std::string& json, uint64_t version);

  /// Forgets the checkpoint; fine if there is none. Returns and fails as `save`.
  expected<uint64_t> clear(const run_ticket& ticket, uint64_t version);

  /// Returns the checkpoint of a variant's syncs for an operator; `not_found`.
  expected<shown_checkpoint> show(const variant_ref& variant);

  /// Replaces the checkpoint for an operator (empty text: forgets it), and returns its version.
  /// Fails with `conflict` if it has another version than the one that is named, while an event is
  /// handled, and while a run is open unless told to `force` it: such a run saves no checkpoint
  /// more. Fails with `not_found`, and with `invalid` as `save` does.
  expected<uint64_t> put(const variant_ref& variant, const std::string& json,
                         std::optional<uint64_t> version, bool force);

private:
  redis& db_;
};

/// Checks the rules of a checkpoint (contract 4.1): a flat object of at most 16 fields, names up to
/// 255 characters, values that are strings up to 4,000 characters, finite numbers or booleans.
/// Fails with `invalid` and words for the script's author.
expected<void> check_checkpoint(const std::string& json);

/// Reads two elements of an answer, of which the first stands at `at`: text or nil, and version.
checkpoint read_checkpoint(const redisReply& answer, size_t at = 0);

} // namespace varia
