#pragma once

#include "store/runs.hpp"
#include "store/variants.hpp"

#include <string>
#include <vector>

namespace varia {

/// A variant with all that is known of it.
struct counted_variant {
  variant_entry entry;
  variant_state state;
};

/// Which variants are counted.
struct census_query {
  std::vector<connection_number> connections;
  std::string sync; ///< Empty: all.
  size_t most = 10'000;
};

struct census_result {
  std::vector<counted_variant> variants;
  bool truncated = false; ///< There are more.
};

/// Reads the variants of many connections in a few round trips: connection by connection in the
/// order asked, in each by sync, `base` first, then by name.
expected<census_result> count_variants(redis& db, const census_query& query);

} // namespace varia
