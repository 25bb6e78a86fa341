#include "actors/door_actor.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

namespace {

struct fixture : test::deterministic_system {
  expected<greeting> knock(const greeting& his) { return ask<greeting>(door, atom::knock_v, his); }

  expected<coordinator_actor> enter() {
    return ask<coordinator_actor>(door, atom::enter_v, std::string{});
  }

  greeting proper{cluster_protocol, "0.1.0", "worker", "w1", "0123456789abcdef", {}, {}};
  door_actor door = own(spawn_door(system, "c1", {}));
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(door_actor_test, fixture)

BOOST_AUTO_TEST_CASE(says_who_it_is_and_lets_in) {
  auto answer = knock(proper);
  BOOST_TEST_REQUIRE(!!answer);
  BOOST_TEST(answer->name == "c1");
  BOOST_TEST(answer->kind == "coordinator");
  BOOST_TEST(answer->protocol == cluster_protocol);
  BOOST_TEST(!!enter());
}

BOOST_AUTO_TEST_CASE(sends_everybody_another_nonce) {
  auto first = knock(proper);
  auto second = knock(proper);
  BOOST_TEST_REQUIRE((first && second));
  BOOST_TEST(first->nonce != second->nonce);
}

BOOST_AUTO_TEST_CASE(stays_shut_for_another_protocol) {
  proper.protocol = cluster_protocol + 1;
  auto refused = knock(proper);
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((code_of(refused.error()) == errc::invalid));
  BOOST_TEST(detail_of(refused.error()).find("speaks protocol") != std::string::npos);
  BOOST_TEST(!enter());
}

BOOST_AUTO_TEST_CASE(lets_nobody_in_who_has_not_knocked) {
  BOOST_TEST((code_of(enter().error()) == errc::unavailable));
  BOOST_TEST(!!knock(proper));
  BOOST_TEST(!!enter());
  BOOST_TEST((code_of(enter().error()) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_ever_for_who_knocked) {
  BOOST_TEST(!!knock(proper));
  advance(11s);
  BOOST_TEST((code_of(enter().error()) == errc::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()
