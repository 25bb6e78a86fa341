#include "tests/support/life_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(variant_life_rules_test, life_fixture)

BOOST_AUTO_TEST_CASE(a_changed_schedule_makes_up_for_nothing_that_lies_before) {
  auto life = make({slot(1)});
  life.begin(slot(1) + 1);
  period = hour / 4;
  since = slot(1) + hour / 2;
  BOOST_TEST(!life.assign(what(), since).start.has_value());
  BOOST_TEST(*life.next_alarm(since) > since);
}

BOOST_AUTO_TEST_CASE(a_start_makes_up_for_a_slot_that_fell_into_the_pause) {
  paused = true;
  auto life = make({slot(1)});
  life.begin(slot(1) + 1);
  paused = false;
  auto early = make({slot(1)});
  early.begin(slot(1) + 1);
  BOOST_TEST(!early.assign(what(), slot(2) - 1).start.has_value());
  auto step = life.assign(what(), slot(3) + 5);
  BOOST_TEST_REQUIRE(step.start.has_value());
  BOOST_TEST(*step.start->slot == slot(3));
  BOOST_TEST(step.start->missed == 1u);
  BOOST_TEST_REQUIRE(step.notes.size() == 1u);
  BOOST_TEST(step.notes[0].what == "paused");
  BOOST_TEST(step.notes[0].count == 2u);
}

BOOST_AUTO_TEST_CASE(tells_how_many_slots_it_missed) {
  auto life = make({slot(1)});
  BOOST_TEST(life.begin(slot(5) + 100).start->missed == 3u);
}

BOOST_AUTO_TEST_CASE(queues_one_slot_behind_a_run) {
  rules.queues = true;
  auto life = make({slot(1)});
  life.begin(slot(2));
  auto step = life.tick(slot(3));
  BOOST_TEST(!step.start.has_value());
  BOOST_TEST_REQUIRE(step.notes.size() == 1u);
  BOOST_TEST(step.notes[0].what == "queued");
  BOOST_TEST(*life.next_alarm(slot(3)) == slot(4));
  BOOST_TEST(life.tick(slot(4)).notes.empty());
  auto next = life.end(ended(), slot(4) + 10);
  BOOST_TEST_REQUIRE(next.start.has_value());
  BOOST_TEST(*next.start->slot == slot(4));
  BOOST_TEST(next.start->missed == 1u);
  BOOST_TEST(!life.end(ended(), slot(4) + 20).start.has_value());
  BOOST_TEST(*life.next_alarm(slot(4) + 20) == slot(5));
}

BOOST_AUTO_TEST_CASE(a_slot_that_is_too_late_is_missed) {
  rules.catch_up = std::chrono::minutes{10};
  auto life = make({slot(1)});
  auto step = life.begin(slot(4) + hour / 2);
  BOOST_TEST(!step.start.has_value());
  BOOST_TEST_REQUIRE(step.notes.size() == 1u);
  BOOST_TEST(step.notes[0].what == "missed");
  BOOST_TEST(step.notes[0].slot == slot(4));
  BOOST_TEST(step.notes[0].count == 3u);
  BOOST_TEST(*life.next_alarm(slot(4) + hour / 2) == slot(5));
  BOOST_TEST(life.tick(slot(5) + 1000).start.has_value());
}

BOOST_AUTO_TEST_CASE(what_was_queued_is_not_too_late) {
  rules.queues = true;
  rules.catch_up = std::chrono::minutes{1};
  auto life = make({slot(1)});
  life.begin(slot(2));
  life.tick(slot(3));
  BOOST_TEST(life.end(ended(), slot(3) + hour / 2).start.has_value());
}

BOOST_AUTO_TEST_CASE(runs_once_when_a_blackout_ends) {
  auto begin = slot(3) - slot(3) % 60'000 - 60'000;
  rules.blackouts = {dark(to_iso_z(begin), std::chrono::hours{3})};
  auto end = begin + 3 * hour;
  auto life = make({slot(2)});
  auto step = life.tick(slot(3));
  BOOST_TEST(!step.start.has_value());
  BOOST_TEST_REQUIRE(step.notes.size() == 1u);
  BOOST_TEST(step.notes[0].what == "blackout");
  BOOST_TEST(*life.next_alarm(slot(3)) == end);
  BOOST_TEST(life.tick(slot(4)).notes.empty());
  auto after = life.tick(end);
  BOOST_TEST_REQUIRE(after.start.has_value());
  BOOST_TEST(*after.start->slot == slot(5));
  BOOST_TEST(after.start->missed == 2u);
}

BOOST_AUTO_TEST_CASE(runs_when_triggered_though_a_blackout_lasts) {
  auto begin = slot(3) - slot(3) % 60'000 - 60'000;
  rules.blackouts = {dark(to_iso_z(begin), std::chrono::hours{3})};
  auto life = make({slot(2)});
  life.tick(slot(3));
  BOOST_TEST(life.wake(false).start.has_value());
}

BOOST_AUTO_TEST_CASE(makes_a_failed_run_again_after_a_while) {
  rules.retry = {2, std::chrono::seconds{10}, 200, std::chrono::seconds{60}};
  auto life = make({slot(1)});
  life.begin(slot(2));
  BOOST_TEST(!life.end(failed(slot(2) + 100, 1), slot(2) + 100).start.has_value());
  auto first = *life.next_alarm(slot(2) + 100);
  BOOST_TEST(first >= slot(2) + 10'100);
  BOOST_TEST(first < slot(2) + 11'100);
  BOOST_TEST(!life.tick(first - 1).start.has_value());
  auto step = life.tick(first);
  BOOST_TEST_REQUIRE(step.start.has_value());
  BOOST_TEST(step.start->retry == 1u);
  BOOST_TEST(!step.start->slot.has_value());
  life.end(failed(first + 5, 2, 1), first + 5);
  auto second = *life.next_alarm(first + 5);
  BOOST_TEST(second >= first + 20'000);
  BOOST_TEST(life.tick(second).start->retry == 2u);
  life.end(failed(second + 5, 3, 2), second + 5);
  BOOST_TEST(*life.next_alarm(second + 5) == slot(3));
}

BOOST_AUTO_TEST_CASE(a_slot_takes_the_place_of_a_retry) {
  rules.retry = {2, std::chrono::hours{2}, 200, std::chrono::hours{9}};
  auto life = make({slot(1)});
  life.begin(slot(2));
  life.end(failed(slot(2) + 100, 1), slot(2) + 100);
  auto step = life.tick(slot(3));
  BOOST_TEST(*step.start->slot == slot(3));
  BOOST_TEST(step.start->retry == 0u);
  life.end(ended(), slot(3) + 10);
  BOOST_TEST(*life.next_alarm(slot(3) + 10) == slot(4));
}

BOOST_AUTO_TEST_CASE(goes_on_with_retries_after_it_moved) {
  rules.retry = {2, std::chrono::seconds{10}, 200, std::chrono::seconds{60}};
  variant_past past{slot(2), false, false, {2, 1, slot(2) + 100}};
  auto life = make(past);
  BOOST_TEST(!life.begin(slot(2) + 200).start.has_value());
  auto alarm = *life.next_alarm(slot(2) + 200);
  BOOST_TEST(alarm >= slot(2) + 20'100);
  BOOST_TEST(life.tick(alarm).start->retry == 2u);
}

BOOST_AUTO_TEST_CASE(makes_no_cancelled_run_again) {
  rules.retry = {2, std::chrono::seconds{10}, 200, std::chrono::seconds{60}};
  auto life = make({slot(1)});
  life.begin(slot(2));
  life.end(ended("cancelled"), slot(2) + 100);
  BOOST_TEST(*life.next_alarm(slot(2) + 100) == slot(3));
}

BOOST_AUTO_TEST_CASE(a_retry_that_could_not_begin_is_tried_once_more) {
  rules.retry = {1, std::chrono::seconds{10}, 200, std::chrono::seconds{60}};
  auto life = make({slot(2), false, false, {1, 0, slot(2) + 100}});
  auto alarm = *life.next_alarm(slot(2) + 200);
  life.tick(alarm);
  life.end({"failed", "no Redis", false, false}, alarm + 5);
  auto again = *life.next_alarm(alarm + 5);
  life.tick(again);
  auto step = life.end({"idle", {}, false, false}, again + 5);
  BOOST_TEST_REQUIRE(step.start.has_value());
  BOOST_TEST(step.start->retry == 1u);
}

BOOST_AUTO_TEST_CASE(asks_to_be_paused_after_so_many_failures) {
  rules.stop_after = 3;
  auto life = make({slot(1)});
  life.begin(slot(2));
  BOOST_TEST(!life.end(failed(slot(2) + 5, 2), slot(2) + 5).stop.has_value());
  life.tick(slot(3));
  auto step = life.end(failed(slot(3) + 5, 3), slot(3) + 5);
  BOOST_TEST_REQUIRE(step.stop.has_value());
  BOOST_TEST(*step.stop == "stopped after 3 failures in a row");
  auto again = slot(3) + 5 + variant_life::stop_again_after.count();
  BOOST_TEST(*life.next_alarm(slot(3) + 6) == again);
  BOOST_TEST(!life.tick(slot(3) + 6).stop.has_value());
  BOOST_TEST(life.tick(again).stop.has_value());
  paused = true;
  life.assign(what(), again + 1);
  BOOST_TEST(!life.next_alarm(again + 1).has_value());
  paused = false;
  life.assign(what(), again + 2);
  BOOST_TEST(*life.next_alarm(again + 2) == slot(4));
}

BOOST_AUTO_TEST_SUITE_END()
