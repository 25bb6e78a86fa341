#include "api/named_variant.hpp"

#include "store/connections.hpp"

namespace varia {

schema naming(fields more) {
  fields all{{"provider_config_key", provider_config_key()},
             {"connection_id", connection_id()},
             {"name", sync_name()},
             {"variant", optional(sync_name())}};
  for (auto& each : more)
    all.push_back(std::move(each));
  return object(std::move(all));
}

expected<found_variant> find_named_variant(api_call& x, const json& names) {
  auto integration = text_at(names, "provider_config_key");
  auto number
    = connections{x.db}.number_of(x.environment(), integration, text_at(names, "connection_id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return found_variant{refuse(404, "unknown_connection")};
  auto name = text_at(names, "name");
  auto entry = variants{x.db}.find({{*number, name}, text_at(names, "variant", base_variant)});
  if (!entry)
    return std::move(entry.error());
  if (!*entry)
    return found_variant{refuse(404, "unknown_sync")};
  auto deployed = functions{x.db}.find(x.environment(), integration, name);
  if (!deployed)
    return std::move(deployed.error());
  return found_variant{named_variant{std::move(**entry), std::move(*deployed)}};
}

} // namespace varia
