#pragma once

#include "core/error.hpp"

#include <string_view>
#include <vector>

namespace varia {

/// Counts what this process asked of Redis: how long it took (calls that wait for news apart), what
/// failed, and what our Functions refused because somebody else was named meanwhile.
void measure_redis_call(const std::vector<std::string_view>& words, double seconds,
                        const caf::error& outcome);

/// The same for several calls that were sent at once.
void measure_redis_calls(double seconds, const caf::error& outcome);

} // namespace varia
