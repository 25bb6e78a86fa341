#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <vector>

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

/// What a line is about, by name: "run", "variant", "worker", "trace_id" and the like.
using log_facts = std::vector<std::pair<const char*, std::string>>;

/// As long as it lives, all lines of this thread carry these facts, those without a value apart.
/// Scopes lie within each other; the innermost wins. The facts must outlive it.
class log_scope {
public:
  explicit log_scope(const log_facts& facts);
  explicit log_scope(log_facts&&) = delete;
  ~log_scope();

  log_scope(const log_scope&) = delete;
  log_scope& operator=(const log_scope&) = delete;
};

/// From here on all lines of this process carry a fact; an empty value takes it away.
void set_log_fact(const char* name, const std::string& value);

} // namespace varia
