#pragma once

#include "api/http.hpp"
#include "api/validation.hpp"
#include "core/schedule_rules.hpp"
#include "core/variant.hpp"
#include "store/functions.hpp"

#include <string>

namespace varia {

/// Judges a schedule in JSON: first its form, then whether it makes sense.
schema schedule_rules_schema();

/// Reads a schedule that follows the schema.
schedule_rules read_schedule(const json& body);

/// Renders what `read_schedule` reads, with all that is left out said.
json schedule_text(const schedule_rules& x);

/// The rules that are in effect for a variant, with the time they name as a frequency or as a cron
/// text. `deployed` is nullptr if the function is gone.
schedule_rules rules_in_effect(const variant_entry& entry, const function* deployed);

} // namespace varia
