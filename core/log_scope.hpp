#pragma once

#include <string>
#include <utility>
#include <vector>

namespace varia {

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
