#include "actors/dialer_actor.hpp"
#include "actors/door_actor.hpp"
#include "actors/handshake.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/cluster_node.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/raw_client.hpp"

#include <caf/event_based_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <ctime>
#include <thread>

using namespace varia;
using namespace std::chrono_literals;

namespace {

// A coordinator and the address of its DOOR.
struct coordinator_node : test::cluster_node {
  explicit coordinator_node(const identity_ptr& identity, const std::string& name = "c1")
    : cluster_node{identity}, door{own(spawn_door(system, name, coordinator_with(7)))} {
    auto published = publish_door(door, {"127.0.0.1", 0});
    BOOST_REQUIRE(!!published);
    port = *published;
    address = "127.0.0.1:" + std::to_string(port);
  }

  door_actor door;
  uint16_t port = 0;
  std::string address;
};

expected<coordinator_actor> dial(test::cluster_node& from, const std::string& name,
                                 const std::string& address) {
  auto dialer = from.own(spawn_dialer(from.system, {"worker", name}));
  return from.ask<coordinator_actor>(dialer, atom::dial_v, address);
}

void refuses(const expected<coordinator_actor>& result, errc code, const std::string& words) {
  BOOST_TEST_REQUIRE(!result);
  BOOST_TEST((code_of(result.error()) == code));
  BOOST_TEST_CONTEXT(describe(result.error()))
  BOOST_TEST(detail_of(result.error()).find(words) != std::string::npos);
}

struct fixture {
  test::authority ours;
  identity_ptr w1 = ours.identity_of("w1");
  coordinator_node coordinator{ours.identity_of("c1")};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_network_test, fixture)

BOOST_AUTO_TEST_CASE(lets_in_who_proves_his_name) {
  test::cluster_node worker{w1};
  auto found = dial(worker, "w1", coordinator.address);
  BOOST_TEST_REQUIRE(!!found);
  auto status = worker.ask<cluster_status>(*found, atom::status_v);
  BOOST_TEST_REQUIRE(!!status);
  BOOST_TEST(status->epoch == 7u);
}

BOOST_AUTO_TEST_CASE(refuses_who_goes_by_the_name_of_another) {
  test::cluster_node worker{w1};
  refuses(dial(worker, "w2", coordinator.address), errc::invalid,
          "the certificate is not for \"w2\" but for w1");
}

BOOST_AUTO_TEST_CASE(refuses_a_coordinator_that_goes_by_the_name_of_another) {
  coordinator_node other{ours.identity_of("c2"), "c3"};
  test::cluster_node worker{w1};
  refuses(dial(worker, "w1", other.address), errc::invalid,
          "the certificate is not for \"c3\" but for c2");
}

BOOST_AUTO_TEST_CASE(refuses_the_certificates_of_another_authority) {
  test::authority others;
  test::cluster_node worker{others.identity_of("w1")};
  refuses(dial(worker, "w1", coordinator.address), errc::invalid, "its certificate is not good");
}

// It knows our authority, but is not known to it.
BOOST_AUTO_TEST_CASE(tells_a_guest_that_his_certificate_is_refused) {
  test::authority others;
  auto files = others.files_for("w1");
  auto both = ours.file("both.crt");
  std::ofstream{both} << std::ifstream{ours.file("ca.crt")}.rdbuf()
                      << std::ifstream{files.ca}.rdbuf();
  auto stranger = load_identity({both, files.cert, files.key}, "w1");
  BOOST_TEST_REQUIRE(!!stranger);
  test::cluster_node worker{*stranger};
  refuses(dial(worker, "w1", coordinator.address), errc::invalid, "it refuses our certificate");
}

BOOST_AUTO_TEST_CASE(refuses_who_shows_no_certificate) {
  test::cluster_node worker;
  auto refused = dial(worker, "w1", coordinator.address);
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((code_of(refused.error()) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(refuses_a_coordinator_without_certificates) {
  coordinator_node plain{nullptr};
  test::cluster_node worker{w1};
  refuses(dial(worker, "w1", plain.address), errc::invalid, "it does not speak TLS");
}

// A node of the cluster that has seen the certificate of another.
BOOST_AUTO_TEST_CASE(refuses_a_certificate_without_its_key) {
  test::cluster_node thief{ours.identity_of("w2")};
  BOOST_TEST_REQUIRE(!!dial(thief, "w2", coordinator.address));
  greeting his{cluster_protocol, software_version,  "worker", "w1",
               make_uuid(),      w1->certificate(), {}};
  caf::scoped_actor self{thief.system};
  auto network = network_of(thief.system);
  door_actor door;
  self->request(network, 10s, caf::connect_atom_v, std::string{"127.0.0.1"}, coordinator.port)
    .receive([&](const caf::node_id&, const caf::strong_actor_ptr& who,
                 const std::set<std::string>&) { door = caf::actor_cast<door_actor>(who); },
             [](const caf::error&) { BOOST_ERROR("no connection"); });
  BOOST_TEST_REQUIRE(!!door);
  greeting answer;
  self->request(door, 10s, atom::knock_v, his)
    .receive([&](const greeting& x) { answer = x; },
             [](const caf::error&) { BOOST_ERROR("the first message proves nothing yet"); });
  auto text = text_to_sign(side::guest,
                           {his, answer, to_string(thief.system.node()), to_string(door->node())});
  self->request(door, 10s, atom::enter_v, *identity_of(thief.system)->sign(text))
    .receive([](const coordinator_actor&) { BOOST_ERROR("w2 was taken for w1"); },
             [](const caf::error& why) {
               BOOST_TEST(detail_of(why) == "\"w1\" does not have the key of its certificate");
             });
}

BOOST_AUTO_TEST_CASE(carries_messages_of_all_sizes_both_ways) {
  auto echo
    = coordinator.own(coordinator.system.spawn([](caf::event_based_actor*) -> caf::behavior {
        return {[](const std::string& text) { return text; }};
      }));
  expected<uint16_t> port{fail(errc::unavailable, "no answer")};
  coordinator.self
    ->request(network_of(coordinator.system), 10s, caf::publish_atom_v, uint16_t{0},
              caf::actor_cast<caf::strong_actor_ptr>(echo), std::set<std::string>{},
              std::string{"127.0.0.1"}, false)
    .receive([&](uint16_t x) { port = x; }, [](const caf::error&) {});
  BOOST_TEST_REQUIRE(!!port);
  test::cluster_node worker{w1};
  caf::actor far;
  worker.self
    ->request(network_of(worker.system), 10s, caf::connect_atom_v, std::string{"127.0.0.1"}, *port)
    .receive([&](const caf::node_id&, const caf::strong_actor_ptr& who,
                 const std::set<std::string>&) { far = caf::actor_cast<caf::actor>(who); },
             [](const caf::error&) {});
  BOOST_TEST_REQUIRE(!!far);
  for (size_t size : {0, 1, 200, 16'384, 65'536, 3'000'000}) {
    std::string text(size, 'x');
    auto answer = worker.ask<std::string>(far, text);
    BOOST_TEST_REQUIRE(!!answer);
    BOOST_TEST((*answer == text));
  }
}

// As a stopped process does: the system makes the connection for it.
BOOST_AUTO_TEST_CASE(gives_up_on_who_never_says_a_word) {
  test::listener silent;
  test::cluster_node worker{w1};
  refuses(dial(worker, "w1", silent.address()), errc::unavailable, "it does not answer");
  BOOST_TEST(!!dial(worker, "w1", coordinator.address));
}

// CAF's own TLS takes a whole processor for each moment that a peer is silent.
BOOST_AUTO_TEST_CASE(does_not_wait_busily_for_who_is_silent) {
  test::raw_client silent{coordinator.port};
  std::this_thread::sleep_for(100ms);
  auto before = std::clock();
  std::this_thread::sleep_for(2s);
  auto used = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  BOOST_TEST(used < 1.0);
  test::cluster_node worker{w1};
  BOOST_TEST(!!dial(worker, "w1", coordinator.address));
}

BOOST_AUTO_TEST_CASE(goes_on_after_nonsense) {
  for (auto times = 0; times < 20; ++times) {
    test::raw_client stranger{coordinator.port};
    stranger.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    stranger.rest();
  }
  test::cluster_node worker{w1};
  BOOST_TEST(!!dial(worker, "w1", coordinator.address));
}

BOOST_AUTO_TEST_CASE(lets_nobody_stand_in_the_handshake_while_others_come) {
  test::raw_client silent{coordinator.port};
  std::this_thread::sleep_for(10500ms);
  test::cluster_node worker{w1};
  BOOST_TEST(!!dial(worker, "w1", coordinator.address));
  BOOST_TEST(silent.rest().empty());
}

BOOST_AUTO_TEST_SUITE_END()
