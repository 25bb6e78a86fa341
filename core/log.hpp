#pragma once

#include "core/log_scope.hpp"

#include <spdlog/spdlog.h>

#include <string>

namespace varia {

/// How lines look. `automatic` is plain text for a terminal, and JSON for everybody else.
enum class log_format { automatic, plain, json };

/// Sets up the logger of this process: standard error, one line each, plain text or JSON with `ts`,
/// `level`, `process`, `msg` and what is known of the matter. `level` is one of spdlog's names
/// ("debug", "info", "warn", "error"). Use spdlog's functions afterwards. Never pass a credential,
/// an API key or a provider's answer to them; what looks like one is taken out all the same.
void start_log(const std::string& process, log_format format, const std::string& level);

/// Changes the least level that is logged, at any time and from any thread.
void set_log_level(const std::string& level);

} // namespace varia
