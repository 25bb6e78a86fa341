#pragma once

#include <nlohmann/json.hpp>

namespace varia {

/// JSON as the API speaks it: the keys of an object keep their order.
using json = nlohmann::ordered_json;

} // namespace varia
