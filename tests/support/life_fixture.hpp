#pragma once

#include "core/schedule.hpp"
#include "worker/variant_life.hpp"

#include <string>

namespace varia::test {

constexpr time_ms anchor = 1'000'000;
constexpr time_ms hour = 3'600'000;

inline run_end ended(const std::string& outcome = "success") {
  return {outcome, {}, false, true};
}

struct life_fixture {
  assignment what() {
    return {{{14, "orders"}, "eu"},
            "5a2c0e64-0000-4000-8000-000000000001",
            {3, 7},
            paused,
            anchor,
            {period, pack_rules(rules), since}};
  }

  variant_life make(const variant_past& past = {}) { return variant_life{what(), past}; }

  // The first slot of the grid behind the anchor, jitter included.
  time_ms slot(int k) { return anchor + schedule_of(what()).jitter.count() + k * hour; }

  // The end of a run that failed, so many in a row and after so many retries.
  run_end failed(time_ms at, uint32_t fails, uint32_t retries = 0) {
    auto result = ended("failed");
    result.failed = {fails, retries, at};
    return result;
  }

  blackout dark(const std::string& from, milliseconds lasts) {
    auto begin = to_iso_z(parse_iso_z(from));
    blackout result;
    result.cron = begin.substr(14, 2) + " " + begin.substr(11, 2) + " * * *";
    result.lasts = lasts;
    return result;
  }

  bool paused = false;
  uint64_t period = hour;
  schedule_rules rules;
  time_ms since = 0;
};

} // namespace varia::test
