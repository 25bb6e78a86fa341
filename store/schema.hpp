#pragma once

#include "core/error.hpp"
#include "store/redis.hpp"
#include "store/redis_link.hpp"

namespace varia {

/// The layout of keys that this build knows; see docs/formats.md.
inline constexpr int schema_version = 3;

/// The library of Functions that this build has: a greater number whenever Functions change between
/// two releases. Within one schema a newer library serves older programs, too.
inline constexpr int library_version = 1;

/// Makes the store ready: loads our Functions (they are part of the program) unless newer ones are
/// there, writes the schema version into an empty store, and checks what must hold. Fails with
/// `invalid` if the store is of another schema or if Redis may evict keys (`maxmemory-policy` other
/// than noeviction).
expected<void> prepare_store(redis& db);

/// Looks whether the server has our Functions, and prepares it as `prepare_store` does if they are
/// missing or older: it may have been restarted without them or restored from an old copy. Fails
/// with `unavailable` only, in whichever way the server is not fit.
expected<void> keep_functions(redis_link& server);

} // namespace varia
