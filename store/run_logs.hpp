#pragma once

#include "core/time.hpp"
#include "store/runs.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace varia {

enum class log_level : uint8_t { debug, info, warn, error };

const char* to_string(log_level x);

/// Reads a level as scripts and queries write it; nothing if it is none.
std::optional<log_level> parse_log_level(std::string_view text);

/// One line of a run's log: the JSON text of an object with run, at, level and message.
struct log_line {
  log_level level = log_level::info;
  std::string text;
};

/// How much of a variant's log is kept. What is older than either limit goes when lines are added,
/// and the whole log once nothing was added for `age_max`.
struct log_limits {
  uint64_t runs_max = 20;
  milliseconds age_max{7 * 24 * 3600 * 1000};
};

/// Which lines a reader wants.
struct log_query {
  size_t count = 100;
  log_level level_min = log_level::debug;
  std::optional<uint64_t> run; ///< Of this run only.
  std::string after;           ///< Id of a line: the lines behind it, oldest first.
};

/// True for a text that can be the id of a line.
bool is_line_id(const std::string& text);

/// A line as it was stored. The id is opaque and grows from line to line.
struct stored_line {
  std::string id;
  std::string text;
};

/// Reads the lines that a stream of Redis holds: newest first, or oldest first behind `after`.
/// Looks at no more than there are.
expected<std::vector<stored_line>> read_lines(redis& db, const std::string& stream,
                                              const log_query& query);

/// The logs of variants: what scripts log and which requests they make, by run. Bounded by lines,
/// runs and age.
class run_logs {
public:
  explicit run_logs(redis& db) : db_{db} {}

  /// Appends lines of a run. Fails with `fenced`.
  expected<void> append(const run_ticket& ticket, const std::vector<log_line>& lines,
                        const log_limits& limits);

  /// Returns what was asked for, newest first, or oldest first behind `after`. Looks at no more
  /// than a log can hold.
  expected<std::vector<stored_line>> read(const variant_ref& variant, const log_query& query);

private:
  redis& db_;
};

} // namespace varia
