#pragma once

#include "api/validation.hpp"

namespace varia {

// What requests are made of, as contract 1.4 has it.

schema sync_name();           ///< Also the name of a variant.
schema provider_config_key(); ///< The key of an integration.
schema connection_id();
schema model_name();

/// True for the name of the base variant in any letter case.
bool is_reserved_variant(const std::string& name);

/// No key at all, which most writing routes ask of their query.
schema nothing();

/// The body {provider_config_key, connection_id} of the variant routes.
schema connection_body();

/// The list of syncs in a command: texts "name" or "name::variant", or objects.
schema sync_list(other_keys in_objects, size_t most = SIZE_MAX);

schema tag_map();
schema end_user();

} // namespace varia
