#include "core/schedule.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace varia;
using namespace std::chrono_literals;

namespace {

constexpr time_ms anchor = 1'000'000;
constexpr time_ms minute = 60'000;

// Slots at anchor + 2 s + k minutes.
schedule each_minute() {
  return {anchor, 1min, 2s};
}

constexpr time_ms slot(int64_t number) {
  return anchor + 2000 + number * minute;
}

} // namespace

BOOST_AUTO_TEST_SUITE(schedule_test)

BOOST_AUTO_TEST_CASE(a_variant_that_never_ran_is_due_at_its_anchor) {
  BOOST_TEST(next_slot(each_minute(), {}, anchor).value() == anchor);
  BOOST_TEST(next_slot(each_minute(), {}, anchor + 10 * minute).value() == anchor);
}

BOOST_AUTO_TEST_CASE(after_the_first_run_comes_the_first_slot_of_the_grid) {
  BOOST_TEST(next_slot(each_minute(), anchor, anchor + 5).value() == slot(1));
}

BOOST_AUTO_TEST_CASE(a_slot_that_ran_is_followed_by_the_next) {
  BOOST_TEST(next_slot(each_minute(), slot(3), slot(3)).value() == slot(4));
  BOOST_TEST(next_slot(each_minute(), slot(3), slot(4) - 1).value() == slot(4));
}

BOOST_AUTO_TEST_CASE(a_slot_is_due_at_its_very_moment) {
  BOOST_TEST(next_slot(each_minute(), slot(3), slot(4)).value() == slot(4));
}

BOOST_AUTO_TEST_CASE(missed_slots_count_as_one) {
  BOOST_TEST(next_slot(each_minute(), slot(3), slot(9) + 17).value() == slot(9));
  BOOST_TEST(next_slot(each_minute(), slot(9), slot(9) + 17).value() == slot(10));
  BOOST_TEST(next_slot(each_minute(), anchor, slot(7)).value() == slot(7));
}

BOOST_AUTO_TEST_CASE(a_clock_that_steps_back_repeats_no_slot) {
  BOOST_TEST(next_slot(each_minute(), slot(5), slot(2)).value() == slot(6));
}

BOOST_AUTO_TEST_CASE(a_run_between_slots_is_followed_by_the_next_slot) {
  BOOST_TEST(next_slot(each_minute(), slot(3) + 20, slot(3) + 30).value() == slot(4));
}

BOOST_AUTO_TEST_CASE(a_shorter_period_applies_to_the_same_anchor) {
  auto plan = each_minute();
  plan.period = 30s;
  BOOST_TEST(next_slot(plan, slot(3), slot(3) + 1).value() == slot(3) + 30'000);
}

BOOST_AUTO_TEST_CASE(without_a_period_nothing_is_due) {
  schedule plan{anchor, 0ms, 0ms};
  BOOST_TEST(!next_slot(plan, {}, anchor).has_value());
  BOOST_TEST(!next_slot(plan, anchor, anchor + minute).has_value());
  BOOST_TEST(!slot_after(plan, anchor).has_value());
}

BOOST_AUTO_TEST_CASE(the_slot_after_a_moment_lies_after_it) {
  BOOST_TEST(slot_after(each_minute(), anchor - 5 * minute).value() == slot(1));
  BOOST_TEST(slot_after(each_minute(), anchor).value() == slot(1));
  BOOST_TEST(slot_after(each_minute(), slot(1) - 1).value() == slot(1));
  BOOST_TEST(slot_after(each_minute(), slot(1)).value() == slot(2));
  BOOST_TEST(slot_after(each_minute(), slot(4) + 1).value() == slot(5));
}

BOOST_AUTO_TEST_CASE(jitter_is_the_same_in_every_build) {
  BOOST_TEST(jitter_of("", 1min).count() == 0xcbf29ce484222325 % 6000);
  BOOST_TEST(jitter_of("a", 24h).count() == 0xaf63dc4c8601ec8c % 300000);
  BOOST_TEST(jitter_of("foobar", 24h).count() == 0x85944171f73967e8 % 300000);
}

BOOST_AUTO_TEST_CASE(jitter_stays_below_its_bounds_and_spreads) {
  std::set<int64_t> different;
  for (auto i = 0; i < 1000; ++i) {
    auto id = "variant-" + std::to_string(i);
    BOOST_TEST(jitter_of(id, 1min).count() >= 0);
    BOOST_TEST(jitter_of(id, 1min).count() < 6000);
    BOOST_TEST(jitter_of(id, 240h).count() < 300000);
    different.insert(jitter_of(id, 240h).count());
  }
  BOOST_TEST(different.size() > 950u);
}

BOOST_AUTO_TEST_CASE(without_a_period_there_is_no_jitter) {
  BOOST_TEST(jitter_of("a", 0ms).count() == 0);
  BOOST_TEST(jitter_of("a", 5ms).count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
