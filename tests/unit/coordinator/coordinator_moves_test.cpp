#include "tests/support/coordinator_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(coordinator_moves_test, coordinator_fixture)

BOOST_AUTO_TEST_CASE(moves_the_variants_of_a_dead_worker_under_new_tokens) {
  auto node = join("w1", w1);
  auto id = create("eu")->id;
  auto old = w1->hosted[id].owner;
  join("w2", w2);
  db->alive = {"w2"};
  caf::anon_send_exit(node, caf::exit_reason::kill);
  advance(5s);
  BOOST_TEST_REQUIRE(w2->hosted.count(id) == 1u);
  BOOST_TEST((w2->hosted[id].owner != old));
}

BOOST_AUTO_TEST_CASE(waits_for_a_lost_worker_whose_lease_lives) {
  auto node = join("w1", w1);
  auto id = create("eu")->id;
  auto owner = w1->hosted[id].owner;
  join("w2", w2);
  caf::anon_send_exit(node, caf::exit_reason::kill);
  advance(2s);
  BOOST_TEST(w2->hosted.count(id) == 0u);
  join("w1", w1, {{id, owner}});
  advance(5s);
  BOOST_TEST(w2->hosted.count(id) == 0u);
  BOOST_TEST((db->rows.front().placement.owner == owner));
}

BOOST_AUTO_TEST_CASE(names_a_new_owner_for_what_the_store_refuses_its_worker) {
  join("w1", w1);
  auto id = create("eu")->id;
  auto owner = w1->hosted[id].owner;
  auto tell = [&](const token& held) {
    return !!ask<atom::ok>(coordinator, atom::lost_v, std::string{"w1"}, id, held);
  };
  BOOST_TEST(tell({owner.epoch, owner.nonce + 1}));
  BOOST_TEST((db->rows.front().placement.owner == owner));
  BOOST_TEST(tell(owner));
  BOOST_TEST((db->rows.front().placement.owner != owner));
  BOOST_TEST((w1->hosted[id].owner == db->rows.front().placement.owner));
}

BOOST_AUTO_TEST_CASE(moves_the_variants_of_a_frozen_worker_whose_connection_lives) {
  join("w1", w1);
  auto id = create("eu")->id;
  join("w2", w2);
  db->alive = {"w2"};
  advance(4s);
  BOOST_TEST(w2->hosted.count(id) == 1u);
  auto answer = ask<atom::ok>(coordinator, atom::report_v, std::string{"w1"}, worker_load{});
  BOOST_TEST((code_of(answer.error()) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(gives_up_no_worker_because_nobody_could_renew_without_redis) {
  join("w1", w1);
  auto id = create("eu")->id;
  join("w2", w2);
  advance(5s);
  db->down = true;
  advance(2s);
  db->down = false;
  db->alive.clear();
  advance(1s);
  BOOST_TEST(w2->hosted.count(id) == 0u);
  db->alive = {"w1", "w2"};
  advance(10s);
  BOOST_TEST(w1->hosted.count(id) == 1u);
}

BOOST_AUTO_TEST_CASE(gives_up_a_worker_that_lives_but_cannot_be_told_anything) {
  auto node = join("w1", w1);
  auto id = create("eu")->id;
  join("w2", w2);
  caf::anon_send_exit(node, caf::exit_reason::kill);
  advance(20s);
  BOOST_TEST(w2->hosted.count(id) == 1u);
}

BOOST_AUTO_TEST_CASE(moves_the_variants_of_a_leaving_worker_at_once) {
  join("w1", w1);
  auto id = create("eu")->id;
  join("w2", w2);
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::leave_v, std::string{"w1"}, uint64_t{5000}));
  BOOST_TEST(w2->hosted.count(id) == 1u);
  BOOST_TEST(w1->hosted.empty());
}

BOOST_AUTO_TEST_CASE(gives_a_cordoned_worker_nothing_more) {
  join("w1", w1);
  join("w2", w2);
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::cordon_v, std::string{"w1"}, true));
  create("eu");
  create("us");
  BOOST_TEST(w2->hosted.size() == 2u);
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::cordon_v, std::string{"w1"}, false));
  create("asia");
  BOOST_TEST(w1->hosted.size() == 1u);
  auto unknown = ask<atom::ok>(coordinator, atom::cordon_v, std::string{"w9"}, true);
  BOOST_TEST((code_of(unknown.error()) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(drains_a_worker_and_gives_what_runs_the_time_that_is_left) {
  join("w1", w1);
  auto idle = create("eu")->id;
  auto running = create("us")->id;
  w1->busy = {running};
  auto alone = ask<atom::ok>(coordinator, atom::drain_v, std::string{"w1"}, uint64_t{7000});
  BOOST_TEST((code_of(alone.error()) == errc::conflict));
  join("w2", w2);
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::drain_v, std::string{"w1"}, uint64_t{7000}));
  BOOST_TEST(w2->hosted.size() == 2u);
  BOOST_TEST(w1->hosted.empty());
  BOOST_TEST_REQUIRE(w1->deadlines.size() >= 2u);
  BOOST_TEST(w1->deadlines[0] == 0u);
  BOOST_TEST(w1->deadlines[1] == 7000u);
  BOOST_TEST((db->duties["w1"] == worker_duty::draining));
  BOOST_TEST((w2->hosted[idle].owner != w2->hosted[running].owner));
}

BOOST_AUTO_TEST_CASE(goes_on_with_a_drain_that_another_leader_began) {
  join("w2", w2);
  db->duties["w1"] = worker_duty::draining;
  join("w1", w1);
  advance(1s);
  create("eu");
  create("us");
  BOOST_TEST(w1->hosted.empty());
  BOOST_TEST(w2->hosted.size() == 2u);
}

BOOST_AUTO_TEST_CASE(gives_what_runs_time_in_a_drain_that_another_leader_began) {
  join("w1", w1);
  w1->busy = {create("eu")->id};
  join("w2", w2);
  db->duties["w1"] = worker_duty::draining;
  advance(1s);
  BOOST_TEST_REQUIRE(w1->deadlines.size() >= 2u);
  BOOST_TEST(w1->deadlines[1] > 20'000u);
  BOOST_TEST(w2->hosted.size() == 1u);
}

BOOST_AUTO_TEST_CASE(moves_one_variant_to_the_worker_that_is_named) {
  join("w1", w1);
  auto id = create("eu")->id;
  join("w2", w2);
  w1->busy = {id};
  BOOST_TEST(
    !!ask<atom::ok>(coordinator, atom::move_v, eu.front(), std::string{"w2"}, uint64_t{3000}));
  BOOST_TEST(w2->hosted.count(id) == 1u);
  BOOST_TEST(w1->hosted.empty());
  auto nowhere
    = ask<atom::ok>(coordinator, atom::move_v, eu.front(), std::string{"w9"}, uint64_t{3000});
  BOOST_TEST((code_of(nowhere.error()) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(evens_out_when_a_worker_has_joined_and_then_leaves_all_alone) {
  limit = 50;
  start();
  join("w1", w1);
  for (int i = 0; i < 40; ++i)
    create("v" + std::to_string(i));
  join("w2", w2);
  BOOST_TEST(w2->hosted.empty());
  advance(4s);
  BOOST_TEST(w2->hosted.size() >= 15u);
  auto settled = w2->hosted.size();
  advance(60s);
  BOOST_TEST(w2->hosted.size() == settled);
  using moves = std::vector<planned_move>;
  BOOST_TEST(ask<moves>(coordinator, atom::rebalance_v, false)->empty());
}

BOOST_AUTO_TEST_CASE(wakes_what_was_triggered_while_its_worker_was_away) {
  auto node = join("w1", w1);
  auto id = create("eu")->id;
  auto owner = w1->hosted[id].owner;
  caf::anon_send_exit(node, caf::exit_reason::kill);
  run();
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::trigger_v, eu, trigger_options{}));
  BOOST_TEST(w1->woken.empty());
  join("w1", w1, {{id, owner}});
  BOOST_TEST(w1->woken == std::vector<std::string>{id}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
