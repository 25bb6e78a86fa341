#include "actors/dialer_actor.hpp"
#include "actors/door_actor.hpp"
#include "tests/support/cluster_node.hpp"
#include "tests/support/listener.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

namespace {

// A DOOR that greets in its own way, if at all.
door_actor::behavior_type strange_door(door_actor::pointer self, greeting answer) {
  return {
    [self, answer](atom::knock, const greeting&) -> caf::result<greeting> {
      if (answer.name.empty())
        return self->make_response_promise<greeting>();
      return answer;
    },
    [](atom::enter, const std::string&) -> expected<coordinator_actor> {
      return fail(errc::internal, "nobody comes so far");
    },
  };
}

struct fixture {
  std::string publish(const door_actor& door) {
    auto port = publish_door(theirs.own(door), {"127.0.0.1", 0});
    return "127.0.0.1:" + std::to_string(port ? *port : 0);
  }

  std::string open_door() { return publish(spawn_door(theirs.system, "c1", coordinator)); }

  std::string open_strange_door(const greeting& answer) {
    return publish(theirs.system.spawn(strange_door, answer));
  }

  expected<coordinator_actor> dial(const std::string& address) {
    return ours.ask<coordinator_actor>(dialer, atom::dial_v, address);
  }

  void refuses(const std::string& address, errc code, const std::string& words) {
    auto found = dial(address);
    BOOST_TEST_REQUIRE(!found);
    BOOST_TEST((code_of(found.error()) == code));
    BOOST_TEST_CONTEXT(describe(found.error()))
    BOOST_TEST(detail_of(found.error()).find(words) != std::string::npos);
  }

  test::cluster_node theirs;
  test::cluster_node ours;
  coordinator_actor coordinator = theirs.coordinator_with(7);
  dialer_actor dialer = ours.own(spawn_dialer(ours.system, {"worker", "w1"}));
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(dialer_actor_test, fixture)

BOOST_AUTO_TEST_CASE(finds_the_coordinator_behind_an_address) {
  auto address = open_door();
  for (auto times = 0; times < 2; ++times) {
    auto found = dial(address);
    BOOST_TEST_REQUIRE(!!found);
    auto status = ours.ask<cluster_status>(*found, atom::status_v);
    BOOST_TEST_REQUIRE(!!status);
    BOOST_TEST(status->epoch == 7u);
  }
}

BOOST_AUTO_TEST_CASE(resolves_names) {
  auto address = open_door();
  BOOST_TEST(!!dial("localhost" + address.substr(address.rfind(':'))));
}

BOOST_AUTO_TEST_CASE(finds_who_comes_up_later_at_the_same_address) {
  auto address = open_door();
  auto first = dial(address);
  BOOST_TEST_REQUIRE(!!first);
  auto watcher = ours.self.ptr();
  watcher->monitor(*first);
  auto port = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  BOOST_TEST(!!theirs.system.middleman().close(port));
  theirs.self->send_exit(coordinator, caf::exit_reason::kill);
  watcher->receive([](const caf::down_msg&) {});
  test::cluster_node next;
  auto other = next.coordinator_with(8);
  auto door = next.own(spawn_door(next.system, "c2", other));
  BOOST_TEST_REQUIRE(!!publish_door(door, {"127.0.0.1", port}));
  // The old process still lives, so that the first try may still lead to it.
  auto found = dial(address);
  for (auto tries = 0; tries < 50 && (!found || found->node() != next.system.node()); ++tries)
    found = dial(address);
  BOOST_TEST_REQUIRE(!!found);
}

BOOST_AUTO_TEST_CASE(tells_when_nobody_listens) {
  std::string address = test::listener{}.address();
  refuses(address, errc::unavailable, address + ": Connection refused");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_address) {
  refuses("nowhere", errc::invalid, "HOST:PORT");
}

// As a cut network does; dialing it blocks all of CAF's networking if nothing is done about it.
BOOST_AUTO_TEST_CASE(is_not_held_up_by_an_address_that_swallows_packets) {
  test::listener hole{0};
  hole.fill();
  auto address = open_door();
  auto waiting = ours.self->request(dialer, 60s, atom::dial_v, hole.address());
  BOOST_TEST(!!dial(address));
  BOOST_TEST(ours.self->mailbox().empty());
  waiting.receive([](const coordinator_actor&) { BOOST_ERROR("nobody is there"); },
                  [](const caf::error& why) {
                    BOOST_TEST((code_of(why) == errc::unavailable));
                    BOOST_TEST(detail_of(why).find("no answer") != std::string::npos);
                  });
}

// As a stopped process does: the system makes the connection for it.
BOOST_AUTO_TEST_CASE(gives_up_on_who_never_says_a_word) {
  test::listener silent;
  auto address = open_door();
  auto waiting = ours.self->request(dialer, 60s, atom::dial_v, silent.address());
  BOOST_TEST(!!dial(address));
  waiting.receive([](const coordinator_actor&) { BOOST_ERROR("nobody is there"); },
                  [](const caf::error& why) {
                    BOOST_TEST((code_of(why) == errc::unavailable));
                    BOOST_TEST(detail_of(why).find("takes connections") != std::string::npos);
                  });
  BOOST_TEST(!!dial(address));
}

BOOST_AUTO_TEST_CASE(gives_up_on_a_door_that_does_not_answer) {
  refuses(open_strange_door({}), errc::unavailable, "does not answer");
}

BOOST_AUTO_TEST_CASE(refuses_a_coordinator_of_another_protocol) {
  auto address = open_strange_door(
    {cluster_protocol + 1, "7.1", "coordinator", "c1", "0123456789abcdef", {}, {}});
  refuses(address, errc::invalid, "speaks protocol");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_coordinator) {
  auto stranger = theirs.own(theirs.system.spawn(
    [](caf::event_based_actor*) -> caf::behavior { return {[](int x) { return x; }}; }));
  auto port = theirs.system.middleman().publish(stranger, 0, "127.0.0.1");
  BOOST_TEST_REQUIRE(!!port);
  refuses("127.0.0.1:" + std::to_string(*port), errc::invalid, "no coordinator");
}

BOOST_AUTO_TEST_SUITE_END()
