#pragma once

#include "store/run_logs.hpp"
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

/// A request that the run made of a provider, as the log shows it: no secret is in it.
struct logged_request {
  std::string method;
  std::string url;
  int status = 0;      ///< 0: no answer came.
  std::string failure; ///< Then the code of the reason.
  int64_t ms = 0;
  uint64_t bytes = 0;  ///< Of the answer's body.
  int64_t attempt = 1; ///< 1 for the first.
  int64_t wait_ms = 0; ///< Before the next attempt; 0: there is none.
};

/// The lines of one run that the store has not got yet. What is over the limits is counted instead
/// of kept; an error is never left out for the lines that came before it. Belongs to the run's
/// strand.
class run_log {
public:
  explicit run_log(const run_log_limits& limits) : limits_{limits} {}

  /// Adds the line of a LOG frame for run `run` of its variant.
  void add(uint64_t run, const frame_value& line);

  /// Adds a request: as a warning if it failed, else at level info.
  void add(uint64_t run, const logged_request& x);

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
