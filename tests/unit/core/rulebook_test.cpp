#include "core/rulebook.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <random>
#include <vector>

using namespace varia;
using namespace std::chrono_literals;

namespace {

constexpr time_ms minute = 60'000;
constexpr time_ms day = 24 * 60 * minute;

std::shared_ptr<const rulebook> book(const schedule_rules& rules) {
  auto made = rulebook::make(rules);
  BOOST_TEST_REQUIRE(!!made, describe(made ? caf::error{} : made.error()));
  return *made;
}

blackout weekly(const std::string& days, uint32_t from, uint32_t to,
                const std::string& zone = "UTC") {
  blackout result;
  result.time_zone = zone;
  result.days = days;
  result.from = from;
  result.to = to;
  return result;
}

blackout by_cron(const std::string& text, milliseconds lasts) {
  blackout result;
  result.cron = text;
  result.lasts = lasts;
  return result;
}

schedule_rules dark(std::vector<blackout> all) {
  schedule_rules result;
  result.blackouts = std::move(all);
  return result;
}

std::string end_of(const schedule_rules& rules, const std::string& at) {
  auto end = book(rules)->blackout_end(parse_iso_z(at));
  return end ? to_iso_z(*end) : "none";
}

std::string refusal_of(const schedule_rules& rules) {
  auto made = rulebook::make(rules);
  return made ? "" : detail_of(made.error());
}

} // namespace

BOOST_AUTO_TEST_SUITE(rulebook_test)

BOOST_AUTO_TEST_CASE(a_blackout_goes_from_one_time_of_day_to_another) {
  auto lunch = dark({weekly("mon-fri", 12 * 60, 13 * 60 + 30)});
  BOOST_TEST(end_of(lunch, "2026-03-02T11:59:59Z") == "none");
  BOOST_TEST(end_of(lunch, "2026-03-02T12:00:00Z") == "2026-03-02T13:30:00.000Z");
  BOOST_TEST(end_of(lunch, "2026-03-02T13:29:59Z") == "2026-03-02T13:30:00.000Z");
  BOOST_TEST(end_of(lunch, "2026-03-02T13:30:00Z") == "none");
  BOOST_TEST(end_of(lunch, "2026-03-01T12:30:00Z") == "none");
}

BOOST_AUTO_TEST_CASE(a_blackout_may_last_over_midnight) {
  auto night = dark({weekly("fri", 22 * 60, 6 * 60)});
  BOOST_TEST(end_of(night, "2026-03-06T23:00:00Z") == "2026-03-07T06:00:00.000Z");
  BOOST_TEST(end_of(night, "2026-03-07T05:59:00Z") == "2026-03-07T06:00:00.000Z");
  BOOST_TEST(end_of(night, "2026-03-06T05:00:00Z") == "none");
  auto whole_day = dark({weekly("sun", 0, 0)});
  BOOST_TEST(end_of(whole_day, "2026-03-08T15:00:00Z") == "2026-03-09T00:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_blackout_keeps_to_the_clocks_of_its_zone) {
  auto night = dark({weekly("*", 22 * 60, 6 * 60, "Europe/Berlin")});
  BOOST_TEST(end_of(night, "2026-03-28T21:00:00Z") == "2026-03-29T04:00:00.000Z");
  BOOST_TEST(end_of(night, "2026-10-24T20:00:00Z") == "2026-10-25T05:00:00.000Z");
  auto early = dark({weekly("*", 60, 2 * 60 + 30, "Europe/Berlin")});
  BOOST_TEST(end_of(early, "2026-03-29T00:30:00Z") == "2026-03-29T01:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_blackout_lasts_for_a_while_from_each_moment_of_a_cron_text) {
  auto backup = dark({by_cron("0 3 1 * *", 5h)});
  BOOST_TEST(end_of(backup, "2026-04-01T07:59:00Z") == "2026-04-01T08:00:00.000Z");
  BOOST_TEST(end_of(backup, "2026-04-01T08:00:00Z") == "none");
  BOOST_TEST(end_of(backup, "2026-04-02T04:00:00Z") == "none");
}

BOOST_AUTO_TEST_CASE(blackouts_that_follow_upon_each_other_are_one) {
  auto all = dark({weekly("*", 600, 660), weekly("*", 660, 700), by_cron("30 11 * * *", 1h)});
  BOOST_TEST(end_of(all, "2026-03-02T10:10:00Z") == "2026-03-02T12:30:00.000Z");
}

BOOST_AUTO_TEST_CASE(the_end_of_a_blackout_lies_in_none) {
  std::mt19937_64 chance{3};
  for (auto n = 0; n < 40; ++n) {
    auto minute_of = [&] { return static_cast<uint32_t>(chance() % 1440); };
    auto made = rulebook::make(
      dark({weekly("1-5", minute_of(), minute_of(), "America/New_York"),
            by_cron("0 */6 * * *", milliseconds{static_cast<int64_t>(1 + chance() % 5) * 3600'000}),
            weekly("6", minute_of(), minute_of())}));
    if (!made)
      continue;
    for (auto m = 0; m < 50; ++m) {
      auto at = parse_iso_z("2026-03-01T00:00:00Z") + static_cast<time_ms>(chance() % (30 * day));
      auto end = (*made)->blackout_end(at);
      if (!end)
        continue;
      BOOST_TEST(*end > at);
      BOOST_TEST(!(*made)->blackout_end(*end).has_value());
      BOOST_TEST((*made)->blackout_end(*end - 1).value_or(0) == *end);
    }
  }
}

BOOST_AUTO_TEST_CASE(refuses_rules_that_make_no_sense) {
  schedule_rules both;
  both.every = "1h";
  both.cron = "0 * * * *";
  BOOST_TEST(refusal_of(both) == "a schedule has either a frequency or a cron text");
  schedule_rules fast;
  fast.every = "every 10s";
  BOOST_TEST(refusal_of(fast) == "a frequency is at least every 30 seconds");
  schedule_rules nowhere;
  nowhere.cron = "0 * * * *";
  nowhere.time_zone = "Mars/Olympus";
  BOOST_TEST(refusal_of(nowhere) == "there is no time zone \"Mars/Olympus\"");
  schedule_rules jittery;
  jittery.every = "1m";
  jittery.jitter = 2min;
  BOOST_TEST(refusal_of(jittery) == "a jitter is not longer than the period");
  schedule_rules stubborn;
  stubborn.retry.tries = 101;
  BOOST_TEST(refusal_of(stubborn) == "a run is tried again 100 times at most");
  BOOST_TEST(refusal_of(dark({weekly("*", 0, 720), weekly("*", 720, 0)}))
             == "the blackouts never end");
  BOOST_TEST(refusal_of(dark({by_cron("* * * * *", 1min)})) == "the blackouts never end");
  BOOST_TEST(refusal_of(dark(std::vector<blackout>(21, weekly("*", 0, 1))))
             == "a schedule has at most 20 blackouts");
}

BOOST_AUTO_TEST_CASE(variants_are_spread_over_a_tenth_of_the_shortest_distance) {
  schedule_rules rules;
  rules.cron = "0,10 * * * *";
  BOOST_TEST((book(rules)->spread() == 1min));
  rules.cron = "0 6 * * *";
  BOOST_TEST((book(rules)->spread() == 5min));
}

BOOST_AUTO_TEST_CASE(variants_with_the_same_rules_share_them) {
  schedule_rules rules;
  rules.cron = "0 6 * * *";
  auto packed = pack_rules(rules);
  auto first = share_rulebook(packed);
  BOOST_TEST((first == share_rulebook(packed)));
  rules.queues = true;
  BOOST_TEST((first != share_rulebook(pack_rules(rules))));
  BOOST_TEST((share_rulebook("") == nullptr));
}

BOOST_AUTO_TEST_CASE(rules_that_cannot_be_read_have_no_moments) {
  auto unknown = share_rulebook("cron 0 6 * * *\nzone Mars/Olympus\n");
  BOOST_TEST_REQUIRE((unknown != nullptr));
  BOOST_TEST(!unknown->next(0).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
