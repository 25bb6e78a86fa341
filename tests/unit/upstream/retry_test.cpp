#include "upstream/retry.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

namespace {

constexpr time_ms now = 1700000000000;

int64_t wait_of(const retry_rules& rules, int status, const header_list& headers, int attempt = 0) {
  return retry_wait(rules, attempt, status, headers, now).count();
}

} // namespace

BOOST_AUTO_TEST_SUITE(retry_test)

BOOST_AUTO_TEST_CASE(repeats_the_usual_statuses) {
  for (auto status : {401, 429, 500, 503, 599})
    BOOST_TEST(is_retried({}, status));
  for (auto status : {200, 301, 400, 403, 404})
    BOOST_TEST(!is_retried({}, status));
}

BOOST_AUTO_TEST_CASE(lets_the_provider_replace_and_the_script_extend_them) {
  retry_rules rules;
  rules.statuses = {"420", "5xx", "450-452"};
  for (auto status : {420, 500, 599, 450, 451, 452})
    BOOST_TEST(is_retried(rules, status));
  for (auto status : {401, 429, 449, 453})
    BOOST_TEST(!is_retried(rules, status));
  rules.also = {404, 429};
  BOOST_TEST(is_retried(rules, 404));
  BOOST_TEST(is_retried(rules, 429));
}

BOOST_AUTO_TEST_CASE(doubles_the_wait_up_to_ten_minutes) {
  BOOST_TEST(wait_of({}, 500, {}, 0) == 3000);
  BOOST_TEST(wait_of({}, 500, {}, 1) == 6000);
  BOOST_TEST(wait_of({}, 500, {}, 4) == 48000);
  BOOST_TEST(wait_of({}, 500, {}, 8) == 600000);
  BOOST_TEST(wait_of({}, 500, {}, 1000) == 600000);
}

BOOST_AUTO_TEST_CASE(spreads_grown_waits_but_never_what_a_header_tells) {
  BOOST_TEST(retry_wait({}, 0, 500, {}, now, 1).count() == 4500);
  BOOST_TEST(retry_wait({}, 1, 500, {}, now, 0.5).count() == 7500);
  BOOST_TEST(retry_wait({}, 8, 500, {}, now, 1).count() == 600000);
  BOOST_TEST(retry_wait({}, 0, 429, {{"retry-after", "2"}}, now, 1).count() == 2000);
}

BOOST_AUTO_TEST_CASE(repeats_a_refusal_whose_budget_is_spent) {
  retry_rules rules;
  rules.remaining = {"X-Remaining"};
  BOOST_TEST(is_retried(rules, 403, {{"x-remaining", "0"}}));
  BOOST_TEST(!is_retried(rules, 403, {{"x-remaining", "1"}}));
  BOOST_TEST(!is_retried(rules, 200, {{"x-remaining", "0"}}));
  BOOST_TEST(!is_retried({}, 403, {{"x-remaining", "0"}}));
}

BOOST_AUTO_TEST_CASE(tells_what_a_429_tells_and_nothing_else) {
  BOOST_TEST(told_wait({}, 429, {{"retry-after", "7"}}, now)->count() == 7000);
  BOOST_TEST(!told_wait({}, 429, {}, now).has_value());
}

BOOST_AUTO_TEST_CASE(obeys_retry_after_of_429_and_503_only) {
  header_list headers{{"retry-after", "2"}};
  BOOST_TEST(wait_of({}, 429, headers) == 2000);
  BOOST_TEST(wait_of({}, 503, headers) == 2000);
  BOOST_TEST(wait_of({}, 500, headers) == 3000);
  BOOST_TEST(wait_of({}, 429, {{"retry-after", "0.25"}}) == 250);
  BOOST_TEST(wait_of({}, 429, {{"retry-after", "soon"}}) == 3000);
  BOOST_TEST(wait_of({}, 429, {{"retry-after", "Tue, 14 Nov 2023 22:13:25 GMT"}}) == 5000);
}

BOOST_AUTO_TEST_CASE(prefers_the_headers_of_the_script_to_those_of_the_provider) {
  retry_rules rules;
  rules.wanted.after = {"X-Mine"};
  rules.known.after = {"x-theirs"};
  header_list both{{"x-mine", "4"}, {"x-theirs", "9"}, {"retry-after", "1"}};
  BOOST_TEST(wait_of(rules, 429, both) == 4000);
  BOOST_TEST(wait_of(rules, 429, {{"x-theirs", "9"}, {"retry-after", "1"}}) == 9000);
  BOOST_TEST(wait_of(rules, 429, {{"retry-after", "1"}}) == 1000);
}

BOOST_AUTO_TEST_CASE(takes_the_longest_of_several_waits) {
  retry_rules rules;
  rules.wanted.at = {"x-a", "x-b"};
  rules.wanted.after = {"x-c"};
  BOOST_TEST(wait_of(rules, 429, {{"x-a", "1700000007"}, {"x-b", "1700000012"}, {"x-c", "9"}})
             == 12000);
}

BOOST_AUTO_TEST_CASE(reads_moments_as_seconds_milliseconds_or_dates) {
  BOOST_TEST(parse_at("1700000001", now)->count() == 1000);
  BOOST_TEST(parse_at("1700000001500", now)->count() == 1500);
  BOOST_TEST(parse_at("2023-11-14T22:13:22.000Z", now)->count() == 2000);
  BOOST_TEST(!parse_at("1699999999", now).has_value());
  BOOST_TEST(!parse_at("nonsense", now).has_value());
}

BOOST_AUTO_TEST_CASE(reads_moments_of_the_past_and_the_future) {
  BOOST_TEST(*parse_moment("1600000000") == 1600000000000);
  BOOST_TEST(*parse_moment("1600000000500") == 1600000000500);
  BOOST_TEST(*parse_moment("2020-09-13T12:26:40Z") == 1600000000000);
  BOOST_TEST(!parse_moment("soon").has_value());
  BOOST_TEST(!parse_moment("-1").has_value());
  BOOST_TEST(!parse_moment("1e300").has_value());
}

BOOST_AUTO_TEST_CASE(waits_no_longer_than_an_hour_whatever_a_header_says) {
  BOOST_TEST(wait_of({}, 429, {{"retry-after", "1e300"}}) == 3600000);
  BOOST_TEST(wait_of({}, 429, {{"retry-after", "-5"}}) == 3000);
}

BOOST_AUTO_TEST_CASE(knows_when_an_answer_asks_all_to_stay_away) {
  retry_rules rules;
  rules.known.after = {"x-wait"};
  BOOST_TEST((pause_asked({}, 429, {{"retry-after", "7"}}, 0) == std::chrono::seconds{7}));
  BOOST_TEST((pause_asked({}, 503, {{"retry-after", "7"}}, 0) == std::chrono::seconds{7}));
  BOOST_TEST((pause_asked(rules, 429, {{"x-wait", "5"}}, 0) == std::chrono::seconds{5}));
  BOOST_TEST(!pause_asked({}, 500, {{"retry-after", "7"}}, 0));
  BOOST_TEST(!pause_asked({}, 429, {}, 0));
  BOOST_TEST(!pause_asked({}, 429, {{"retry-after", "0"}}, 0));
}

BOOST_AUTO_TEST_SUITE_END()
