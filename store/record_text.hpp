#pragma once

#include "store/record_pages.hpp"

#include <string>
#include <vector>

namespace varia {

/// Renders a record as readers get it: the stored payload byte for byte, but with `id` as the text
/// it is stored under, and with `_nango_metadata` at its end. A pruned record has nothing else. The
/// payload is scanned, not parsed: only as far as its own `id`.
std::string record_text(const stored_record& x);

/// Renders records as a JSON array.
std::string records_text(const std::vector<stored_record>& all);

/// Renders the answer of GET /records.
std::string page_text(const record_page& page);

} // namespace varia
