#pragma once

#include "core/metrics.hpp"

#include <memory>
#include <string>

namespace varia {

/// Measures this process as Prometheus expects of every one: its memory, its processor time, its
/// descriptors, when it began; and which build it is, as what kind of process. Measures as long as
/// the result lives.
std::unique_ptr<scrape_hook> measure_process(const std::string& kind, const std::string& version);

} // namespace varia
