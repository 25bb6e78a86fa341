#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace varia {

/// A moment as Redis tells it: milliseconds since 1970, UTC. Stored times are always of this kind.
using time_ms = int64_t;

using std::chrono::milliseconds;

/// Returns the wall clock of this host. For display and for timers only: what is stored takes its
/// time from Redis.
time_ms now_ms();

/// Returns milliseconds of a clock that only moves forward and says nothing but how much time has
/// passed: what leases are judged by.
time_ms steady_ms();

/// Renders "2026-11-22T16:40:59.838Z", the form JavaScript's `toISOString` has.
std::string to_iso_z(time_ms at);

/// Renders "2026-11-22T16:40:59.838+00:00", the form records and connections carry on the wire.
std::string to_iso_offset(time_ms at);

/// Parses an ISO 8601 moment that ends in `Z`, with or without fractions of a second (digits past
/// the millisecond are dropped). Returns -1 for anything else.
time_ms parse_iso_z(const std::string& text);

} // namespace varia
