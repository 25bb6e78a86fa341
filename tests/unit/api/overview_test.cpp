#include "api/overview.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

constexpr time_ms now = 1'795'368'987'000;
constexpr time_ms minute = 60'000;

// The sync `orders` of one connection, each variant as a test wants it.
struct fixture {
  fixture() {
    all.connections.push_back({});
    all.connections.front().number = 14;
    all.connections.front().connection_id = "c1";
    all.connections.front().provider_config_key = "shop";
    all.by_number[14] = 0;
    function orders;
    orders.provider_config_key = "shop";
    orders.name = "orders";
    orders.frequency = "every 1h";
    all.deployed.push_back(orders);
  }

  counted_variant& add(const std::string& name, std::optional<run_outcome> last = {},
                       const std::string& sync = "orders") {
    counted_variant x;
    x.entry.key = {{14, sync}, name};
    x.entry.id = "id of " + name;
    x.entry.created_at = now - 24 * 60 * minute;
    x.state.last_outcome = last;
    x.state.started_at = now - 2 * minute;
    x.state.finished_at = last == run_outcome::running ? 0 : now - minute;
    x.state.last_slot = now;
    x.state.placement.worker = "w1";
    all.census.variants.push_back(x);
    return all.census.variants.back();
  }

  overview_tally tally() const { return {all, {"w1"}, now}; }

  variant_standing standing(const counted_variant& x) const {
    return standing_of(x, all.function_of(x.entry), now);
  }

  variant_survey all;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(overview_test, fixture)

BOOST_AUTO_TEST_CASE(counts_each_variant_by_what_it_does) {
  add("runs", run_outcome::running);
  add("goes-on", run_outcome::interrupted);
  add("fine", run_outcome::success);
  add("broken", run_outcome::failed);
  add("rests", run_outcome::success).entry.paused = true;
  add("lost", run_outcome::success).state.placement.worker = "w9";
  add("homeless", run_outcome::success).state.placement.worker = "";
  BOOST_TEST(tally().variants().dump()
             == R"({"total":7,"running":2,"paused":1,"failing":1,"waiting":0,"unplaced":2})");
}

BOOST_AUTO_TEST_CASE(a_paused_variant_that_was_triggered_counts_as_running) {
  auto& x = add("v", run_outcome::running);
  x.entry.paused = true;
  BOOST_TEST(standing(x).running);
  BOOST_TEST(!standing(x).paused);
}

BOOST_AUTO_TEST_CASE(tells_how_late_runs_are) {
  add("asked", run_outcome::success).state.wanted = true;
  all.census.variants.back().state.asked_at = now - 9 * minute;
  add("just-asked", run_outcome::success).state.wanted = true;
  all.census.variants.back().state.asked_at = now - 1000;
  BOOST_TEST(tally().lag().dump() == R"({"late":1,"latest_ms":540000})");
  BOOST_TEST(tally().variants()["waiting"] == 2);
}

BOOST_AUTO_TEST_CASE(a_slot_without_a_run_is_late) {
  auto& x = add("v", run_outcome::success);
  BOOST_TEST(!standing(x).waiting);
  x.state.last_slot = now - 3 * 60 * minute;
  BOOST_TEST(standing(x).waiting);
  BOOST_TEST(standing(x).late.count() > 0);
  BOOST_TEST(standing(x).late.count() <= 60 * minute);
  x.entry.paused = true;
  BOOST_TEST(!standing(x).waiting);
}

BOOST_AUTO_TEST_CASE(what_has_no_function_is_not_late) {
  auto& x = add("v", run_outcome::success, "gone");
  x.state.last_slot = now - 3 * 60 * minute;
  BOOST_TEST(!standing(x).waiting);
}

BOOST_AUTO_TEST_CASE(shows_syncs_that_need_attention_first) {
  add("base", run_outcome::success, "calm").state.record_count["Order"] = 5;
  all.census.variants.back().state.record_count["Mark"] = 2;
  add("base", run_outcome::running, "busy");
  add("base", run_outcome::failed, "sick");
  add("eu", run_outcome::success, "sick");
  auto syncs = tally().syncs();
  BOOST_REQUIRE(syncs.size() == 3U);
  BOOST_TEST(syncs[0].dump()
             == R"({"provider_config_key":"shop","connection_id":"c1","sync":"sick","variants":2,)"
                R"("running":0,"failing":1,"paused":0,"records":0,)"
                R"("last_success_at":"2026-11-22T17:35:27.000Z"})");
  BOOST_TEST(syncs[1]["sync"] == "busy");
  BOOST_TEST(syncs[2]["records"] == 7);
  BOOST_TEST(!tally().is_truncated());
}

BOOST_AUTO_TEST_CASE(shows_no_more_than_a_page_holds) {
  for (size_t i = 0; i < overview_tally::syncs_max + 1; ++i)
    add("base", run_outcome::failed, "sync-" + std::to_string(i)).state.finished_at
      = now - static_cast<time_ms>(i) * minute;
  BOOST_TEST(tally().syncs().size() == overview_tally::syncs_max);
  BOOST_TEST(tally().is_truncated());
  auto failures = tally().failures();
  BOOST_REQUIRE(failures.size() == overview_tally::failures_max);
  BOOST_TEST(failures[0]["sync"] == "sync-0");
  BOOST_TEST(failures[19]["sync"] == "sync-19");
}

BOOST_AUTO_TEST_CASE(tells_what_failed) {
  auto& x = add("eu", run_outcome::failed);
  x.state.fails = 3;
  x.state.error = R"({"type":"script_http_error"})";
  BOOST_TEST(tally().failures().dump()
             == R"([{"provider_config_key":"shop","connection_id":"c1","sync":"orders",)"
                R"("variant":"eu","at":"2026-11-22T17:35:27.000Z","failures_in_a_row":3,)"
                R"("error":{"type":"script_http_error"}}])");
}

BOOST_AUTO_TEST_CASE(hides_the_workers_from_who_may_not_see_them) {
  overview_scene scene{{{"leader", "c1"}}, json::array({1}), {}};
  BOOST_TEST(overview_text(tally(), scene, true)["workers"].size() == 1U);
  auto hidden = overview_text(tally(), scene, false);
  BOOST_TEST(hidden["workers"].empty());
  BOOST_TEST(hidden["cluster"]["leader"] == "c1");
}

BOOST_AUTO_TEST_SUITE_END()
