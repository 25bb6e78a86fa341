#pragma once

#include "core/ids.hpp"
#include "store/record.hpp"
#include "store/redis.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace varia {

/// A record with all that the store keeps of it, as a backup takes it along.
struct record_copy {
  std::string id;
  std::string meta;    ///< The bytes that `docs/formats.md` tells of.
  std::string payload; ///< JSON text; empty if pruned.
};

struct copied_page {
  std::vector<record_copy> records; ///< In change order.
  record_place end = 0;             ///< Whoever goes on goes on behind this place.
  bool is_last = true;
};

/// Copies the records of a model out of a variant and into another one, with their times and their
/// places, so that cursors stay good. What changes meanwhile moves to the end and is copied again.
class record_copies {
public:
  explicit record_copies(redis& db) : db_{db} {}

  /// Returns records behind a place: `records_max` at most, and `bytes_max` of payload, but one at
  /// least if there is one.
  expected<copied_page> read(const variant_ref& variant, const std::string& model,
                             record_place after, size_t records_max, size_t bytes_max);

  /// Writes records into a variant that has never run; those that it has already in this or a later
  /// state are left alone, so the same call may be made again. All or nothing. Fails with
  /// `not_found`, with `conflict` if the variant has run, and with `invalid` for what is no record.
  expected<void> restore(const variant_ref& variant, const std::string& model,
                         const std::vector<record_copy>& all);

private:
  redis& db_;
};

} // namespace varia
