#pragma once

#include "core/error.hpp"
#include "store/redis.hpp"

namespace varia {

/// The layout of keys and the library of Functions that this build knows; see docs/formats.md.
inline constexpr int schema_version = 2;

/// Makes the store ready: loads our Functions (they are part of the program), writes the schema
/// version into an empty store, and checks what must hold. Fails with `invalid` if the store is of
/// a newer schema or if Redis may evict keys (`maxmemory-policy` other than noeviction).
expected<void> prepare_store(redis& db);

} // namespace varia
