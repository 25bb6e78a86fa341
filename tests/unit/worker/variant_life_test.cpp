#include "tests/support/life_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(variant_life_test, life_fixture)

BOOST_AUTO_TEST_CASE(runs_at_once_when_it_never_ran) {
  auto life = make();
  auto step = life.begin(anchor + 5);
  BOOST_TEST_REQUIRE(step.start.has_value());
  BOOST_TEST(*step.start->slot == anchor);
}

BOOST_AUTO_TEST_CASE(waits_for_the_next_slot_after_a_run) {
  auto life = make();
  life.begin(anchor);
  BOOST_TEST(!life.end(ended(), anchor + 10).start.has_value());
  BOOST_TEST(*life.next_alarm(anchor + 10) == slot(1));
  BOOST_TEST(*life.tick(slot(1)).start->slot == slot(1));
}

BOOST_AUTO_TEST_CASE(goes_on_with_its_grid_after_it_moved) {
  auto life = make({slot(1), false, false});
  BOOST_TEST(!life.begin(slot(1) + 100).start.has_value());
  BOOST_TEST(*life.next_alarm(slot(1) + 100) == slot(2));
}

BOOST_AUTO_TEST_CASE(runs_once_for_all_the_slots_it_missed) {
  auto life = make({slot(1), false, false});
  auto step = life.begin(slot(5) + 100);
  BOOST_TEST(*step.start->slot == slot(5));
  life.end(ended(), slot(5) + 200);
  BOOST_TEST(*life.next_alarm(slot(5) + 200) == slot(6));
}

BOOST_AUTO_TEST_CASE(takes_up_a_run_that_its_last_owner_left_open) {
  auto life = make({slot(1), true, false});
  auto step = life.begin(slot(1) + 100);
  BOOST_TEST_REQUIRE(step.start.has_value());
  BOOST_TEST(!step.start->slot.has_value());
}

BOOST_AUTO_TEST_CASE(takes_up_a_trigger_that_waited_even_when_paused) {
  paused = true;
  auto life = make({-1, false, true});
  BOOST_TEST(life.begin(anchor).start.has_value());
}

BOOST_AUTO_TEST_CASE(skips_a_slot_that_falls_into_a_run) {
  auto life = make();
  life.begin(anchor);
  auto step = life.tick(slot(1));
  BOOST_TEST(!step.start.has_value());
  BOOST_TEST_REQUIRE(step.notes.size() == 1u);
  BOOST_TEST(step.notes.front().what == "skipped");
  BOOST_TEST(step.notes.front().slot == slot(1));
  BOOST_TEST(!life.end(ended(), slot(1) + 10).start.has_value());
  BOOST_TEST(*life.next_alarm(slot(1) + 10) == slot(2));
}

BOOST_AUTO_TEST_CASE(never_runs_twice_at_once) {
  auto life = make();
  life.begin(anchor);
  BOOST_TEST(!life.wake(false).start.has_value());
  BOOST_TEST(!life.tick(anchor + 5).start.has_value());
}

BOOST_AUTO_TEST_CASE(looks_once_for_what_was_left_while_it_ran) {
  auto life = make();
  life.begin(anchor);
  life.wake(false);
  auto step = life.end(ended(), anchor + 10);
  BOOST_TEST_REQUIRE(step.start.has_value());
  BOOST_TEST(!step.start->slot.has_value());
  BOOST_TEST(!life.end(ended("idle"), anchor + 20).start.has_value());
  BOOST_TEST(*life.next_alarm(anchor + 20) == slot(1));
}

BOOST_AUTO_TEST_CASE(looks_again_if_it_was_woken_while_it_looked) {
  auto life = make();
  life.begin(anchor);
  life.wake(false);
  life.end(ended(), anchor + 10);
  life.wake(false);
  BOOST_TEST(life.end(ended("idle"), anchor + 20).start.has_value());
}

BOOST_AUTO_TEST_CASE(runs_again_for_what_waits_in_the_store) {
  auto life = make();
  life.begin(anchor);
  auto how = ended();
  how.more = true;
  BOOST_TEST(life.end(how, anchor + 10).start.has_value());
}

BOOST_AUTO_TEST_CASE(runs_when_triggered_though_paused) {
  paused = true;
  auto life = make();
  BOOST_TEST(!life.begin(anchor + 10).start.has_value());
  BOOST_TEST(!life.next_alarm(anchor + 10).has_value());
  auto step = life.wake(false);
  BOOST_TEST_REQUIRE(step.start.has_value());
  BOOST_TEST(!step.start->slot.has_value());
  life.end(ended(), anchor + 20);
  BOOST_TEST(!life.next_alarm(anchor + 20).has_value());
}

BOOST_AUTO_TEST_CASE(cancels_what_runs_when_it_is_paused) {
  auto life = make();
  life.begin(anchor);
  paused = true;
  BOOST_TEST(life.assign(what(), anchor + 10).cancel.has_value());
  BOOST_TEST(!life.end(ended("cancelled"), anchor + 20).start.has_value());
  BOOST_TEST(!life.next_alarm(anchor + 20).has_value());
}

BOOST_AUTO_TEST_CASE(notes_that_a_run_was_cancelled_before_it_began) {
  auto life = make();
  life.begin(anchor);
  auto step = life.end({"cancelled", "the variant was paused", false, false, false, {}}, anchor);
  BOOST_TEST_REQUIRE(step.notes.size() == 1u);
  BOOST_TEST(step.notes.front().what == "cancelled");
  BOOST_TEST(life.wake(false).start.has_value());
  BOOST_TEST(life.end(ended("cancelled"), anchor).notes.empty());
}

BOOST_AUTO_TEST_CASE(lets_a_triggered_run_of_a_paused_variant_be) {
  paused = true;
  auto life = make();
  life.begin(anchor);
  life.wake(false);
  period = 2 * hour;
  BOOST_TEST(!life.assign(what(), anchor + 10).cancel.has_value());
}

BOOST_AUTO_TEST_CASE(cancels_a_triggered_run_when_told_though_it_was_paused_before) {
  paused = true;
  auto life = make();
  life.begin(anchor);
  BOOST_TEST(!life.cancel("paused again").cancel.has_value());
  life.wake(false);
  BOOST_TEST(*life.cancel("paused again").cancel == "paused again");
}

BOOST_AUTO_TEST_CASE(runs_again_in_place_of_a_run_that_is_reset) {
  auto life = make();
  life.begin(anchor);
  BOOST_TEST(life.wake(true).cancel.has_value());
  BOOST_TEST(life.end(ended("cancelled"), anchor + 20).start.has_value());
}

BOOST_AUTO_TEST_CASE(does_not_run_again_after_a_reset_that_was_paused_away) {
  auto life = make();
  life.begin(anchor);
  life.wake(true);
  paused = true;
  life.assign(what(), anchor + 10);
  BOOST_TEST(!life.end(ended("cancelled"), anchor + 20).start.has_value());
}

BOOST_AUTO_TEST_CASE(goes_on_at_once_after_an_interrupted_run) {
  auto life = make();
  life.begin(anchor);
  BOOST_TEST(life.end(ended("interrupted"), anchor + 20).start.has_value());
}

BOOST_AUTO_TEST_CASE(tries_again_when_a_run_could_not_begin) {
  auto life = make();
  life.begin(anchor);
  auto step = life.end({"failed", "no Redis", false, false}, anchor + 10);
  BOOST_TEST(!step.start.has_value());
  auto alarm = anchor + 10 + variant_life::begin_again_after.count();
  BOOST_TEST(*life.next_alarm(anchor + 10) <= alarm);
  BOOST_TEST(*life.tick(alarm).start->slot == anchor);
}

BOOST_AUTO_TEST_CASE(tries_a_triggered_run_again_though_paused) {
  paused = true;
  auto life = make();
  life.begin(anchor);
  life.wake(false);
  life.end({"failed", "no Redis", false, false}, anchor + 10);
  auto alarm = anchor + 10 + variant_life::begin_again_after.count();
  BOOST_TEST(*life.next_alarm(anchor + 10) == alarm);
  BOOST_TEST(life.tick(alarm).start.has_value());
}

BOOST_AUTO_TEST_CASE(ends_when_it_is_fenced) {
  auto life = make();
  life.begin(anchor);
  BOOST_TEST(life.end({"failed", "another owner", true, true}, anchor + 10).over);
}

BOOST_AUTO_TEST_CASE(follows_a_new_period_at_once) {
  auto life = make({slot(1), false, false});
  life.begin(slot(1) + 1);
  period = hour / 2;
  auto jitter = schedule_of(what()).jitter.count();
  life.assign(what(), slot(1) + 1);
  BOOST_TEST(*life.next_alarm(slot(1) + 1) == anchor + jitter + 3 * hour / 2);
}

BOOST_AUTO_TEST_CASE(runs_only_when_triggered_without_a_period) {
  period = 0;
  auto life = make();
  BOOST_TEST(!life.begin(anchor).start.has_value());
  BOOST_TEST(!life.next_alarm(anchor).has_value());
  BOOST_TEST(life.wake(false).start.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
