#include "tests/support/coordinator_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(coordinator_actor_test, coordinator_fixture)

BOOST_AUTO_TEST_CASE(gives_a_new_variant_to_a_worker_with_a_fresh_token) {
  join("w1", w1);
  auto entry = create("eu");
  BOOST_TEST_REQUIRE(!!entry);
  BOOST_TEST_REQUIRE(w1->hosted.count(entry->id) == 1u);
  auto& hosted = w1->hosted[entry->id];
  BOOST_TEST(hosted.owner.epoch == 1u);
  BOOST_TEST(hosted.due.period_ms == 60000u);
  BOOST_TEST((hosted.owner == db->rows.front().placement.owner));
}

BOOST_AUTO_TEST_CASE(keeps_a_variant_until_a_worker_comes) {
  BOOST_TEST_REQUIRE(!!create("eu"));
  auto before = ask<cluster_status>(coordinator, atom::status_v);
  BOOST_TEST(before->unplaced == 1u);
  join("w1", w1);
  BOOST_TEST(w1->hosted.size() == 1u);
  BOOST_TEST(ask<cluster_status>(coordinator, atom::status_v)->unplaced == 0u);
}

BOOST_AUTO_TEST_CASE(spreads_variants_over_the_workers) {
  join("w1", w1);
  join("w2", w2);
  create("base");
  create("eu");
  create("us");
  create("asia");
  BOOST_TEST(w1->hosted.size() == 2u);
  BOOST_TEST(w2->hosted.size() == 2u);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_over_the_limit) {
  join("w1", w1);
  for (auto name : {"base", "a", "b", "c"})
    BOOST_TEST(!!create(name));
  auto fourth = create("d");
  BOOST_TEST((code_of(fourth.error()) == errc::full));
  BOOST_TEST(detail_of(fourth.error()) == "3");
  BOOST_TEST(db->rows.size() == 4u);
}

BOOST_AUTO_TEST_CASE(has_the_worker_drop_a_deleted_variant) {
  join("w1", w1);
  create("eu");
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::remove_v, eu.front()));
  BOOST_TEST(w1->hosted.empty());
  auto again = ask<atom::ok>(coordinator, atom::remove_v, eu.front());
  BOOST_TEST((code_of(again.error()) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(tells_the_worker_of_pause_and_start) {
  join("w1", w1);
  auto id = create("eu")->id;
  ask<atom::ok>(coordinator, atom::pause_v, eu);
  BOOST_TEST(w1->hosted[id].paused);
  BOOST_TEST(w1->cancelled.size() == 1u);
  ask<atom::ok>(coordinator, atom::start_v, eu);
  BOOST_TEST(!w1->hosted[id].paused);
}

BOOST_AUTO_TEST_CASE(wakes_the_worker_of_a_triggered_variant) {
  join("w1", w1);
  auto id = create("eu")->id;
  ask<atom::ok>(coordinator, atom::trigger_v, eu, trigger_options{true, false});
  BOOST_TEST(w1->woken == std::vector<std::string>{id}, boost::test_tools::per_element());
  BOOST_TEST(w1->restarted);
}

BOOST_AUTO_TEST_CASE(passes_a_new_frequency_on) {
  join("w1", w1);
  auto id = create("eu")->id;
  ask<atom::ok>(coordinator, atom::frequency_v, eu.front(), std::string{"every 5m"}, timing{});
  BOOST_TEST(w1->hosted[id].due.period_ms == 300000u);
}

BOOST_AUTO_TEST_CASE(gives_a_sync_its_base_once) {
  join("w1", w1);
  std::vector<sync_wish> wishes{{orders, true, {60000, {}, 0}}};
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::ensure_v, wishes));
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::ensure_v, wishes));
  BOOST_TEST_REQUIRE(db->rows.size() == 1u);
  BOOST_TEST(db->rows.front().entry.paused);
}

BOOST_AUTO_TEST_CASE(redeployment_changes_the_period_of_named_variants_too) {
  join("w1", w1);
  auto id = create("eu")->id;
  create("us");
  ask<atom::ok>(coordinator, atom::frequency_v, variant_key{orders, "us"}, std::string{"every 5m"},
                timing{});
  std::vector<sync_wish> wishes{{orders, false, {120000, {}, 0}}};
  ask<atom::ok>(coordinator, atom::ensure_v, wishes);
  BOOST_TEST(w1->hosted[id].due.period_ms == 120000u);
  for (auto& [other, what] : w1->hosted)
    if (what.key.name == "us")
      BOOST_TEST(what.due.period_ms == 300000u);
}

BOOST_AUTO_TEST_CASE(forgets_all_variants_of_a_connection) {
  join("w1", w1);
  create("eu");
  create("us");
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::forget_v, connection_number{14}));
  BOOST_TEST(db->rows.empty());
  BOOST_TEST(w1->hosted.empty());
}

BOOST_AUTO_TEST_CASE(hands_the_lead_over_and_refuses_commands_from_then_on) {
  join("w1", w1);
  auto unknown = ask<atom::ok>(coordinator, atom::promote_v, std::string{"c9"});
  BOOST_TEST((code_of(unknown.error()) == errc::not_found));
  BOOST_TEST(!!create("eu"));
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::promote_v, std::string{"c2"}));
  BOOST_TEST((code_of(create("us").error()) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(reads_everything_again_when_it_is_another_redis) {
  join("w1", w1);
  auto id = create("eu")->id;
  db->rows.clear();
  db->server = "redis-2";
  advance(2s);
  auto answer = ask<atom::ok>(coordinator, atom::report_v, std::string{"w1"}, worker_load{});
  BOOST_TEST((code_of(answer.error()) == errc::not_found));
  join("w1", w1, {{id, w1->hosted[id].owner}});
  BOOST_TEST(w1->hosted.empty());
}

BOOST_AUTO_TEST_CASE(answers_a_creation_that_is_repeated_as_the_first_time) {
  join("w1", w1);
  auto first = ask<variant_entry>(coordinator, atom::add_v, eu.front(), std::string{"mine"}, false,
                                  timing{});
  auto second = ask<variant_entry>(coordinator, atom::add_v, eu.front(), std::string{"mine"}, false,
                                   timing{});
  BOOST_TEST_REQUIRE(!!first);
  BOOST_TEST_REQUIRE(!!second);
  BOOST_TEST(first->id == second->id);
  BOOST_TEST(w1->hosted.size() == 1u);
}

BOOST_AUTO_TEST_CASE(places_again_what_a_worker_did_not_take) {
  w1->deaf = true;
  join("w1", w1);
  auto id = create("eu")->id;
  w1->deaf = false;
  advance(2s);
  BOOST_TEST(w1->hosted.count(id) == 1u);
}

BOOST_AUTO_TEST_CASE(releases_what_a_joining_worker_hosts_without_a_good_token) {
  w1->hosted["stranger"].owner = {1, 1};
  join("w1", w1, {{"stranger", {1, 1}}});
  BOOST_TEST(w1->hosted.count("stranger") == 0u);
}

BOOST_AUTO_TEST_CASE(rebuilds_itself_from_the_store_and_the_workers) {
  join("w1", w1);
  auto id = create("eu")->id;
  auto owner = w1->hosted[id].owner;
  caf::anon_send_exit(coordinator, caf::exit_reason::kill);
  run();
  db->epoch = 2;
  start();
  join("w1", w1, {{id, owner}});
  advance(10s);
  BOOST_TEST((db->rows.front().placement.owner == owner));
  auto status = ask<cluster_status>(coordinator, atom::status_v);
  BOOST_TEST(status->epoch == 2u);
  BOOST_TEST(status->unplaced == 0u);
}

BOOST_AUTO_TEST_CASE(asks_an_unknown_worker_to_join_again) {
  auto answer = ask<atom::ok>(coordinator, atom::report_v, std::string{"w9"}, worker_load{});
  BOOST_TEST((code_of(answer.error()) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(refuses_commands_while_another_one_leads) {
  db->taken = true;
  advance(2s);
  BOOST_TEST((code_of(create("eu").error()) == errc::fenced));
  BOOST_TEST(db->rows.empty());
}

BOOST_AUTO_TEST_CASE(stops_leading_before_its_lease_would_end_without_redis) {
  db->down = true;
  advance(2s);
  advance(2s);
  BOOST_TEST((code_of(create("eu").error()) == errc::fenced));
  db->down = false;
  advance(2s);
  BOOST_TEST(!!create("eu"));
}

BOOST_AUTO_TEST_CASE(steps_down_when_a_write_is_fenced) {
  db->epoch = 2;
  BOOST_TEST((code_of(create("eu").error()) == errc::fenced));
  BOOST_TEST(ask<cluster_status>(coordinator, atom::status_v)->leader.empty());
}

BOOST_AUTO_TEST_CASE(has_old_records_looked_for_once_per_interval) {
  BOOST_TEST(*orders_to_retention == "");
  advance(1s);
  BOOST_TEST(*orders_to_retention == "start ");
  advance(58s);
  BOOST_TEST(*orders_to_retention == "start ");
  advance(3s);
  BOOST_TEST(*orders_to_retention == "start start ");
}

BOOST_AUTO_TEST_CASE(calls_the_search_for_old_records_off_when_it_steps_down) {
  advance(1s);
  db->taken = true;
  advance(1s);
  BOOST_TEST(*orders_to_retention == "start cancel ");
  advance(120s);
  BOOST_TEST(*orders_to_retention == "start cancel ");
}

BOOST_AUTO_TEST_CASE(passes_a_new_schedule_on) {
  join("w1", w1);
  auto id = create("eu")->id;
  std::string by_cron{"cron 0 6 * * *\n"};
  timing of_function{60000, {}, 0};
  BOOST_TEST(
    !!ask<atom::ok>(coordinator, atom::schedule_v, eu.front(), by_cron, true, of_function));
  BOOST_TEST(w1->hosted[id].due.period_ms == 0u);
  BOOST_TEST(w1->hosted[id].due.rules == by_cron);
  BOOST_TEST(
    !!ask<atom::ok>(coordinator, atom::schedule_v, eu.front(), std::string{}, false, of_function));
  BOOST_TEST(w1->hosted[id].due.period_ms == 60000u);
  BOOST_TEST(w1->hosted[id].due.rules == "");
}

BOOST_AUTO_TEST_CASE(has_a_run_cancelled_and_changes_nothing_else) {
  join("w1", w1);
  auto id = create("eu")->id;
  std::string why{"enough"};
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::cancel_v, eu, why));
  BOOST_TEST(w1->cancelled == std::vector<std::string>{id}, boost::test_tools::per_element());
  BOOST_TEST(!w1->hosted[id].paused);
  std::vector<variant_key> nobody{{orders, "nobody"}};
  auto refused = ask<atom::ok>(coordinator, atom::cancel_v, nobody, why);
  BOOST_TEST((code_of(refused.error()) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(pauses_for_a_reason) {
  join("w1", w1);
  auto id = create("eu")->id;
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::pause_v, eu, std::string{"it failed"}));
  BOOST_TEST(w1->hosted[id].paused);
  BOOST_TEST(db->rows.front().entry.pause_reason == "it failed");
}

BOOST_AUTO_TEST_CASE(redeployment_starts_what_has_never_been_started) {
  join("w1", w1);
  auto asleep = create("eu")->id;
  auto stopped = create("us")->id;
  for (auto& row : db->rows) {
    row.entry.paused = true;
    row.entry.pause_reason = row.entry.id == asleep ? not_started : "";
  }
  db->server = "redis-2";
  advance(2s);
  join("w1", w1);
  std::vector<sync_wish> paused{{orders, true, {60000, {}, 0}}};
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::ensure_v, paused));
  BOOST_TEST(w1->hosted[asleep].paused);
  std::vector<sync_wish> started{{orders, false, {60000, {}, 0}}};
  BOOST_TEST(!!ask<atom::ok>(coordinator, atom::ensure_v, started));
  BOOST_TEST(!w1->hosted[asleep].paused);
  BOOST_TEST(w1->hosted[stopped].paused);
}

BOOST_AUTO_TEST_SUITE_END()
