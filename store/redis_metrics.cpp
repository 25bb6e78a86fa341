#include "store/redis_metrics.hpp"

#include "core/metrics.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace varia {

namespace {

struct redis_metrics {
  histogram spans{"varia_redis_call_duration_seconds",
                  "How long calls to Redis took, several that are sent at once counting as one.",
                  short_spans()};
  counter_group failed{
    "varia_redis_errors_total", "Calls to Redis that failed.", "kind", {"unavailable", "internal"}};
  counter_group fenced{"varia_fenced_total",
                       "Writes that were refused because another owner or leader was named.",
                       "where",
                       {"records", "checkpoint", "run", "registry"}};
};

const redis_metrics& all() {
  static const auto& result = *new redis_metrics;
  return result;
}

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool waits_for_news(const std::vector<std::string_view>& words) {
  auto& name = words.front();
  return name == "BLPOP"
         || (name == "XREAD" && std::find(words.begin(), words.end(), "BLOCK") != words.end());
}

// By the name of the Function that refused.
const char* place_of(const std::vector<std::string_view>& words) {
  constexpr std::array<std::pair<std::string_view, const char*>, 6> places{
    {{"records_", "records"},
     {"deletions_", "records"},
     {"checkpoint_", "checkpoint"},
     {"run_", "run"},
     {"variant_", "registry"},
     {"registry_", "registry"}}};
  if (words.size() > 1)
    for (auto& [start, place] : places)
      if (begins_with(words[1], start))
        return place;
  return "other";
}

void count_failure(const caf::error& outcome) {
  auto code = code_of(outcome);
  if (code == errc::unavailable)
    all().failed["unavailable"].add();
  else if (code == errc::internal)
    all().failed["internal"].add();
}

} // namespace

void measure_redis_call(const std::vector<std::string_view>& words, double seconds,
                        const caf::error& outcome) {
  if (!words.empty() && !waits_for_news(words))
    all().spans.observe(seconds);
  if (!outcome)
    return;
  count_failure(outcome);
  if (code_of(outcome) == errc::fenced)
    all().fenced[place_of(words)].add();
}

void measure_redis_calls(double seconds, const caf::error& outcome) {
  all().spans.observe(seconds);
  if (outcome)
    count_failure(outcome);
}

} // namespace varia
