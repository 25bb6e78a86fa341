#pragma once

#include "store/record.hpp"
#include "store/runs.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// The most records that one commit takes, and the most bytes of payload, unless it is one record.
inline constexpr size_t batch_records_max = 1000;
inline constexpr size_t batch_bytes_max = size_t{1024} * 1024;

/// The most bytes that one record may have.
inline constexpr size_t record_bytes_max = size_t{16} * 1024 * 1024;

/// How a run writes: what holds for all of its batches to a model.
struct write_rules {
  bool marks_seen = false; ///< Unchanged records are marked as seen, for `deletions`.
  std::optional<record_place> respected_from; ///< Records that another run changed after this
                                              ///< place are left alone (contract 3.8).
};

/// A checkpoint to be saved together with a batch, if it is still the one that was read.
struct checkpoint_change {
  std::string json;     ///< Empty: none is to be saved.
  uint64_t version = 0; ///< That of the checkpoint it replaces.
};

/// A record that is to be deleted.
struct removed_record {
  std::string id;
  std::string payload;               ///< Kept only if the record is not known.
  std::optional<time_ms> deleted_at; ///< Nothing: now.
};

/// A record that an update made of the stored one.
struct merged_record {
  std::string id;
  std::string payload;
  record_place place = 0; ///< Of the record that it was made of.
};

/// The records that the first `taken` of some patches were merged into.
struct merge_result {
  std::vector<merged_record> records;
  size_t taken = 0;
};

/// What a commit did. `added` counts revived records too (contract 3.4).
struct commit_result {
  int64_t added = 0;
  int64_t updated = 0;
  int64_t deleted = 0;
  int64_t unchanged = 0;
  int64_t ignored = 0; ///< Left alone by the rules, or not there to be updated.
};

/// The writes of runs to the records of a variant, by model, in commit order. Every write is fenced
/// by the ticket, and numbered within the run from 1 on: a number that comes again gets its first
/// answer and changes nothing. Each is all or nothing: records, change order, counts and, if given,
/// checkpoint. At most `batch_records_max` records and `batch_bytes_max` bytes, or one record. The
/// first of two records with one id counts. All fail with `fenced`, with `invalid` for what breaks
/// these rules, with `cancelled` if the store has lost what the run had saved before, and with
/// `unavailable` without Redis; then the same call may be made again.
class records {
public:
  explicit records(redis& db) : db_{db} {}

  /// Saves records: classifies each as added, updated or unchanged by a content hash that ignores
  /// key order. A deleted record comes back as added, a pruned one gets its payload back. Fails
  /// with `conflict` if the checkpoint has been changed since.
  expected<commit_result> save(const run_ticket& ticket, uint64_t batch, const std::string& model,
                               const std::vector<saved_record>& all, const write_rules& rules = {},
                               const checkpoint_change& checkpoint = {});

  /// Reads the records that the patches name and merges: objects deeply, everything else is
  /// replaced. With unknown and deleted records there is nothing to merge: they are left out.
  /// Takes as many of the patches as memory should hold at once, and at least one. Writes nothing.
  expected<merge_result> merge(const variant_ref& variant, const std::string& model,
                               const std::vector<saved_record>& patches);

  /// Writes what `merge` made. Fails with `conflict` if one of the records has changed since; then
  /// `merge` has to be asked again.
  expected<commit_result> update(const run_ticket& ticket, uint64_t batch, const std::string& model,
                                 const std::vector<merged_record>& all,
                                 const write_rules& rules = {});

  /// Marks records as deleted and keeps their payload. What is deleted already stays as it is. An
  /// unknown record is stored as deleted, so that readers learn of it, and not counted.
  expected<commit_result> remove(const run_ticket& ticket, uint64_t batch, const std::string& model,
                                 const std::vector<removed_record>& all);

  /// Marks those of the records as deleted that no run since number `since` has seen.
  expected<commit_result> remove_unseen(const run_ticket& ticket, uint64_t batch,
                                        const std::string& model, uint64_t since,
                                        const std::vector<std::string>& ids);

private:
  redis& db_;
};

} // namespace varia
