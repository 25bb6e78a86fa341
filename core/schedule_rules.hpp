#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// A stretch of time in which nothing becomes due: from one time of day to another on some days of
/// the week, by the clocks of a zone; or for a while from each moment of a cron text on.
struct blackout {
  std::string time_zone = "UTC";
  std::string days = "*"; ///< On which days it begins, as in a cron text.
  uint32_t from = 0;      ///< Minute of the day.
  uint32_t to = 0;        ///< Minute of the day up to which it goes; of the next one if not later.
  std::string cron;       ///< In place of days, `from` and `to`; empty for those.
  milliseconds lasts{0};  ///< From each moment of the cron text on.
};

/// What becomes of a run that failed.
struct run_retries {
  uint32_t tries = 0; ///< How often it is made again; 0 for never.
  milliseconds first{30'000};
  uint32_t factor_percent = 200; ///< By how much each wait is longer than the one before.
  milliseconds max{900'000};
};

/// What a schedule says in words, as a caller or a script gives it. What it leaves out is as in the
/// contract.
struct schedule_rules {
  std::string every; ///< A frequency such as "every 5m"; empty if there is none or a cron text.
  std::string cron;
  std::string time_zone = "UTC";      ///< Of the cron text.
  std::optional<milliseconds> jitter; ///< Variants are spread over so much; nothing: by the period.
  bool queues = false; ///< What is due while it runs is run afterwards, rather than skipped.
  std::optional<milliseconds> catch_up; ///< What is late by more than this is not made up for.
  std::vector<blackout> blackouts;
  run_retries retry;
  uint32_t stop_after = 0; ///< A variant that fails so often in a row is paused; 0 for never.
};

/// Renders rules as a line per rule that is not the contract's: what the store and messages carry.
/// Equal rules give equal texts.
std::string pack_rules(const schedule_rules& x);

/// Reads what `pack_rules` wrote; `internal` for anything else.
expected<schedule_rules> unpack_rules(const std::string& text);

} // namespace varia
