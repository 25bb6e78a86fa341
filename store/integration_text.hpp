#pragma once

#include "store/integrations.hpp"

#include <nlohmann/json.hpp>

namespace varia {

/// Shows an integration as applications and scripts see it (contract 1.17), without its secrets.
nlohmann::ordered_json integration_text(const integration& x);

} // namespace varia
