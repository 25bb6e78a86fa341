#include "core/schedule.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
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

time_ms at(const std::string& text) {
  return parse_iso_z(text);
}

std::shared_ptr<const rulebook> book(const schedule_rules& rules) {
  auto made = rulebook::make(rules);
  BOOST_TEST_REQUIRE(!!made);
  return *made;
}

schedule by_cron(const std::string& text) {
  schedule_rules rules;
  rules.cron = text;
  rules.jitter = 0ms;
  return make_schedule("a", at("2026-03-01T09:00:00Z"), 0ms, 0, book(rules));
}

schedule daily() {
  return by_cron("0 6 * * *");
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

BOOST_AUTO_TEST_CASE(what_was_due_before_a_change_does_not_count) {
  auto plan = each_minute();
  plan.since = slot(6) + 5;
  BOOST_TEST(next_slot(plan, slot(3), slot(6) + 10).value() == slot(7));
  BOOST_TEST(next_slot(plan, slot(3), slot(8)).value() == slot(8));
  BOOST_TEST(next_slot(plan, {}, slot(6) + 10).value() == anchor);
}

BOOST_AUTO_TEST_CASE(a_cron_text_is_due_first_at_its_first_moment) {
  auto plan = daily();
  BOOST_TEST(to_iso_z(*next_slot(plan, {}, at("2026-03-01T12:00:00Z")))
             == "2026-03-02T06:00:00.000Z");
  BOOST_TEST(to_iso_z(*next_slot(plan, {}, at("2026-03-04T12:00:00Z")))
             == "2026-03-04T06:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(missed_moments_of_a_cron_text_count_as_one) {
  auto plan = daily();
  auto last = at("2026-03-02T06:00:00Z");
  BOOST_TEST(to_iso_z(*next_slot(plan, last, last)) == "2026-03-03T06:00:00.000Z");
  auto late = at("2027-03-04T07:00:00Z");
  BOOST_TEST(to_iso_z(*next_slot(plan, last, late)) == "2027-03-04T06:00:00.000Z");
  BOOST_TEST(slots_between(plan, last, *next_slot(plan, last, late)) == 366u);
  plan.since = at("2027-03-04T06:30:00Z");
  BOOST_TEST(to_iso_z(*next_slot(plan, last, late)) == "2027-03-05T06:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(the_latest_moment_of_a_cron_text_is_found_like_by_walking) {
  std::mt19937_64 chance{5};
  for (auto text : {"* * * * *", "*/7 2 * * *", "0 0 1 * *", "15 3 * * 1-5", "0 12 29 2 *"}) {
    auto plan = by_cron(text);
    for (auto n = 0; n < 20; ++n) {
      auto last = at("2026-01-01T00:00:00Z") + static_cast<time_ms>(chance() % 100'000'000);
      auto now = last + static_cast<time_ms>(chance() % 100'000'000);
      auto wanted = slot_after(plan, last);
      for (auto next = wanted; next && *next <= now; next = slot_after(plan, *next))
        wanted = next;
      BOOST_TEST((next_slot(plan, last, now) == wanted), text);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_given_jitter_wins) {
  schedule_rules rules;
  rules.jitter = 0ms;
  auto none = make_schedule("a", anchor, 1h, 0, book(rules));
  BOOST_TEST(none.jitter.count() == 0);
  rules.jitter = 24h;
  auto wide = make_schedule("a", anchor, 1h, 0, book(rules));
  BOOST_TEST(wide.jitter.count() == 0xaf63dc4c8601ec8c % 86'400'000);
  rules.jitter.reset();
  auto usual = make_schedule("a", anchor, 1h, 0, book(rules));
  BOOST_TEST((usual.jitter == jitter_of("a", 1h)));
}

BOOST_AUTO_TEST_CASE(a_preview_tells_when_runs_begin) {
  auto plan = each_minute();
  auto runs = preview(plan, slot(3), slot(3) + 10, 3);
  BOOST_TEST_REQUIRE(runs.size() == 3u);
  for (size_t i = 0; i < 3; ++i)
    BOOST_TEST(runs[i].at == slot(4 + static_cast<int64_t>(i)));
  auto late = preview(plan, slot(3), slot(7) + 10, 2);
  BOOST_TEST_REQUIRE(late.size() == 2u);
  BOOST_TEST(late[0].at == slot(7) + 10);
  BOOST_TEST(late[0].slot == slot(7));
  BOOST_TEST(late[1].at == slot(8));
}

BOOST_AUTO_TEST_CASE(a_preview_moves_runs_behind_blackouts) {
  schedule_rules rules;
  rules.cron = "0 */2 * * *";
  rules.jitter = 0ms;
  blackout night;
  night.from = 22 * 60;
  night.to = 5 * 60;
  rules.blackouts = {night};
  auto plan = make_schedule("a", at("2026-03-01T00:00:00Z"), 0ms, 0, book(rules));
  auto runs = preview(plan, {}, at("2026-03-01T19:30:00Z"), 3);
  BOOST_TEST_REQUIRE(runs.size() == 3u);
  BOOST_TEST(to_iso_z(runs[0].at) == "2026-03-01T19:30:00.000Z");
  BOOST_TEST(to_iso_z(runs[1].at) == "2026-03-01T20:00:00.000Z");
  BOOST_TEST(to_iso_z(runs[2].at) == "2026-03-02T05:00:00.000Z");
  BOOST_TEST(to_iso_z(runs[2].slot) == "2026-03-02T04:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_preview_leaves_out_what_is_too_late) {
  schedule_rules rules;
  rules.catch_up = 30min;
  rules.cron = "0 * * * *";
  rules.jitter = 0ms;
  auto plan = make_schedule("a", at("2026-03-01T00:00:00Z"), 0ms, 0, book(rules));
  auto runs = preview(plan, {}, at("2026-03-01T03:40:00Z"), 1);
  BOOST_TEST_REQUIRE(runs.size() == 1u);
  BOOST_TEST(to_iso_z(runs[0].at) == "2026-03-01T04:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(retries_wait_longer_each_time_up_to_a_limit) {
  schedule_rules rules;
  rules.retry = {5, 10s, 300, 100s};
  auto plan = make_schedule("", anchor, 1h, 0, book(rules));
  auto wait = [&](uint32_t retries) {
    auto at = retry_at(plan, "", anchor, retries);
    return at ? (*at - anchor) / 1000 : -1;
  };
  BOOST_TEST(wait(0) >= 10);
  BOOST_TEST(wait(0) < 11);
  BOOST_TEST(wait(1) >= 30);
  BOOST_TEST(wait(2) >= 90);
  BOOST_TEST(wait(3) >= 100);
  BOOST_TEST(wait(4) < 110);
  BOOST_TEST(wait(5) == -1);
  plan.since = anchor + 1;
  BOOST_TEST(wait(0) == -1);
  BOOST_TEST(!retry_at(each_minute(), "", anchor, 0).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
