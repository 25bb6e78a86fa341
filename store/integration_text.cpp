#include "store/integration_text.hpp"

#include "core/time.hpp"

#include <utility>

namespace varia {

nlohmann::ordered_json integration_text(const integration& x) {
  using json = nlohmann::ordered_json;
  auto custom = json::parse(x.settings, nullptr, false);
  return {{"unique_key", x.unique_key},
          {"provider", x.provider},
          {"display_name", x.display_name},
          {"logo", nullptr},
          {"forward_webhooks", x.forward_webhooks},
          {"created_at", to_iso_z(x.created_at)},
          {"updated_at", to_iso_z(x.updated_at)},
          {"custom", custom.is_discarded() ? json::object() : std::move(custom)}};
}

} // namespace varia
