#pragma once

#include "core/time.hpp"
#include "core/variant_plan.hpp"
#include "store/partitions.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace varia {

struct partition_rules {
  milliseconds every{3600 * 1000};      ///< Between two questions.
  milliseconds grace{24 * 3600 * 1000}; ///< A partition that is gone keeps its variant so long.
  milliseconds patience{600 * 1000};    ///< A question without an answer is asked again after it.
  uint32_t delete_max_percent = 50;     ///< Of its own variants.
};

/// What to do about the partitions of a sync now, and when to look again.
struct partition_step {
  enum class kind { rest, ask, act };
  kind what = kind::rest;
  time_ms again_at = 0; ///< 0: not before another function is deployed.
};

/// Decides what to do next. `sha` is that of the function that is deployed now.
partition_step next_step(const partitions_row& row, const std::string& sha, time_ms now,
                         const partition_rules& rules);

/// What becomes of the variants of a sync after its function has told its partitions.
struct partition_plan {
  variant_plan plan;
  std::map<std::string, time_ms> missing; ///< Kept for a while, and since when.
  std::vector<std::string> foreign;       ///< Told, but made by somebody else: left alone.
  bool guarded = false;                   ///< Deletions were held back.
};

/// Plans without reading or writing anything. Only variants that partitions asked for are changed
/// or deleted. One whose partition is gone stays until the grace is over, counted between answers
/// that the function did give; deletions that would be too many are held back as a whole, unless
/// forced. `named_max` is the limit of the sync.
partition_plan plan_partitions(const partitions_row& row, const std::vector<variant_entry>& present,
                               bool starts_paused, size_t named_max, const partition_rules& rules);

} // namespace varia
