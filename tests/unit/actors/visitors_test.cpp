#include "actors/visitors.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

namespace {

visitor named(const std::string& name) {
  visitor result;
  result.his.name = name;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(visitors_test)

BOOST_AUTO_TEST_CASE(hands_out_whom_it_was_given) {
  visitors waiting{10, 10s};
  BOOST_TEST(!!waiting.add("a", named("w1"), 0s));
  BOOST_TEST(!!waiting.add("b", named("w2"), 0s));
  BOOST_TEST(waiting.take("a", 1s)->his.name == "w1");
  BOOST_TEST(waiting.take("b", 1s)->his.name == "w2");
}

BOOST_AUTO_TEST_CASE(hands_nobody_out_twice) {
  visitors waiting{10, 10s};
  BOOST_TEST(!!waiting.add("a", named("w1"), 0s));
  BOOST_TEST(!!waiting.take("a", 1s));
  BOOST_TEST((code_of(waiting.take("a", 1s).error()) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(believes_what_was_said_last) {
  visitors waiting{10, 10s};
  BOOST_TEST(!!waiting.add("a", named("w1"), 0s));
  BOOST_TEST(!!waiting.add("a", named("w2"), 0s));
  BOOST_TEST(waiting.take("a", 1s)->his.name == "w2");
}

BOOST_AUTO_TEST_CASE(forgets_who_comes_too_late) {
  visitors waiting{10, 10s};
  BOOST_TEST(!!waiting.add("a", named("w1"), 0s));
  BOOST_TEST((code_of(waiting.take("a", 11s).error()) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(lets_so_many_wait_until_their_time_is_over) {
  visitors waiting{2, 10s};
  BOOST_TEST(!!waiting.add("a", named("w1"), 0s));
  BOOST_TEST(!!waiting.add("b", named("w2"), 5s));
  BOOST_TEST((code_of(waiting.add("c", named("w3"), 9s).error()) == errc::unavailable));
  BOOST_TEST(!!waiting.add("c", named("w3"), 11s));
  BOOST_TEST(!!waiting.take("b", 11s));
}

BOOST_AUTO_TEST_SUITE_END()
