#include "api/why.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

constexpr time_ms minute = 60'000;
constexpr time_ms start = 1'795'363'200'000; // 2026-11-22T16:00:00Z.

/// A variant that has run by its schedule an hour after its creation, and is hosted by w1.
struct fixture {
  fixture() {
    facts.entry.key = {{14, "orders"}, "eu"};
    facts.entry.id = "cd698d3a-f399-46e3-b424-3007eff03e6b";
    facts.entry.created_at = start;
    function deployed;
    deployed.name = "orders";
    deployed.frequency = "every 1h";
    deployed.schedule = "jitter 0\n";
    facts.deployed = deployed;
    facts.held.now = start + 70 * minute;
    auto& state = facts.state;
    state.placement.worker = "w1";
    state.last_outcome = run_outcome::success;
    state.run = 2;
    state.last_slot = start + 60 * minute;
    state.started_at = start + 60 * minute;
    state.finished_at = start + 61 * minute;
    state.result["Order"] = {5, 2, 1};
    cluster_status cluster;
    cluster.leader = "c1";
    cluster.workers = {{"w1", "host:1", true, {10, 3, 0, 16}, "active", {}}};
    facts.cluster = cluster;
  }

  std::string is() const { return to_string(judge(facts)); }

  std::string first() const { return explain(facts).front(); }

  /// The sentence that begins like this; empty if there is none.
  std::string about(const std::string& begin) const {
    for (auto& each : explain(facts))
      if (each.rfind(begin, 0) == 0)
        return each;
    return {};
  }

  worker_info& host() { return facts.cluster->workers.front(); }

  void fail_last_run() {
    facts.state.last_outcome = run_outcome::failed;
    facts.state.error = R"({"type":"script_error","description":"the door is shut"})";
    facts.state.fails = 2;
  }

  why_facts facts;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(why_test, fixture)

BOOST_AUTO_TEST_CASE(waits_for_its_schedule) {
  BOOST_TEST(is() == "waits_for_schedule");
  BOOST_TEST(first()
             == "It waits for its schedule: the next run is due in 50 min (2026-11-22T18:00:00Z).");
  BOOST_TEST(about("Schedule") == "Schedule: every 1h, as its function says.");
  BOOST_TEST(about("Placement")
             == "Placement: w1 hosts it, 3 of 16 slots are in use, and no runs wait.");
  BOOST_TEST(about("Last run")
             == "Last run: run 2 succeeded 9 min ago after 1 min: 5 added, 2 updated, 1 "
                "deleted.");
  BOOST_TEST(about("Next run").empty());
  BOOST_TEST(about("Failures").empty());
}

BOOST_AUTO_TEST_CASE(runs) {
  facts.state.last_outcome = run_outcome::running;
  facts.state.started_at = facts.held.now - 12'000;
  BOOST_TEST(is() == "runs");
  BOOST_TEST(first() == "It runs: run 2 began 12 s ago on w1.");
  facts.held.waits_for_request = true;
  BOOST_TEST(is() == "waits_for_provider");
  facts.held.handles_event = true;
  BOOST_TEST(first()
             == "It runs: run 2, for an event, began 12 s ago on w1. Its next request waits for "
                "its turn at the provider.");
}

BOOST_AUTO_TEST_CASE(is_paused_with_the_reason) {
  facts.entry.paused = true;
  BOOST_TEST(first() == "It is paused: somebody asked for it.");
  facts.entry.pause_reason = "stopped after 3 failures in a row";
  BOOST_TEST(is() == "is_paused");
  BOOST_TEST(first() == "It is paused: stopped after 3 failures in a row.");
  BOOST_TEST(about("Next run") == "Next run: when it is started or triggered.");
}

BOOST_AUTO_TEST_CASE(a_trigger_counts_for_more_than_a_pause) {
  facts.entry.paused = true;
  facts.held.wanted = 2;
  facts.held.asked_at = facts.held.now - 3000;
  BOOST_TEST(is() == "is_about_to_run");
  BOOST_TEST(first() == "It was triggered 3 s ago, with reset, and is about to run.");
  BOOST_TEST(about("Paused")
             == "Paused: somebody asked for it. It runs only when it is triggered.");
}

BOOST_AUTO_TEST_CASE(waits_for_a_slot_of_its_worker) {
  facts.held.now = start + 120 * minute + 4000;
  host().load.running = 16;
  host().load.queued = 5;
  host().load.longest_wait_ms = 3000;
  BOOST_TEST(is() == "waits_for_slot");
  BOOST_TEST(first()
             == "It has been due for 4 s, and waits for a free slot on w1: all 16 are in use, and "
                "5 runs wait (the longest for 3 s).");
}

BOOST_AUTO_TEST_CASE(waits_for_a_limit_of_concurrent_runs) {
  facts.held.now = start + 120 * minute + 4000;
  facts.held.of_connection = {true, 1, 4};
  BOOST_TEST(is() == "waits_for_limit");
  BOOST_TEST(first()
             == "It has been due for 4 s, and waits for the limit of concurrent runs of its "
                "connection: 4 runs count there, and 1 other stands before it.");
  facts.held.of_connection = {};
  facts.held.of_integration = {true, 0, 1};
  BOOST_TEST(first().find("of its integration: 1 run counts there, and no others stand before it")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(has_no_worker) {
  facts.state.placement.worker.clear();
  BOOST_TEST(is() == "has_no_worker");
  BOOST_TEST(first() == "No worker hosts it at this moment; it will be given one.");
  host().duty = "draining";
  BOOST_TEST(first()
             == "No worker hosts it, and none may take it: all of them are cordoned or drained.");
  host().alive = false;
  BOOST_TEST(first() == "No worker hosts it: none is alive.");
  facts.cluster.reset();
  BOOST_TEST(first() == "No worker hosts it, and no coordinator leads that could give it one.");
}

BOOST_AUTO_TEST_CASE(tells_that_its_worker_is_lost) {
  host().alive = false;
  BOOST_TEST(about("Placement")
             == "Placement: w1 hosts it, but is not alive. Another worker will take it, and go on "
                "from its checkpoint.");
  facts.cluster.reset();
  BOOST_TEST(about("Placement").find("No coordinator leads") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(waits_for_a_retry) {
  facts.deployed->schedule = "jitter 0\nretry 3 30000 200 900000\nstop-after 5\n";
  fail_last_run();
  facts.held.now = facts.state.finished_at + 1000;
  BOOST_TEST(is() == "waits_for_retry");
  BOOST_TEST(first().rfind("Its last run failed, and is made again in ", 0) == 0U);
  BOOST_TEST(about("Last run") == "Last run: run 2 failed 1 s ago after 1 min: the door is shut");
  BOOST_TEST(about("Failures")
             == "Failures: 2 in a row; 0 of 3 retries were made; 5 in a row pause it.");
}

BOOST_AUTO_TEST_CASE(waits_for_the_end_of_a_blackout) {
  facts.deployed->schedule = "jitter 0\nblackout UTC * 1070 1100\n"; // 17:50 to 18:20.
  facts.held.now = start + 125 * minute;
  BOOST_TEST(is() == "is_in_blackout");
  BOOST_TEST(first()
             == "It is due, and waits for the end of a blackout in 15 min (2026-11-22T18:20:00Z).");
}

BOOST_AUTO_TEST_CASE(has_no_schedule_or_no_function) {
  facts.deployed->frequency.clear();
  BOOST_TEST(is() == "waits_for_trigger");
  facts.deployed.reset();
  BOOST_TEST(is() == "has_no_function");
  BOOST_TEST(first() == "It cannot run: its function is not deployed any more.");
}

BOOST_AUTO_TEST_CASE(tells_of_a_pause_of_the_provider_and_of_the_rate) {
  BOOST_TEST(about("Budget").empty());
  facts.held.requests = 10;
  facts.held.per = milliseconds{1000};
  facts.held.granted = 3;
  facts.held.row = 2;
  BOOST_TEST(about("Budget")
             == "Budget: its connection may make 10 requests in 1 s; 3 of them are used at this "
                "moment, and 2 variants wait for their turn.");
  facts.held.paused_until = facts.held.now + 30'000;
  facts.held.pause_reason = "429 with Retry-After";
  BOOST_TEST(about("Budget")
             == "Budget: the provider wants no requests of this connection for 30 s (until "
                "2026-11-22T17:10:30Z): 429 with Retry-After.");
}

BOOST_AUTO_TEST_CASE(tells_of_credentials_that_cannot_be_renewed) {
  facts.held.refusals = 2;
  facts.held.refused_until = facts.held.now + 60'000;
  BOOST_TEST(about("Credentials")
             == "Credentials: they could not be renewed 2 times in a row; the next try may be made "
                "in 1 min (2026-11-22T17:11:00Z).");
}

BOOST_AUTO_TEST_CASE(tells_why_a_slot_had_no_run_since_the_last_one_began) {
  auto at = std::to_string(facts.held.now - 5000) + "-0";
  facts.history = {{at, "skipped", R"({"reason":"the run before has not ended"})"},
                   {"1-0", "started", "{}"},
                   {"0-1", "missed", R"({"reason":"too late"})"}};
  BOOST_TEST(about("Since then") == "Since then: skipped 5 s ago: the run before has not ended.");
  facts.history.erase(facts.history.begin());
  BOOST_TEST(about("Since then").empty());
}

BOOST_AUTO_TEST_CASE(spans_are_told_in_two_units_at_most) {
  BOOST_TEST(in_words(milliseconds{-5}) == "0 ms");
  BOOST_TEST(in_words(milliseconds{999}) == "999 ms");
  BOOST_TEST(in_words(milliseconds{59'999}) == "59 s");
  BOOST_TEST(in_words(milliseconds{252'000}) == "4 min 12 s");
  BOOST_TEST(in_words(milliseconds{7'200'000}) == "2 h");
  BOOST_TEST(in_words(milliseconds{7'500'000}) == "2 h 5 min");
  BOOST_TEST(in_words(milliseconds{90'000'000}) == "1 d 1 h");
}

BOOST_AUTO_TEST_CASE(facts_are_told_as_json_too) {
  auto text = facts_text(facts);
  BOOST_TEST(text["placement"]["worker"] == "w1");
  BOOST_TEST(text["placement"]["alive"] == true);
  BOOST_TEST(text["last_run"]["result"]["Order"]["added"] == 5);
  BOOST_TEST(text["next_run"] == "2026-11-22T18:00:00.000Z");
  BOOST_TEST(text["due_since"].is_null());
  BOOST_TEST(text["leader"] == "c1");
}

BOOST_AUTO_TEST_SUITE_END()
