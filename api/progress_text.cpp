#include "api/progress_text.hpp"

#include "api/connection_text.hpp"
#include "api/validation.hpp"
#include "api/variant_sums.hpp"

#include <algorithm>
#include <cmath>

namespace varia {

namespace {

int64_t number_at(const json& from, const char* key) {
  auto found = from.find(key);
  return found != from.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

double per_second(int64_t count, time_ms span) {
  return std::round(static_cast<double>(count) * 10'000 / static_cast<double>(span)) / 10;
}

} // namespace

json progress_text(const variant_state& x, time_ms now) {
  if (x.last_outcome != run_outcome::running)
    return nullptr;
  auto changes = changes_of(x);
  auto told = stored_json(x.progress, json::object());
  if (!told.is_object())
    told = json::object();
  // What was committed is known at once, the rest is told about once a second.
  auto saved = std::max(number_at(told, "saved"), changes.added + changes.updated);
  auto elapsed = std::max<time_ms>(now - x.started_at, 1);
  auto waits_for = text_at(told, "waits_for");
  return {{"saved", saved},
          {"added", changes.added},
          {"updated", changes.updated},
          {"deleted", changes.deleted},
          {"unchanged", number_at(told, "unchanged")},
          {"batches", std::max<int64_t>(number_at(told, "batches"), x.batches)},
          {"pages", number_at(told, "pages")},
          {"requests", number_at(told, "requests")},
          {"failed_requests", number_at(told, "failed_requests")},
          {"records_per_s", per_second(saved + changes.deleted, elapsed)},
          {"elapsed_ms", elapsed},
          {"slot_wait_ms", x.waited_ms},
          {"budget_wait_ms", number_at(told, "budget_wait_ms")},
          {"waits_for", waits_for.empty() ? json(nullptr) : json(waits_for)}};
}

} // namespace varia
