#pragma once

#include <spdlog/spdlog.h>

#include <string>

namespace varia {

enum class log_format { plain, json };

/// Sets up the logger of this process: standard error, one line each, plain text or JSON. `level`
/// is one of spdlog's names ("debug", "info", "warn", "error"). Use spdlog's functions afterwards.
/// Never pass a credential, an API key or a provider's answer to them.
void start_log(const std::string& process, log_format format, const std::string& level);

} // namespace varia
