#include "api/rate_limiter.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace varia;
using namespace std::chrono_literals;

namespace {

// The store as several processes share it, with a clock that the test moves.
struct shared_counts {
  std::map<std::string, std::pair<uint64_t, rate_limiter::clock::time_point>> windows;
  rate_limiter::clock::time_point now = rate_limiter::clock::now();
  size_t questions = 0;
  bool answers = true;

  rate_limiter::source source() {
    return [this](const std::string& bucket, uint64_t points) -> expected<rate_window> {
      ++questions;
      if (!answers)
        return fail(errc::unavailable, "away");
      auto& [taken, ends] = windows[bucket];
      if (ends <= now) {
        taken = 0;
        ends = now + rate_limiter::window;
      }
      taken += points;
      return rate_window{taken, std::chrono::duration_cast<milliseconds>(ends - now)};
    };
  }
};

struct fixture {
  shared_counts store;

  size_t passed(rate_limiter& limiter, size_t calls, const std::string& bucket = "a",
                uint64_t points = 1) {
    size_t result = 0;
    for (size_t i = 0; i < calls; ++i)
      result += limiter.take(bucket, points, store.now).allowed ? 1 : 0;
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(rate_limiter_test, fixture)

BOOST_AUTO_TEST_CASE(lets_exactly_the_limit_pass_in_a_window) {
  rate_limiter limiter{200, store.source()};
  BOOST_TEST(passed(limiter, 250) == 200U);
  store.now += 61s;
  BOOST_TEST(passed(limiter, 250) == 200U);
}

BOOST_AUTO_TEST_CASE(tells_what_remains_and_for_how_long) {
  rate_limiter limiter{200, store.source()};
  auto first = limiter.take("a", 1, store.now);
  BOOST_TEST(first.limit == 200U);
  BOOST_TEST(first.remaining == 199U);
  BOOST_TEST((first.left == 60s));
  store.now += 9s;
  auto second = limiter.take("a", 1, store.now);
  BOOST_TEST(second.remaining == 198U);
  BOOST_TEST((second.left == 51s));
  passed(limiter, 300);
  auto late = limiter.take("a", 1, store.now);
  BOOST_TEST(!late.allowed);
  BOOST_TEST(late.remaining == 0U);
}

BOOST_AUTO_TEST_CASE(counts_buckets_apart_and_by_points) {
  rate_limiter limiter{100, store.source()};
  BOOST_TEST(passed(limiter, 200, "a") == 100U);
  BOOST_TEST(passed(limiter, 200, "b") == 100U);
  BOOST_TEST(passed(limiter, 50, "c", 10) == 10U);
}

BOOST_AUTO_TEST_CASE(asks_the_store_for_few_of_the_calls_only) {
  rate_limiter limiter{10'000, store.source()};
  BOOST_TEST(passed(limiter, 20'000) == 10'000U);
  BOOST_TEST(store.questions <= 52U);
}

BOOST_AUTO_TEST_CASE(processes_share_one_limit) {
  rate_limiter one{200, store.source()};
  rate_limiter other{200, store.source()};
  size_t both = 0;
  for (auto i = 0; i < 300; ++i)
    both += passed(one, 1) + passed(other, 1);
  BOOST_TEST(both <= 200U);
  BOOST_TEST(both >= 196U);
}

BOOST_AUTO_TEST_CASE(lets_calls_pass_while_the_store_does_not_answer) {
  rate_limiter limiter{5, store.source()};
  store.answers = false;
  BOOST_TEST(passed(limiter, 20) == 20U);
}

BOOST_AUTO_TEST_CASE(remembers_a_bounded_number_of_buckets) {
  rate_limiter limiter{1, store.source()};
  for (size_t i = 0; i < rate_limiter::buckets_max + 10; ++i)
    BOOST_TEST(passed(limiter, 1, std::to_string(i)) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
