#include "core/schedule.hpp"

#include <algorithm>

namespace varia {

namespace {

constexpr milliseconds jitter_max = std::chrono::minutes{5};

// FNV-1a: unlike std::hash it is the same in every build, so a new release moves no schedule.
uint64_t stable_hash(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (auto c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

// Slot k >= 1 lies at anchor + jitter + k * period. The number of the latest one that is not after
// `now`, or 0.
int64_t slots_passed(const schedule& plan, time_ms now) {
  auto origin = plan.anchor + plan.jitter.count();
  return now <= origin ? 0 : (now - origin) / plan.period.count();
}

time_ms slot_at(const schedule& plan, int64_t number) {
  return plan.anchor + plan.jitter.count() + number * plan.period.count();
}

} // namespace

milliseconds jitter_of(const std::string& variant_id, milliseconds period) {
  auto spread = std::min(period / 10, jitter_max);
  if (spread <= milliseconds{0})
    return milliseconds{0};
  return milliseconds{
    static_cast<int64_t>(stable_hash(variant_id) % static_cast<uint64_t>(spread.count()))};
}

std::optional<time_ms> next_slot(const schedule& plan, std::optional<time_ms> last, time_ms now) {
  if (plan.period <= milliseconds{0})
    return std::nullopt;
  if (!last)
    return plan.anchor;
  auto passed = slots_passed(plan, now);
  if (passed > 0 && slot_at(plan, passed) > *last)
    return slot_at(plan, passed);
  return slot_after(plan, *last);
}

std::optional<time_ms> slot_after(const schedule& plan, time_ms now) {
  if (plan.period <= milliseconds{0})
    return std::nullopt;
  return slot_at(plan, slots_passed(plan, now) + 1);
}

} // namespace varia
