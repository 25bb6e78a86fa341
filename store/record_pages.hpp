#pragma once

#include "core/variant.hpp"
#include "store/call.hpp"
#include "store/record.hpp"
#include "store/redis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// Which records a reader wants.
struct record_query {
  std::string model;
  std::string cursor;                    ///< Only what comes after it; empty: from the start.
  std::optional<time_ms> modified_after; ///< Only what was modified at or after it.
  std::optional<record_place> until;     ///< Only what was changed up to this place.
  size_t limit = 100;
  size_t bytes_max = 16 * 1024 * 1024; ///< Of payload, unless the first record alone has more.
  bool added = true;                   ///< The union of the three is returned.
  bool updated = true;
  bool deleted = true;
  std::vector<std::string> ids; ///< Only these; empty: all.
};

/// True if a record that was last changed in this way is wanted.
bool wants(const record_query& query, last_action x);

struct record_page {
  std::vector<stored_record> records; ///< In change order.
  std::string next_cursor;            ///< Empty on the last page.
  record_place end = 0;               ///< Whoever goes on goes on behind this place.
};

/// A variant to read from, with the name that its records shall carry, if any.
struct record_source {
  variant_ref variant;
  std::string name;
};

/// A page, and what Redis said to the questions asked with it.
struct answered_page {
  record_page page;
  std::vector<redis::reply> answers;
};

/// Records that were looked up by id.
struct found_records {
  std::vector<stored_record> records; ///< Those there are, in the order asked.
  size_t looked_at = 0;               ///< How many of the ids, from the first on.
};

/// Reads the records of variants. A record that changes moves to the end of the order, so a reader
/// who follows the cursor sees every final state, in the order of commits, and misses nothing. Each
/// step is a short call that looks at a bounded number of records.
class record_pages {
public:
  explicit record_pages(redis& db) : db_{db} {}

  /// Reads a page in change order. A cursor that is not ours fails with `invalid`.
  expected<record_page> page(const variant_ref& variant, const record_query& query);

  /// The same over several variants of one sync, which share one order: the cursor of any of their
  /// records is a cursor over all of them.
  expected<record_page> page(const std::vector<record_source>& sources, const record_query& query);

  /// The same, with more questions in the same round trip, which are answered after the page was
  /// read.
  expected<answered_page> page(const std::vector<record_source>& sources, const record_query& query,
                               const std::vector<owned_command>& questions);

  /// Looks records up by id, deleted and pruned ones included: the first of the ids, up to 1,000
  /// and to 16 MiB of payload, and at least one.
  expected<found_records> find(const variant_ref& variant, const std::string& model,
                               const std::vector<std::string>& ids);

  /// Returns the place of the newest change; 0 if there was none.
  expected<record_place> newest(const variant_ref& variant, const std::string& model);

private:
  expected<answered_page> page_of_ids(const std::vector<record_source>& sources,
                                      const record_query& query, record_place begin,
                                      const std::vector<owned_command>& questions);

  redis& db_;
};

} // namespace varia
