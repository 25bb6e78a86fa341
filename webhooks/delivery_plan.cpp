#include "webhooks/delivery_plan.hpp"

#include <algorithm>
#include <array>

namespace varia {

namespace {

// Failures that no waiting mends.
constexpr std::array<const char*, 3> final_failures{"ERR_EGRESS_REFUSED", "ERR_INVALID_URL",
                                                    "ERR_FR_TOO_MANY_REDIRECTS"};

constexpr auto doublings_max = 20;

bool is_success(const delivery_outcome& x) {
  return x.failure.empty() && x.status >= 200 && x.status < 300;
}

bool is_final(const delivery_outcome& x) {
  if (x.status == 0)
    return std::any_of(final_failures.begin(), final_failures.end(),
                       [&](auto* each) { return x.failure == each; });
  return x.status < 500 && x.status != 408 && x.status != 425 && x.status != 429;
}

std::string in_words(const delivery_outcome& x) {
  return x.status == 0 ? x.failure : "status " + std::to_string(x.status);
}

// Half as much again at most, so that many that failed together do not come back together.
milliseconds wait_of(const delivery_rules& rules, const delivery_outcome& x, int tries,
                     double chance) {
  if (x.told)
    return *x.told;
  auto grown = rules.first_wait * (int64_t{1} << std::min(tries, doublings_max));
  auto bounded = std::min(grown, rules.longest_wait);
  return bounded
         + milliseconds{static_cast<int64_t>(static_cast<double>(bounded.count()) * chance / 2)};
}

} // namespace

bool is_breakdown(const delivery_outcome& x) {
  return !is_success(x) && !is_final(x) && x.status != 429;
}

outbox_settlement plan_delivery(const delivery_rules& rules, const delivery_outcome& x, int tries,
                                milliseconds age, double chance) {
  outbox_settlement result;
  if (is_success(x))
    return result;
  result.why = in_words(x);
  if (is_final(x)) {
    result.verdict = delivery_verdict::dead;
    return result;
  }
  result.wait = wait_of(rules, x, tries, chance);
  auto is_too_late = tries + 1 >= rules.tries_max || age + result.wait > rules.age_max;
  result.verdict = is_too_late ? delivery_verdict::dead : delivery_verdict::again;
  if (is_too_late)
    result.why += ", given up after " + std::to_string(tries + 1) + " tries";
  return result;
}

} // namespace varia
