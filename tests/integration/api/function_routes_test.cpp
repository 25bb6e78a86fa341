#include "store/function_versions.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  static json action(const std::string& name) {
    return {{"type", "action"},
            {"syncName", name},
            {"providerConfigKey", "orders"},
            {"models", {"Refund"}},
            {"runs", nullptr},
            {"input", "RefundInput"},
            {"metadata",
             {{"description", "Pays back.\n- `order`: which one\n- why: shown to the customer"},
              {"scopes", {"write"}}}},
            {"fileBody", {{"js", "j" + name}, {"ts", "t" + name}}},
            {"models_json_schema",
             {{"definitions",
               {{"Refund", {{"type", "object"}}},
                {"RefundInput",
                 {{"type", "object"},
                  {"properties", {{"order", {{"type", "string"}}}, {"why", {{"type", "string"}}}}},
                  {"required", {"order"}}}}}}}}};
  }

  void deploy_action(const std::string& name = "refund") { deploy({action(name)}, false); }

  std::string versions(const std::string& name = "orders") {
    auto answer = ask("GET", "/varia/functions/versions?provider_config_key=orders&name=" + name);
    if (answer.status != 200)
      return answer.line();
    auto all = answer.body()["versions"];
    std::string result;
    for (auto& each : all)
      result
        += each["version"].get<std::string>() + (each["current"].get<bool>() ? " current, " : ", ");
    return result;
  }

  api_answer roll_back(json more = json::object()) {
    auto body = json{{"provider_config_key", "orders"}, {"name", "orders"}};
    body.update(more);
    return ask("POST", "/varia/functions/rollback", body);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(function_routes_test, fixture)

BOOST_AUTO_TEST_CASE(lists_the_functions_of_an_integration_in_pages) {
  deploy_action();
  auto all = ask("GET", "/integrations/orders/functions").body();
  BOOST_REQUIRE_EQUAL(all["data"].size(), 3U);
  BOOST_TEST(all["data"][0]["name"] == "auto-orders");
  BOOST_TEST(all["data"][2]["type"] == "action");
  BOOST_TEST(all["data"][2]["scopes"].dump() == R"(["write"])");
  auto page = ask("GET", "/integrations/orders/functions?limit=2&page=1").body();
  BOOST_REQUIRE_EQUAL(page["data"].size(), 1U);
  BOOST_TEST(page["data"][0]["name"] == "refund");
  BOOST_TEST(page["pagination"].dump() == R"({"total":3,"page":1,"limit":2})");
}

BOOST_AUTO_TEST_CASE(finds_functions_by_type_and_a_part_of_their_name) {
  deploy_action();
  auto count = [&](const std::string& query) {
    return ask("GET", "/integrations/orders/functions?" + query).body()["data"].size();
  };
  BOOST_TEST(count("type=sync") == 2U);
  BOOST_TEST(count("type=action") == 1U);
  BOOST_TEST(count("type=on-event") == 0U);
  BOOST_TEST(count("search=AUTO") == 1U);
  BOOST_TEST(ask("GET", "/integrations/orders/functions?type=x").status == 400);
  BOOST_TEST(ask("GET", "/integrations/orders/functions?limit=101").status == 400);
  BOOST_TEST(ask("GET", "/integrations/nope/functions").status == 404);
}

BOOST_AUTO_TEST_CASE(shows_a_function_and_its_source) {
  deploy_action();
  auto shown = ask("GET", "/integrations/orders/functions/refund");
  BOOST_TEST(shown.status == 200);
  BOOST_TEST(shown.body()["data"]["input"] == "RefundInput");
  BOOST_TEST(ask("GET", "/integrations/orders/functions/refund/code").line()
             == R"(200 {"type":"action","code":"trefund"})");
  BOOST_TEST(ask("GET", "/integrations/orders/functions/orders/code").status == 404);
  BOOST_TEST(ask("GET", "/integrations/orders/functions/nope").status == 404);
}

BOOST_AUTO_TEST_CASE(wants_the_type_where_a_name_is_not_enough) {
  deploy_action("orders");
  auto path = std::string{"/integrations/orders/functions/orders"};
  BOOST_TEST(ask("GET", path).body()["error"]["code"] == "invalid_query_params");
  BOOST_TEST(ask("GET", path + "?type=action").body()["data"]["type"] == "action");
  BOOST_TEST(ask("GET", path + "?type=sync").body()["data"]["type"] == "sync");
}

BOOST_AUTO_TEST_CASE(removes_a_function_with_its_variants) {
  create("v1");
  BOOST_TEST(ask("DELETE", "/integrations/orders/functions/orders").line()
             == R"(200 {"success":true})");
  BOOST_TEST(!*functions{db}.find("dev", "orders", "orders"));
  BOOST_TEST(variants{db}.list({1, "orders"})->empty());
  BOOST_TEST(ask("DELETE", "/integrations/orders/functions/orders").status == 404);
}

BOOST_AUTO_TEST_CASE(describes_actions_to_language_models) {
  deploy_action();
  auto data = ask("GET", "/scripts/config?format=openai").body()["data"];
  BOOST_REQUIRE_EQUAL(data.size(), 1U);
  BOOST_TEST(data[0]["name"] == "refund");
  auto fields = data[0]["parameters"]["properties"];
  BOOST_TEST(fields["order"].dump() == R"({"type":"string","description":"which one"})");
  BOOST_TEST(fields["why"]["description"] == "shown to the customer");
  BOOST_TEST(data[0]["parameters"]["required"].dump() == R"(["order"])");
}

BOOST_AUTO_TEST_CASE(goes_back_to_a_former_version) {
  deploy({flow("orders", false, "y")}, false);
  deploy({flow("orders", false, "z")}, false);
  BOOST_TEST(versions() == "0.0.3 current, 0.0.2, 0.0.1, ");
  cluster.take_notes();
  auto answer = roll_back({{"version", "0.0.1"}});
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body()["version"] == "0.0.1");
  BOOST_TEST(cluster.take_notes() == "ensure 1/orders paused 86400000\n");
  auto current = functions{db}.find("dev", "orders", "orders");
  BOOST_TEST(*functions{db}.code((*current)->sha) == "xorders");
  BOOST_TEST(versions() == "0.0.1 current, 0.0.3, 0.0.2, ");
}

BOOST_AUTO_TEST_CASE(goes_back_to_the_version_before_without_a_number) {
  deploy({flow("orders", false, "y")}, false);
  BOOST_TEST(roll_back().body()["version"] == "0.0.1");
  BOOST_TEST(roll_back().body()["version"] == "0.0.2");
}

BOOST_AUTO_TEST_CASE(counts_on_from_the_newest_version_after_a_rollback) {
  deploy({flow("orders", false, "y")}, false);
  roll_back();
  BOOST_TEST(deploy({flow("orders", false)}, false)[0]["version"] == "0.0.1");
  BOOST_TEST(deploy({flow("orders", false, "z")}, false)[0]["version"] == "0.0.3");
}

BOOST_AUTO_TEST_CASE(counts_on_also_for_a_function_that_was_gone) {
  deploy({flow("orders", false, "y")}, false);
  ask("DELETE", "/integrations/orders/functions/orders");
  roll_back({{"version", "0.0.1"}});
  BOOST_TEST(deploy({flow("orders", false, "z")}, false)[0]["version"] == "0.0.3");
}

BOOST_AUTO_TEST_CASE(is_due_anew_when_it_goes_back_to_another_frequency) {
  auto changed = flow("orders", false, "y");
  changed["runs"] = "every 2d";
  deploy({changed}, false);
  auto since = [&] { return (*functions{db}.find("dev", "orders", "orders"))->schedule_since; };
  auto before = since();
  BOOST_TEST(before > 0);
  BOOST_TEST(roll_back().status == 200);
  BOOST_TEST(since() >= before);
}

BOOST_AUTO_TEST_CASE(brings_back_a_function_that_was_removed) {
  deploy({flow("auto-orders", true)});
  BOOST_TEST(!*functions{db}.find("dev", "orders", "orders"));
  BOOST_TEST(versions() == "0.0.1, ");
  BOOST_TEST(roll_back().status == 200);
  BOOST_TEST(versions() == "0.0.1 current, ");
}

BOOST_AUTO_TEST_CASE(refuses_versions_that_are_not_there) {
  BOOST_TEST(roll_back().status == 404);
  BOOST_TEST(roll_back({{"version", "9"}}).status == 404);
  BOOST_TEST(roll_back({{"name", "nope"}}).status == 404);
  BOOST_TEST(roll_back({{"type", "x"}}).status == 400);
  BOOST_TEST(versions("nope").substr(0, 3) == "404");
}

BOOST_AUTO_TEST_CASE(lists_all_functions_for_operators) {
  deploy_action();
  auto all = ask("GET", "/varia/functions").body()["functions"];
  BOOST_REQUIRE_EQUAL(all.size(), 3U);
  BOOST_TEST(all[1]["name"] == "orders");
  BOOST_TEST(all[1]["version"] == "0.0.1");
}

BOOST_AUTO_TEST_CASE(says_that_it_compiles_nothing) {
  for (auto path : {"/functions/compile", "/functions/dryruns", "/functions/deployments/bundle"}) {
    auto answer = ask("POST", path, json::object());
    BOOST_TEST(answer.status == 404);
    BOOST_TEST(answer.body()["error"]["code"] == "feature_disabled");
  }
}

BOOST_AUTO_TEST_SUITE_END()
