#pragma once

#include "store/run_logs.hpp"
#include "upstream/provider_request.hpp"
#include "worker/frame.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// How much one run may log.
struct run_log_limits {
  log_level level_min = log_level::debug;
  uint64_t lines_max = 2000;
  uint64_t bytes_max = 4 * 1024 * 1024;
};

/// The lines of one run that the store has not got yet. What is over the limits is counted instead
/// of kept; a hundred warnings and errors find room beyond the limit of lines. Belongs to the run's
/// strand.
class run_log {
public:
  explicit run_log(const run_log_limits& limits) : limits_{limits} {}

  /// Adds the line of a LOG frame for run `run` of its variant.
  void add(uint64_t run, const frame_value& line);

  /// Adds a request: as a warning if it failed, else at level info.
  void add(uint64_t run, const request_trace& x);

  bool is_empty() const { return lines_.empty(); }

  /// Returns the lines so far and forgets them.
  std::vector<log_line> take() { return std::exchange(lines_, {}); }

  /// As `take`, for the last time: the end tells how many lines were left out.
  std::vector<log_line> take_last(uint64_t run);

private:
  void keep(log_level level, std::string text);
  bool has_room(log_level level) const;

  run_log_limits limits_;
  std::vector<log_line> lines_;
  uint64_t count_ = 0;
  uint64_t bytes_ = 0;
  uint64_t dropped_ = 0;
};

} // namespace varia
