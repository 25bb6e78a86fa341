#pragma once

#include "api/json.hpp"
#include "core/error.hpp"
#include "store/connections.hpp"
#include "store/functions.hpp"
#include "store/integrations.hpp"
#include "store/record_copies.hpp"
#include "store/variants.hpp"

#include <string>
#include <utility>
#include <vector>

namespace varia {

/// What a backup consists of: JSON objects, each with a `type`, in an order in which they can be
/// written back one after the other. `docs/formats.md` lists them.
namespace backup_item {
inline constexpr auto integration = "integration";
inline constexpr auto variable = "variable";
inline constexpr auto webhooks = "webhooks";
inline constexpr auto function = "function";
inline constexpr auto connection = "connection";
inline constexpr auto limit = "limit";
inline constexpr auto variant = "variant";
inline constexpr auto records = "records";
inline constexpr auto state = "state";
} // namespace backup_item

/// Makes an item of what is stored. What lets somebody in is left out unless `secrets`.
json integration_item(const integration& x, bool secrets);
json connection_item(const connection& x, bool secrets);
json function_item(const function& x, const std::string& code, const std::string& source);
json variant_item(const connection& of, const variant_entry& x, const std::string& checkpoint);
json records_item(const connection& of, const variant_key& key, const std::string& model,
                  const std::vector<record_copy>& all);

/// Reads an item back. Each fails with `invalid` for one that is broken.
expected<integration> read_integration(const json& item);
expected<connection> read_connection(const json& item);

struct function_with_code {
  function definition;
  std::string code;
  std::string source; ///< Empty if it was deployed without.
};

expected<function_with_code> read_function(const json& item);
expected<std::vector<record_copy>> read_records(const json& item);

/// The line of an item in a file, which is also what checksums are made of.
std::string line_of(const json& item);

/// The SHA-256 of the lines of items.
std::string checksum_of(const json& items);

} // namespace varia
