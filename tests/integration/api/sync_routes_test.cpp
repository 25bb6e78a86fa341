#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

const std::string success = R"(200 {"success":true})";
const std::string no_syncs = R"(400 {"error":{"message":"No syncs found given the inputs.",)"
                             R"("code":"no_syncs_found","payload":{}}})";

struct fixture : ready_api {
  fixture() {
    create("v1");
    create("v2");
    cluster.take_notes();
  }

  std::string trigger(const std::vector<json>& syncs, json more = json::object()) {
    more["syncs"] = syncs;
    return ask("POST", "/sync/trigger", ids(more)).line();
  }

  json status(const std::string& syncs) {
    auto answer
      = ask("GET", "/sync/status?provider_config_key=orders&connection_id=c1&syncs=" + syncs);
    BOOST_REQUIRE_EQUAL(answer.status, 200);
    return answer.body()["syncs"];
  }

  std::string names(const std::string& syncs) {
    std::string result;
    for (auto& x : status(syncs))
      result += x["name"].get<std::string>() + "::" + x["variant"].get<std::string>() + " ";
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sync_routes_test, fixture)

BOOST_AUTO_TEST_CASE(triggers_by_text_and_by_object) {
  BOOST_TEST(trigger({"orders", "orders::v1", {{"name", "orders"}, {"variant", "v2"}}}) == success);
  BOOST_TEST(cluster.take_notes()
             == "trigger 1/orders::base\ntrigger 1/orders::v1\ntrigger 1/orders::v2\n");
}

BOOST_AUTO_TEST_CASE(triggers_each_once) {
  BOOST_TEST(trigger({"orders::v1", "orders::v1"}) == success);
  BOOST_TEST(cluster.take_notes() == "trigger 1/orders::v1\n");
}

BOOST_AUTO_TEST_CASE(triggers_all_that_a_connection_has) {
  BOOST_TEST(trigger({}) == success);
  BOOST_TEST(cluster.take_notes()
             == "trigger 1/auto-orders::base\ntrigger 1/orders::base\n"
                "trigger 1/orders::v1\ntrigger 1/orders::v2\n");
}

BOOST_AUTO_TEST_CASE(triggers_nothing_if_one_is_unknown) {
  BOOST_TEST(trigger({"orders::v1", "orders::nope"}) == no_syncs);
  BOOST_TEST(trigger({"nope"}) == no_syncs);
  BOOST_TEST(cluster.take_notes() == "");
}

BOOST_AUTO_TEST_CASE(triggers_every_connection_if_none_is_named) {
  import("c2");
  cluster.take_notes();
  auto body = json{{"provider_config_key", "orders"}, {"syncs", {"orders", "orders::v1"}}};
  BOOST_TEST(ask("POST", "/sync/trigger", body).line() == success);
  BOOST_TEST(cluster.take_notes()
             == "trigger 1/orders::base\ntrigger 1/orders::v1\ntrigger 2/orders::base\n");
  body["syncs"] = {"orders::nope"};
  BOOST_TEST(ask("POST", "/sync/trigger", body).line() == no_syncs);
}

BOOST_AUTO_TEST_CASE(finds_one_of_many_named_variants) {
  cluster.named_max = 100;
  auto syncs = json::array();
  for (auto i = 0; i < 20; ++i) {
    BOOST_REQUIRE_EQUAL(create("n" + std::to_string(i)).status, 200);
    syncs.push_back("orders::n" + std::to_string(i));
  }
  cluster.take_notes();
  BOOST_TEST(trigger(syncs) == success);
  BOOST_TEST(cluster.take_notes().find("trigger 1/orders::n0\ntrigger 1/orders::n1\n") == 0U);
  syncs.push_back("orders::nope");
  BOOST_TEST(trigger(syncs) == no_syncs);
}

BOOST_AUTO_TEST_CASE(reads_the_options_of_a_trigger) {
  auto noted = [&](json more) {
    BOOST_TEST(trigger({"orders"}, std::move(more)) == success);
    auto notes = cluster.take_notes();
    return notes.substr(0, notes.find(' '));
  };
  BOOST_TEST(noted({{"opts", json::object()}}) == "trigger");
  BOOST_TEST(noted({{"opts", {{"reset", true}, {"more", 1}}}}) == "trigger+reset");
  BOOST_TEST(noted({{"opts", {{"emptyCache", true}}}}) == "trigger");
  BOOST_TEST(noted({{"opts", {{"reset", true}, {"emptyCache", true}}}}) == "trigger+reset+empty");
  BOOST_TEST(noted({{"sync_mode", "incremental"}}) == "trigger");
  BOOST_TEST(noted({{"sync_mode", "full_refresh"}}) == "trigger+reset");
  BOOST_TEST(noted({{"sync_mode", "full_refresh_and_clear_cache"}}) == "trigger+reset+empty");
  BOOST_TEST(noted({{"full_resync", true}}) == "trigger+reset");
  BOOST_TEST(noted({{"sync_mode", "incremental"}, {"full_resync", true}}) == "trigger");
  BOOST_TEST(trigger({"orders"}, {{"opts", json::object()}, {"full_resync", true}})
             == R"(400 {"error":{"code":"invalid_body","message":)"
                R"("Cannot use opts with deprecated sync_mode/full_resync parameters"}})");
}

BOOST_AUTO_TEST_CASE(takes_the_ids_of_a_trigger_from_the_headers) {
  auto body = json{{"syncs", {"orders::v1"}}};
  BOOST_TEST(
    ask("POST", "/sync/trigger", body, {{"provider-config-key", "orders"}, {"connection-id", "c1"}})
      .line()
    == success);
  BOOST_TEST(cluster.take_notes() == "trigger 1/orders::v1\n");
  BOOST_TEST(ask("POST", "/sync/trigger", body).line()
             == R"(400 {"error":{"code":"missing_provider_config_key","message":)"
                R"("Missing provider_config_key. Provide it in the body or headers."}})");
  BOOST_TEST(
    ask("POST", "/sync/trigger", body, {{"provider-config-key", "\t"}}).body()["error"]["code"]
    == "invalid_headers");
}

BOOST_AUTO_TEST_CASE(names_unknown_connections_and_integrations) {
  auto answer = ask("POST", "/sync/trigger", ids({{"connection_id", "no"}, {"syncs", {"orders"}}}));
  BOOST_TEST(answer.status == 404);
  auto error = answer.body()["error"];
  BOOST_TEST(error["code"] == "unknown_connection");
  BOOST_TEST(error["payload"].dump() == R"({"connectionId":"no","providerConfigKey":"orders"})");
  auto message = error["message"].get<std::string>();
  BOOST_TEST(message.find("{\n  \"connectionId\": \"no\",\n  \"providerConfigKey\": \"orders\"\n}")
             != std::string::npos);
  answer = ask("POST", "/sync/pause", ids({{"provider_config_key", "no"}, {"syncs", {"orders"}}}));
  BOOST_TEST(answer.status == 400);
  BOOST_TEST(answer.body()["error"]["code"] == "unknown_provider_config");
}

BOOST_AUTO_TEST_CASE(pauses_and_starts) {
  auto body = ids({{"syncs", {"orders::v1"}}});
  BOOST_TEST(ask("POST", "/sync/start", body).line() == success);
  auto shown = status("orders::v1")[0];
  BOOST_TEST(shown["status"] == "SUCCESS");
  BOOST_TEST(shown["nextScheduledSyncAt"].is_string());
  BOOST_TEST(ask("POST", "/sync/pause", body).line() == success);
  shown = status("orders::v1")[0];
  BOOST_TEST(shown["status"] == "PAUSED");
  BOOST_TEST(shown["nextScheduledSyncAt"].is_null());
  BOOST_TEST(cluster.take_notes() == "start 1/orders::v1\npause 1/orders::v1\n");
  BOOST_TEST(ask("POST", "/sync/pause", ids({{"syncs", {"orders::nope"}}})).line() == no_syncs);
}

BOOST_AUTO_TEST_CASE(is_stricter_about_the_syncs_of_a_pause) {
  auto named = json{{"name", "orders"}, {"variant", "v1"}, {"more", 1}};
  BOOST_TEST(trigger({named}) == success);
  BOOST_TEST(ask("POST", "/sync/pause", ids({{"syncs", {named}}})).body()["error"]["code"]
             == "invalid_body");
  BOOST_TEST(
    ask("POST", "/sync/pause", ids({{"syncs", std::vector<std::string>(257, "orders")}})).status
    == 400);
}

BOOST_AUTO_TEST_CASE(lists_states_in_the_order_asked) {
  BOOST_TEST(names("orders::v2,orders,nope,orders::nope") == "orders::v2 orders::base ");
  BOOST_TEST(names("*") == "auto-orders::base orders::base orders::v1 orders::v2 ");
  BOOST_TEST(names("") == "");
}

BOOST_AUTO_TEST_CASE(counts_the_records_of_each_variant_by_itself) {
  auto ticket = begin_run("orders", "v1");
  BOOST_TEST(status("orders::v1")[0]["status"] == "RUNNING");
  BOOST_REQUIRE(
    records{db}.save(ticket, 1, "Order", {{"a", R"({"id":"a"})"}}, {}, {R"({"page":2})", 0}));
  BOOST_REQUIRE(runs{db}.end(ticket, {run_outcome::success, ""}));
  auto shown = status("orders::v1,orders");
  BOOST_TEST(shown[0]["recordCount"].dump() == R"({"Order":1,"Mark":0})");
  BOOST_TEST(shown[0]["latestResult"].dump()
             == R"({"Mark":{"added":0,"deleted":0,"updated":0},)"
                R"("Order":{"added":1,"deleted":0,"updated":0}})");
  BOOST_TEST(shown[0]["latestExecutionStatus"] == "SUCCESS");
  BOOST_TEST(shown[0]["checkpoint"].dump() == R"({"page":2})");
  BOOST_TEST(shown[0].contains("finishedAt"));
  BOOST_TEST(shown[1]["recordCount"].dump() == R"({"Order":0,"Mark":0})");
  BOOST_TEST(!shown[1].contains("latestResult"));
}

BOOST_AUTO_TEST_CASE(shows_states_of_all_connections) {
  import("c2");
  auto answer = ask("GET", "/sync/status?syncs=orders&provider_config_key=orders");
  BOOST_TEST(answer.body()["syncs"].size() == 2U);
  BOOST_TEST(answer.body()["syncs"][1]["connection_id"] == "c2");
}

BOOST_AUTO_TEST_CASE(refuses_the_state_of_an_unknown_connection) {
  BOOST_TEST(
    ask("GET", "/sync/status?syncs=orders&provider_config_key=orders&connection_id=no").line()
    == R"(400 {"error":{"code":"invalid_body","message":"Connection not found"}})");
  BOOST_TEST(ask("GET", "/sync/status?provider_config_key=orders").line()
             == R"(400 {"error":{"code":"invalid_query_params","errors":[{"code":"invalid_type",)"
                R"("message":"Invalid input: expected string, received undefined",)"
                R"("path":["syncs"]}]}})");
}

BOOST_AUTO_TEST_CASE(sets_and_removes_a_frequency) {
  auto put = [&](json frequency) {
    return ask("PUT", "/sync/update-connection-frequency",
               ids({{"sync_name", "orders"}, {"sync_variant", "v1"}, {"frequency", frequency}}))
      .line();
  };
  BOOST_TEST(put("every hour") == R"(200 {"frequency":"1h"})");
  BOOST_TEST(cluster.take_notes() == "frequency 'every hour' 86400000\n");
  BOOST_TEST(status("orders::v1")[0]["frequency"] == "every hour");
  BOOST_TEST(put(nullptr) == R"(200 {"frequency":"every 1d"})");
  BOOST_TEST(cluster.take_notes() == "frequency '' 86400000\n");
  auto invalid = R"(400 {"error":{"code":"invalid_body","message":"Sync interval is invalid"}})";
  BOOST_TEST(put("every 5s") == invalid);
  BOOST_TEST(put("") == invalid);
  BOOST_TEST(put("now and then") == invalid);
}

BOOST_AUTO_TEST_CASE(refuses_the_frequency_of_what_is_unknown) {
  auto put = [&](json more) {
    auto body = ids({{"sync_name", "orders"}, {"frequency", "every hour"}});
    body.update(more);
    return ask("PUT", "/sync/update-connection-frequency", body).line();
  };
  BOOST_TEST(put({{"sync_variant", "nope"}}) == R"(400 {"error":{"code":"unknown_sync"}})");
  BOOST_TEST(put({{"sync_name", "nope"}}) == R"(400 {"error":{"code":"unknown_sync"}})");
  BOOST_TEST(put({{"connection_id", "no"}}) == R"(400 {"error":{"code":"unknown_connection"}})");
}

BOOST_AUTO_TEST_SUITE_END()
