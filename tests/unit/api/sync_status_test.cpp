#include "api/sync_status.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

struct fixture {
  fixture() {
    entry.key = {{14, "orders"}, "eu"};
    entry.id = "cd698d3a-f399-46e3-b424-3007eff03e6b";
    entry.created_at = 1'000'000;
    deployed.name = "orders";
    deployed.models = {"Order", "Mark"};
    deployed.frequency = "every 1d";
  }

  std::string text() const { return status_entry("c1", entry, state, &deployed, now).dump(); }

  std::string status() const { return status_of(entry, state); }

  variant_entry entry;
  variant_state state;
  function deployed;
  time_ms now = 2'000'000;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sync_status_test, fixture)

BOOST_AUTO_TEST_CASE(shows_a_variant_that_never_ran) {
  entry.paused = true;
  BOOST_TEST(text()
             == R"({"id":"cd698d3a-f399-46e3-b424-3007eff03e6b","connection_id":"c1",)"
                R"("type":"INITIAL","nextScheduledSyncAt":null,"name":"orders","variant":"eu",)"
                R"("status":"PAUSED","frequency":"every 1d","recordCount":{"Order":0,"Mark":0},)"
                R"("checkpoint":null})");
}

BOOST_AUTO_TEST_CASE(shows_all_models_after_a_success) {
  entry.paused = true;
  state.last_outcome = run_outcome::success;
  state.started_at = 1795365688000;
  state.finished_at = 1795365688565;
  state.result["Mark"] = {1, 2, 3};
  state.record_count["Mark"] = 9;
  state.checkpoint = R"({"page":3})";
  BOOST_TEST(text()
             == R"({"id":"cd698d3a-f399-46e3-b424-3007eff03e6b","connection_id":"c1",)"
                R"("type":"INITIAL","finishedAt":"2026-11-22T16:41:28.565Z",)"
                R"("nextScheduledSyncAt":null,"name":"orders","variant":"eu","status":"PAUSED",)"
                R"("frequency":"every 1d","latestResult":)"
                R"({"Mark":{"added":1,"deleted":3,"updated":2},)"
                R"("Order":{"added":0,"deleted":0,"updated":0}},)"
                R"("latestExecutionStatus":"SUCCESS","recordCount":{"Order":0,"Mark":9},)"
                R"("checkpoint":{"page":3}})");
}

BOOST_AUTO_TEST_CASE(leaves_the_end_out_while_it_runs) {
  state.last_outcome = run_outcome::running;
  state.finished_at = 5;
  auto shown = status_entry("c1", entry, state, &deployed, now);
  BOOST_TEST(!shown.contains("finishedAt"));
  BOOST_TEST(shown["status"] == "RUNNING");
  BOOST_TEST(shown["latestExecutionStatus"] == "RUNNING");
  BOOST_TEST(shown["latestResult"].dump() == "{}");
}

BOOST_AUTO_TEST_CASE(shows_an_interrupted_run_as_running_since_it_goes_on_at_once) {
  state.last_outcome = run_outcome::interrupted;
  state.finished_at = 5;
  auto shown = status_entry("c1", entry, state, &deployed, now);
  BOOST_TEST(!shown.contains("finishedAt"));
  BOOST_TEST(shown["status"] == "RUNNING");
  BOOST_TEST(shown["latestExecutionStatus"] == "RUNNING");
}

BOOST_AUTO_TEST_CASE(shows_nothing_of_models_that_a_failure_did_not_save) {
  state.last_outcome = run_outcome::failed;
  state.finished_at = 5;
  auto shown = status_entry("c1", entry, state, &deployed, now);
  BOOST_TEST(shown["latestResult"].dump() == "{}");
  BOOST_TEST(shown["latestExecutionStatus"] == "STOPPED");
  BOOST_TEST(shown["status"] == "ERROR");
}

BOOST_AUTO_TEST_CASE(prefers_running_to_paused_and_paused_to_errors) {
  BOOST_TEST(status() == "SUCCESS");
  state.last_outcome = run_outcome::failed;
  BOOST_TEST(status() == "ERROR");
  entry.paused = true;
  BOOST_TEST(status() == "PAUSED");
  state.last_outcome = run_outcome::running;
  BOOST_TEST(status() == "RUNNING");
}

BOOST_AUTO_TEST_CASE(shows_the_next_slot_of_a_started_variant_only) {
  auto next = next_run_of(entry, &deployed, now);
  BOOST_REQUIRE(next.has_value());
  BOOST_TEST(*next > now);
  BOOST_TEST(*next <= now + 86'400'000);
  entry.paused = true;
  BOOST_TEST(!next_run_of(entry, &deployed, now).has_value());
  entry.paused = false;
  deployed.frequency.clear();
  BOOST_TEST(!next_run_of(entry, &deployed, now).has_value());
}

BOOST_AUTO_TEST_CASE(shows_an_override_as_it_was_written) {
  entry.frequency = "every 5m";
  BOOST_TEST(frequency_of(entry, &deployed) == "every 5m");
  BOOST_TEST(frequency_of(entry, nullptr) == "every 5m");
  BOOST_TEST(*next_run_of(entry, &deployed, now) <= now + 300'000);
}

BOOST_AUTO_TEST_CASE(calls_only_later_runs_of_an_incremental_sync_incremental) {
  auto type = [&] { return status_entry("c1", entry, state, &deployed, now)["type"]; };
  state.last_outcome = run_outcome::running;
  state.run = 2;
  state.started_at = 500;
  state.last_sync = 100;
  BOOST_TEST(type() == "INITIAL");
  deployed.sync_type = "incremental";
  BOOST_TEST(type() == "INCREMENTAL");
  state.last_sync.reset();
  BOOST_TEST(type() == "INITIAL");
}

BOOST_AUTO_TEST_CASE(reads_the_names_of_syncs) {
  auto named = [](const char* text) {
    auto x = parse_sync_name(text);
    return x.name + "/" + x.variant;
  };
  BOOST_TEST(named("orders") == "orders/base");
  BOOST_TEST(named("orders::emea") == "orders/emea");
  BOOST_TEST(named("orders::emea::more") == "orders/emea");
  BOOST_TEST(named("orders::") == "orders/");
  auto listed = parse_sync_names(json::parse(R"(["a::b",{"name":"c","variant":"d"}])"));
  BOOST_TEST(listed.size() == 2U);
  BOOST_TEST(listed[1].variant == "d");
}

BOOST_AUTO_TEST_SUITE_END()
