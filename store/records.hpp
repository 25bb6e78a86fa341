#pragma once

#include "core/time.hpp"
#include "store/runs.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// The most records that one commit takes, and the most bytes of payload.
inline constexpr size_t batch_records_max = 1000;
inline constexpr size_t batch_bytes_max = size_t{1024} * 1024;

/// One record as the script made it. `payload` is the JSON text of an object; it is stored and
/// returned byte for byte.
struct saved_record {
  std::string id;
  std::string payload;
};

/// What a commit did. `added` counts revived records too (contract 3.4).
struct commit_result {
  int64_t added = 0;
  int64_t updated = 0;
  int64_t deleted = 0;
  int64_t unchanged = 0;
};

enum class last_action { added, updated, deleted };

const char* to_string(last_action x); ///< "ADDED", "UPDATED", "DELETED".

/// One record as a reader sees it.
struct stored_record {
  std::string id;
  std::string payload; ///< JSON text of an object; empty if pruned.
  time_ms first_seen_at = 0;
  time_ms last_modified_at = 0;
  last_action action = last_action::added;
  std::optional<time_ms> deleted_at;
  std::optional<time_ms> pruned_at;
  std::string cursor; ///< Opaque position of this record in the change order.
};

/// Which records a reader wants.
struct record_query {
  std::string model;
  std::string cursor;                    ///< Only what comes after it; empty: from the start.
  std::optional<time_ms> modified_after; ///< Only what was modified at or after it.
  size_t limit = 100;
  bool added = true; ///< The union of the three is returned.
  bool updated = true;
  bool deleted = true;
  std::vector<std::string> ids; ///< Only these; empty: all.
};

struct record_page {
  std::vector<stored_record> records; ///< In change order.
  std::string next_cursor;            ///< Empty on the last page.
};

/// The records of a variant, by model, in commit order. The layout in Redis is not part of this
/// interface. Every write is fenced by the ticket, and numbered within the run: a repeated number
/// returns the first answer and changes nothing.
class records {
public:
  explicit records(redis& db) : db_{db} {}

  /// Saves a batch: classifies each record as added, updated or unchanged by a content hash that
  /// ignores key order, appends the change order, counts, and saves `checkpoint` (JSON text; empty:
  /// none) in the same step: all or nothing. The first of two records with one id wins. At most
  /// `batch_records_max` records and `batch_bytes_max` bytes. Fails with `fenced`, or with
  /// `invalid` if a payload is no JSON object.
  expected<commit_result> save(const run_ticket& ticket, uint64_t batch, const std::string& model,
                               const std::vector<saved_record>& batch_records,
                               const std::string& checkpoint = {});

  /// Marks records as deleted and keeps their payload. Unknown ids and deleted ones are not
  /// counted. Same limits and failures as `save`.
  expected<commit_result> remove(const run_ticket& ticket, uint64_t batch, const std::string& model,
                                 const std::vector<std::string>& ids);

  /// Reads a page in change order. A record that changes moves to the end, so a reader who follows
  /// the cursor sees every final state and misses nothing. A cursor that `page` did not make fails
  /// with `invalid`.
  expected<record_page> page(const variant_ref& variant, const record_query& query);

private:
  redis& db_;
};

} // namespace varia
