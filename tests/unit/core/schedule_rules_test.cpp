#include "core/schedule_rules.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace varia;
using namespace std::chrono_literals;

namespace {

bool is_same(const blackout& a, const blackout& b) {
  return a.time_zone == b.time_zone && a.cron == b.cron && a.lasts == b.lasts
         && (!a.cron.empty() || (a.days == b.days && a.from == b.from && a.to == b.to));
}

bool is_same(const run_retries& a, const run_retries& b) {
  return a.tries == b.tries
         && (a.tries == 0
             || (a.first == b.first && a.factor_percent == b.factor_percent && a.max == b.max));
}

bool is_same(const schedule_rules& a, const schedule_rules& b) {
  return a.every == b.every && a.cron == b.cron && a.time_zone == b.time_zone
         && a.jitter == b.jitter && a.queues == b.queues && a.catch_up == b.catch_up
         && std::equal(a.blackouts.begin(), a.blackouts.end(), b.blackouts.begin(),
                       b.blackouts.end(), [](auto& x, auto& y) { return is_same(x, y); })
         && is_same(a.retry, b.retry) && a.stop_after == b.stop_after;
}

schedule_rules random_rules(std::mt19937_64& chance) {
  auto coin = [&] { return chance() % 2 == 0; };
  auto span = [&] { return milliseconds{static_cast<int64_t>(chance() % 100'000'000)}; };
  schedule_rules result;
  if (coin())
    result.every = "every half hour";
  else if (coin())
    result.cron = "0,30 6-8/2 * * 1#2,FRIL";
  if (coin())
    result.time_zone = "America/Argentina/Buenos_Aires";
  if (coin())
    result.jitter = coin() ? 0ms : span();
  result.queues = coin();
  if (coin())
    result.catch_up = span();
  for (auto n = chance() % 3; n > 0; --n) {
    blackout dark;
    dark.time_zone = coin() ? "UTC" : "Europe/Berlin";
    if (coin()) {
      dark.cron = "0 22 * * 5";
      dark.lasts = span();
    } else {
      dark.days = coin() ? "*" : "sat,sun";
      dark.from = static_cast<uint32_t>(chance() % 1440);
      dark.to = static_cast<uint32_t>(chance() % 1440);
    }
    result.blackouts.push_back(dark);
  }
  if (coin())
    result.retry = {static_cast<uint32_t>(1 + chance() % 9), span(), 150, span()};
  result.stop_after = static_cast<uint32_t>(chance() % 3);
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(schedule_rules_test)

BOOST_AUTO_TEST_CASE(the_rules_of_the_contract_need_no_text) {
  BOOST_TEST(pack_rules({}).empty());
  BOOST_TEST(is_same(*unpack_rules(""), {}));
}

BOOST_AUTO_TEST_CASE(reads_what_it_has_written) {
  std::mt19937_64 chance{1};
  for (auto n = 0; n < 500; ++n) {
    auto rules = random_rules(chance);
    auto packed = pack_rules(rules);
    auto read = unpack_rules(packed);
    BOOST_TEST_REQUIRE(!!read, packed);
    BOOST_TEST(is_same(rules, *read), packed);
    BOOST_TEST(pack_rules(*read) == packed);
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_it_has_not_written) {
  for (auto text : {"sometimes", "jitter", "jitter soon", "retry 1 2 3", "retry 1 2 3 4 5",
                    "blackout UTC * 60", "stop-after -1", "queue now", "catch-up 5s"})
    BOOST_TEST(!unpack_rules(text), text);
}

BOOST_AUTO_TEST_SUITE_END()
