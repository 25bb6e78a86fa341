#include "worker/heartbeat.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

namespace {

const heartbeat::clock::time_point start{};

} // namespace

BOOST_AUTO_TEST_SUITE(heartbeat_test)

BOOST_AUTO_TEST_CASE(counts_from_the_oldest_ping_without_an_answer) {
  heartbeat pings;
  BOOST_TEST((pings.silence(start + 1h) == 0s));
  auto first = pings.send(start);
  pings.send(start + 1s);
  BOOST_TEST((pings.silence(start + 3s) == 3s));
  pings.answer(first);
  BOOST_TEST((pings.silence(start + 3s) == 2s));
}

BOOST_AUTO_TEST_CASE(takes_an_answer_for_all_pings_before_it) {
  heartbeat pings;
  pings.send(start);
  auto second = pings.send(start + 1s);
  pings.answer(second);
  BOOST_TEST((pings.silence(start + 9s) == 0s));
  pings.answer(second);
  auto third = pings.send(start + 9s);
  BOOST_TEST(third == second + 1);
  BOOST_TEST((pings.silence(start + 10s) == 1s));
}

BOOST_AUTO_TEST_CASE(counts_anew_after_an_excuse) {
  heartbeat pings;
  pings.send(start);
  pings.excuse(start + 5s);
  BOOST_TEST((pings.silence(start + 6s) == 1s));
}

BOOST_AUTO_TEST_SUITE_END()
