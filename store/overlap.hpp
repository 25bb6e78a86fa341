#pragma once

#include "store/record_pages.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// Two variants and how many ids live in both.
struct overlap_pair {
  std::string first;
  std::string second;
  uint64_t ids = 0;
};

/// How far the variants of a sync hold the same records of a model. Only live records count, and
/// records are the same if their ids are.
struct overlap_report {
  size_t variants = 0;              ///< Those that have live records of the model.
  uint64_t live = 0;                ///< Records in all of them.
  std::optional<uint64_t> distinct; ///< Different ids among them, if counted.
  uint64_t overlapping = 0;         ///< Ids that live in two variants or more.
  std::optional<uint64_t> margin;   ///< Nothing if counted; else the estimate is off by no more, in
                                    ///< 95 of 100 cases.
  std::vector<overlap_pair> pairs;  ///< The ten that share most, if counted.
};

/// Up to what all ids are counted, and how much is looked at beyond.
struct overlap_limits {
  uint64_t exact_max = 200'000;     ///< Live records.
  size_t sample = 20'000;           ///< Records, or
  size_t lookups_max = 2'000'000;   ///< less, so that these suffice to find each in all variants.
  size_t pairs_variants_max = 1000; ///< With more variants no pairs are counted.
};

/// Measures the overlap of the variants of one sync. Reads in many short calls, so what is written
/// meanwhile may count or not.
expected<overlap_report> measure_overlap(redis& db, const std::vector<record_source>& variants,
                                         const std::string& model,
                                         const overlap_limits& limits = {});

/// An estimate, and how far it is off at most in 95 of 100 cases.
struct overlap_estimate {
  double ids = 0;
  double margin = 0;
};

/// Estimates how many ids live in two variants or more. `holders` says of each record of a random
/// sample of `live` records in how many variants its id lives: an id of so many is drawn so many
/// times more often, and counts so many times less.
overlap_estimate estimate_overlap(uint64_t live, const std::vector<uint32_t>& holders);

} // namespace varia
