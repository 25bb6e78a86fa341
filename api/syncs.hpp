#pragma once

#include "actors/messages.hpp"
#include "api/http.hpp"
#include "core/error.hpp"
#include "store/connections.hpp"
#include "store/functions.hpp"
#include "store/variants.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// A variant as a request names it, before it is looked up.
struct sync_name_pair {
  std::string name;
  std::string variant = base_variant;
};

/// Reads "orders" or "orders::emea"; further parts are ignored.
sync_name_pair parse_sync_name(const std::string& text);

/// Reads the list of a body that follows `sync_list`.
std::vector<sync_name_pair> parse_sync_names(const json& list);

/// What was found of the variants that a request names, in its order and without repeats.
struct found_variants {
  std::vector<variant_entry> entries;
  size_t missing = 0; ///< How many named ones do not exist.
};

/// Looks up variants of a connection; all that it has if none is named.
expected<found_variants> find_variants(redis& db, connection_number connection,
                                       const std::vector<sync_name_pair>& names);

/// The period of a frequency; 0 for no frequency or one that is none.
uint64_t period_of(const std::string& frequency);

/// The frequency in effect, or the cron text: the override, else what the variant's schedule says,
/// else the function.
std::string frequency_of(const variant_entry& entry, const function* deployed);

/// What a deployed function asks for each of these connections.
std::vector<sync_wish> wishes_of(const function& deployed,
                                 const std::vector<connection_number>& connections);

/// Has the partitions of these connections' syncs looked for, if the function tells them.
expected<void> watch_partitions(redis& db, const function& deployed,
                                const std::vector<connection_number>& connections);

/// The function of that name, or nullptr.
const function* find_function(const std::vector<function>& all, const std::string& name);

} // namespace varia
