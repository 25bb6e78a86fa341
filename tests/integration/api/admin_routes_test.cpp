#include "store/budgets.hpp"
#include "store/run_logs.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

const std::string variant_query
  = "?connection_id=c1&provider_config_key=orders&name=orders&variant=v1";

} // namespace

BOOST_FIXTURE_TEST_SUITE(admin_routes_test, ready_api)

BOOST_AUTO_TEST_CASE(tells_its_health_to_everybody) {
  key = "nobody";
  BOOST_TEST(ask("GET", "/health").line() == R"(200 {"result":"ok"})");
  BOOST_TEST(ask("GET", "/ready").line() == R"(200 {"result":"ok"})");
  BOOST_TEST(ask("GET", "/varia/status").status == 401);
}

BOOST_AUTO_TEST_CASE(answers_unknown_paths_with_json) {
  BOOST_TEST(ask("GET", "/nope").line() == R"(404 {"error":{"code":"not_found"}})");
  BOOST_TEST(ask("PATCH", "/sync/orders/variant/v1", ids()).line()
             == R"(404 {"error":{"code":"not_found"}})");
}

BOOST_AUTO_TEST_CASE(lets_browsers_ask_first) {
  auto answer
    = ask_with({{"access-control-request-headers", "x-a, x-b"}}, "OPTIONS", "/sync/trigger");
  BOOST_TEST(answer.status == 204);
  std::map<std::string, std::string> headers{answer.whole.headers.begin(),
                                             answer.whole.headers.end()};
  BOOST_TEST(headers["access-control-allow-origin"] == "*");
  BOOST_TEST(headers["access-control-allow-headers"] == "x-a, x-b");
  BOOST_TEST(headers["access-control-max-age"] == "600");
}

BOOST_AUTO_TEST_CASE(lists_variants_with_their_state) {
  create("v1");
  auto ticket = begin_run("orders", "v1");
  BOOST_REQUIRE(records{db}.save(ticket, 1, "Order", {{"a", R"({"id":"a"})"}}));
  BOOST_REQUIRE(runs{db}.end(ticket, {run_outcome::failed, R"({"type":"x"})"}));
  auto all = ask("GET", "/varia/variants?connection_id=c1&sync=orders").body()["variants"];
  BOOST_REQUIRE_EQUAL(all.size(), 2U);
  auto& shown = all[1];
  BOOST_TEST(shown["connection_id"] == "c1");
  BOOST_TEST(shown["provider_config_key"] == "orders");
  BOOST_TEST(shown["sync"] == "orders");
  BOOST_TEST(shown["variant"] == "v1");
  BOOST_TEST(shown["status"] == "PAUSED");
  BOOST_TEST(shown["worker"] == "w1");
  BOOST_TEST(shown["records"] == 1);
  BOOST_TEST(shown["last_outcome"] == "failed");
  BOOST_TEST(shown["last_error"].dump() == R"({"type":"x"})");
  BOOST_TEST(shown["next_run"].is_null());
  BOOST_TEST(shown["started_at"].is_string());
  BOOST_TEST(ask("GET", "/varia/variants").body()["variants"].size() == 3U);
  BOOST_TEST(ask("GET", "/varia/variants?connection_id=no").body()["variants"].empty());
}

BOOST_AUTO_TEST_CASE(shows_runs_and_their_log) {
  create("v1");
  auto ticket = begin_run("orders", "v1");
  BOOST_REQUIRE(run_logs{db}.append(
    ticket, {{log_level::info, R"({"message":"one"})"}, {log_level::warn, R"({"message":"two"})"}},
    {}));
  BOOST_REQUIRE(runs{db}.end(ticket, {run_outcome::success, ""}));
  auto history = ask("GET", "/varia/variants/runs" + variant_query).body()["runs"];
  BOOST_REQUIRE(!history.empty());
  BOOST_TEST(history[0]["what"] == "success");
  auto lines = [&](const std::string& more) {
    return ask("GET", "/varia/variants/log" + variant_query + more).body()["lines"];
  };
  BOOST_REQUIRE(lines("").size() == 2U);
  BOOST_TEST(lines("&limit=1")[0]["message"] == "two");
  BOOST_TEST(lines("&level=warn").size() == 1U);
  BOOST_TEST(lines("&run=2").empty());
  auto first = lines("")[1]["id"].get<std::string>();
  BOOST_TEST(lines("&after=" + first)[0]["message"] == "two");
  BOOST_TEST(ask("GET", "/varia/variants/log" + variant_query + "&after=no").status == 400);
  BOOST_TEST(
    ask("GET", "/varia/variants/log?connection_id=c1&provider_config_key=orders&name=nope").status
    == 404);
  BOOST_TEST(ask("GET", "/varia/variants/runs").status == 400);
}

BOOST_AUTO_TEST_CASE(shows_the_budgets_of_its_environment) {
  BOOST_TEST(ask("GET", "/varia/budgets").line() == R"(200 {"budgets":[]})");
  auto number = std::to_string(*connections{db}.number_of("dev", "orders", "c1"));
  budgets all{db, "test"};
  BOOST_REQUIRE(all.ask({{number, 1, std::chrono::hours{1}, {}, {}, {"x", "y"}}}));
  BOOST_REQUIRE(all.ask({{"999", 1, std::chrono::hours{1}, {}, {}, {"x", "y"}}}));
  BOOST_TEST(ask("GET", "/varia/budgets").line()
             == R"(200 {"budgets":[{"connection_id":"c1","provider_config_key":"orders",)"
                R"("rate":{"requests":1,"per_ms":3600000},"granted":1,"waiting":1,)"
                R"("paused_until":null,"reason":null}]})");
  BOOST_REQUIRE(all.pause(number, std::chrono::minutes{1}, "the provider answered 429"));
  auto shown = ask("GET", "/varia/budgets").body()["budgets"][0];
  BOOST_TEST(shown["paused_until"].is_string());
  BOOST_TEST(shown["reason"] == "the provider answered 429");
  BOOST_TEST(ask("GET", "/varia/budgets?all=1").status == 400);
}

BOOST_AUTO_TEST_CASE(variables_are_set_listed_and_removed) {
  BOOST_TEST(ask("GET", "/environment-variables").line() == "200 []");
  BOOST_TEST(ask("PUT", "/varia/environment-variables/B", {{"value", "2"}}).status == 200);
  BOOST_TEST(ask("PUT", "/varia/environment-variables/A", {{"value", "1"}}).status == 200);
  BOOST_TEST(ask("GET", "/environment-variables").line()
             == R"(200 [{"name":"A","value":"1"},{"name":"B","value":"2"}])");
  BOOST_TEST(ask("PUT", "/varia/environment-variables/no-name", {{"value", "1"}}).status == 400);
  BOOST_TEST(ask("PUT", "/varia/environment-variables/A", json::object()).status == 400);
  BOOST_TEST(ask("DELETE", "/varia/environment-variables/A").status == 200);
  BOOST_TEST(ask("DELETE", "/varia/environment-variables/A").status == 404);
  BOOST_TEST(ask("GET", "/environment-variables").body().size() == 1U);
}

BOOST_AUTO_TEST_CASE(says_try_again_while_redis_is_away) {
  BOOST_REQUIRE(ask("GET", "/connections").status == 200);
  BOOST_REQUIRE(db.run({"SHUTDOWN", "NOSAVE"}) || true);
  auto answer = ask("GET", "/connections");
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(answer.body()["error"]["code"] == "service_unavailable");
  BOOST_TEST(ask("GET", "/ready").status == 503);
  BOOST_TEST(ask("GET", "/health").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
