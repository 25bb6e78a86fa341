#pragma once

#include "api/call.hpp"
#include "store/connections.hpp"
#include "store/functions.hpp"
#include "store/variant_census.hpp"

#include <map>
#include <string>
#include <vector>

namespace varia {

/// How many of a variant's last runs can be shown at most.
inline constexpr size_t recent_runs_max = 20;

/// The variants of an environment, or of some of its connections.
struct variant_survey {
  std::vector<connection> connections;
  std::vector<function> deployed;
  census_result census;
  std::map<connection_number, size_t> by_number; ///< Places in `connections`.

  /// The connection that a variant belongs to, and the function it runs, or nullptr.
  const connection* owner_of(const variant_entry& x) const;
  const function* function_of(const variant_entry& x) const;
};

/// Which variants are looked at; what is empty leaves none out.
struct survey_query {
  std::string environment;
  std::string provider_config_key;
  std::string connection_id;
  std::string sync;
};

/// Reads them in a few round trips, 10,000 at most.
expected<variant_survey> survey_variants(redis& db, const survey_query& query);

/// What lists show of a variant, with so many of its last runs.
json variant_row_text(const variant_survey& all, const counted_variant& x, time_ms now,
                      size_t recent);

} // namespace varia
