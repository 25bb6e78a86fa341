#include "tests/integration/api/v1_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

const std::string base = "/varia/variants/schedule";

struct fixture : v1_api {
  api_answer put(const json& schedule) { return ask("PUT", base, v1({{"schedule", schedule}})); }

  json shown() { return ask("GET", base + v1_query).body(); }

  json status_of_v1() {
    auto answer = ask("GET", "/sync/status?syncs=orders::v1&provider_config_key=orders"
                             "&connection_id=c1");
    return answer.body()["syncs"][0];
  }

  api_answer set_frequency(const json& frequency) {
    return ask("PUT", "/sync/update-connection-frequency",
               ids({{"sync_name", "orders"}, {"sync_variant", "v1"}, {"frequency", frequency}}));
  }

  json preview(const std::string& more = {}) {
    return ask("GET", base + "/preview" + v1_query + more).body();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(schedule_routes_test, fixture)

BOOST_AUTO_TEST_CASE(a_variant_is_due_as_its_function_says_at_first) {
  auto text = shown();
  BOOST_TEST(text["schedule"].is_null());
  BOOST_TEST(text["function"].is_null());
  BOOST_TEST(text["in_effect"]["every"] == "every 1d");
  BOOST_TEST(text["in_effect"]["jitter"] == "auto");
  BOOST_TEST(text["paused"] == true);
  BOOST_TEST(text["pause_reason"] == "not started yet");
  BOOST_TEST(text["next_run"].is_null());
  BOOST_TEST(text["changed_at"].is_null());
}

BOOST_AUTO_TEST_CASE(a_schedule_of_its_own_is_shown_and_taken_away) {
  auto set = put({{"cron", "30 6 * * *"}, {"time_zone", "Europe/Berlin"}, {"overlap", "queue"}});
  BOOST_TEST_REQUIRE(set.status == 200, set.text);
  BOOST_TEST(set.body()["in_effect"]["cron"] == "30 6 * * *");
  BOOST_TEST(set.body()["changed_at"].is_string());
  BOOST_TEST(status_of_v1()["frequency"] == "30 6 * * *");
  BOOST_TEST(shown()["schedule"]["overlap"] == "queue");
  auto gone = ask("DELETE", base + v1_query);
  BOOST_TEST_REQUIRE(gone.status == 200, gone.text);
  BOOST_TEST(gone.body()["schedule"].is_null());
  BOOST_TEST(status_of_v1()["frequency"] == "every 1d");
}

BOOST_AUTO_TEST_CASE(a_schedule_and_a_frequency_replace_each_other) {
  BOOST_TEST(set_frequency("every 5m").line() == R"(200 {"frequency":"5m"})");
  BOOST_TEST(shown()["frequency"] == "every 5m");
  BOOST_TEST_REQUIRE(put({{"cron", "0 * * * *"}}).status == 200);
  BOOST_TEST(shown()["frequency"].is_null());
  BOOST_TEST(status_of_v1()["frequency"] == "0 * * * *");
  BOOST_TEST(set_frequency("2 hours").status == 200);
  BOOST_TEST(status_of_v1()["frequency"] == "2 hours");
  BOOST_TEST_REQUIRE(put({{"retry", {{"tries", 2}}}}).status == 200);
  BOOST_TEST(status_of_v1()["frequency"] == "2 hours");
  BOOST_TEST(set_frequency(nullptr).line() == R"(200 {"frequency":"every 1d"})");
  BOOST_TEST(status_of_v1()["frequency"] == "every 1d");
  BOOST_TEST(shown()["in_effect"]["retry"]["tries"] == 2);
}

BOOST_AUTO_TEST_CASE(refuses_what_makes_no_sense_and_changes_nothing) {
  for (auto& schedule :
       {json{{"cron", "0 25 * * *"}}, json{{"every", "every 10s"}}, json{{"every", "1h"}, {"x", 1}},
        json{{"cron", "0 0 * * *"}, {"time_zone", "Mars/Olympus"}}, json{{"every", 5}},
        json::array()}) {
    auto answer = put(schedule);
    BOOST_TEST(answer.status == 400, schedule.dump());
    BOOST_TEST(answer.body()["error"]["code"] == "invalid_body");
  }
  BOOST_TEST(ask("PUT", base, v1()).status == 400);
  BOOST_TEST(ask("PUT", base + "?x=1", v1({{"schedule", json::object()}})).status == 400);
  BOOST_TEST(ask("GET", base + "?connection_id=c1").status == 400);
  BOOST_TEST(shown()["schedule"].is_null());
  BOOST_TEST(set_frequency("0 6 * * *").status == 400);
}

BOOST_AUTO_TEST_CASE(tells_what_is_not_there) {
  auto query = "?connection_id=c1&provider_config_key=orders&name=nope";
  BOOST_TEST(ask("GET", base + query).line() == R"(404 {"error":{"code":"unknown_sync"}})");
  query = "?connection_id=c9&provider_config_key=orders&name=orders";
  BOOST_TEST(ask("DELETE", base + query).line()
             == R"(404 {"error":{"code":"unknown_connection"}})");
  auto other = v1({{"schedule", json::object()}});
  other["variant"] = "nope";
  BOOST_TEST(ask("PUT", base, other).line() == R"(404 {"error":{"code":"unknown_sync"}})");
}

BOOST_AUTO_TEST_CASE(previews_the_next_runs_in_utc_and_in_the_zone) {
  put({{"cron", "30 6 * * *"}, {"time_zone", "Asia/Kathmandu"}, {"jitter", "off"}});
  auto text = preview("&count=3");
  BOOST_TEST(text["time_zone"] == "Asia/Kathmandu");
  BOOST_TEST_REQUIRE(text["runs"].size() == 3U);
  for (auto& run : text["runs"]) {
    BOOST_TEST(run["at"].get<std::string>().substr(10) == "T00:45:00.000Z");
    BOOST_TEST(run["local"].get<std::string>().substr(10) == "T06:30:00+05:45");
    BOOST_TEST(run["slot"] == run["at"]);
  }
  BOOST_TEST(preview()["runs"].size() == 10U);
  BOOST_TEST(ask("GET", base + "/preview" + v1_query + "&count=101").status == 400);
  BOOST_TEST(ask("GET", base + "/preview" + v1_query + "&count=0").status == 400);
}

BOOST_AUTO_TEST_CASE(previews_a_schedule_that_is_not_set) {
  auto answer = ask("POST", base + "/preview",
                    v1({{"schedule", {{"cron", "0 0 1 1 *"}, {"jitter", "off"}}}, {"count", 2}}));
  BOOST_TEST_REQUIRE(answer.status == 200, answer.text);
  BOOST_TEST(answer.body()["runs"].size() == 2U);
  BOOST_TEST(answer.body()["runs"][0]["at"].get<std::string>().substr(4) == "-01-01T00:00:00.000Z");
  BOOST_TEST(shown()["schedule"].is_null());
  BOOST_TEST(ask("POST", base + "/preview", v1({{"schedule", {{"cron", "x"}}}})).status == 400);
}

BOOST_AUTO_TEST_CASE(cancels_what_a_variant_runs) {
  cluster.take_notes();
  BOOST_TEST(ask("POST", "/varia/variants/cancel", v1()).line() == R"(200 {"success":true})");
  BOOST_TEST(cluster.take_notes().find("cancel ") == 0U);
  BOOST_TEST(ask("POST", "/varia/variants/cancel", v1({{"reason", "enough"}})).status == 200);
  BOOST_TEST(ask("POST", "/varia/variants/cancel", v1({{"reason", ""}})).status == 400);
  BOOST_TEST(ask("POST", "/varia/variants/cancel", ids({{"name", "nope"}})).status == 404);
  BOOST_TEST(ask("POST", "/varia/variants/cancel", ids()).status == 400);
}

BOOST_AUTO_TEST_CASE(a_function_may_bring_a_schedule) {
  auto with_schedule = flow("orders", false);
  with_schedule["runs"] = nullptr;
  with_schedule["schedule"] = {{"cron", "0 3 * * *"}, {"stop_after", 4}};
  deploy({with_schedule, flow("auto-orders", true)});
  BOOST_TEST(shown()["function"]["cron"] == "0 3 * * *");
  BOOST_TEST(shown()["in_effect"]["stop_after"] == 4);
  BOOST_TEST(status_of_v1()["frequency"] == "0 3 * * *");
  with_schedule["schedule"] = {{"cron", "0 30 * * *"}};
  auto refused = ask("POST", "/sync/deploy",
                     {{"flowConfigs", {with_schedule}},
                      {"nangoYamlBody", ""},
                      {"reconcile", true},
                      {"debug", false}});
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(shown()["in_effect"]["cron"] == "0 3 * * *");
}

BOOST_AUTO_TEST_CASE(only_a_deployment_that_changes_the_time_counts_as_a_change) {
  auto since = [&] { return (*functions{db}.find("dev", "orders", "orders"))->schedule_since; };
  BOOST_TEST(since() == 0);
  deploy({flow("orders", false, "y"), flow("auto-orders", true)});
  BOOST_TEST(since() == 0);
  auto faster = flow("orders", false);
  faster["runs"] = "every 1h";
  deploy({faster, flow("auto-orders", true)});
  auto changed = since();
  BOOST_TEST(changed > 1'600'000'000'000);
  deploy({faster, flow("auto-orders", true)});
  BOOST_TEST(since() == changed);
}

BOOST_AUTO_TEST_CASE(a_failed_run_shows_when_it_is_made_again) {
  BOOST_TEST_REQUIRE(put({{"retry", {{"tries", 3}, {"first", "1h"}, {"max", "2h"}}}}).status
                     == 200);
  BOOST_TEST_REQUIRE(
    ask("POST", "/sync/start",
        {{"syncs", {"orders::v1"}}, {"provider_config_key", "orders"}, {"connection_id", "c1"}})
      .status
    == 200);
  auto ticket = begin_run("orders", "v1");
  BOOST_TEST_REQUIRE(!!runs{db}.end(ticket, {run_outcome::failed, R"({"type":"x"})"}));
  BOOST_TEST(shown()["failures_in_a_row"] == 1);
  BOOST_TEST(shown()["retry_at"].is_string());
  BOOST_TEST(status_of_v1()["retryAt"] == shown()["retry_at"]);
}

BOOST_AUTO_TEST_CASE(the_status_tells_why_a_variant_is_paused) {
  auto number = *connections{db}.number_of("dev", "orders", "c1");
  BOOST_TEST_REQUIRE(
    !!variants{db}.set_paused(1, {{number, "orders"}, "v1"}, true, "stopped after 3 failures"));
  BOOST_TEST(status_of_v1()["status"] == "PAUSED");
  BOOST_TEST(status_of_v1()["pauseReason"] == "stopped after 3 failures");
}

BOOST_AUTO_TEST_SUITE_END()
