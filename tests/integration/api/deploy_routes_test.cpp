#include "store/functions.hpp"
#include "store/locks.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(deploy_routes_test, ready_api)

BOOST_AUTO_TEST_CASE(stores_functions_with_their_bundles) {
  auto deployed = functions{db}.find("dev", "orders", "orders");
  BOOST_REQUIRE(deployed && *deployed);
  BOOST_TEST((*deployed)->version == "0.0.1");
  BOOST_TEST(*functions{db}.code((*deployed)->sha) == "xorders");
}

BOOST_AUTO_TEST_CASE(counts_the_version_of_a_changed_bundle_only) {
  auto answer = deploy({flow("orders", false, "y"), flow("auto-orders", true)});
  BOOST_TEST(answer[0]["name"] == "orders");
  BOOST_TEST(answer[0]["version"] == "0.0.2");
  BOOST_TEST(answer[0]["providerConfigKey"] == "orders");
  BOOST_TEST(answer[0]["type"] == "sync");
  BOOST_TEST(answer[0]["models"].dump() == R"(["Order","Mark"])");
  BOOST_TEST(answer[1]["version"] == "0.0.1");
}

BOOST_AUTO_TEST_CASE(gives_every_connection_its_base_variants) {
  import("c2");
  cluster.take_notes();
  deploy({flow("orders", false), flow("auto-orders", true)});
  BOOST_TEST(cluster.take_notes()
             == "ensure 1/orders paused 86400000\nensure 2/orders paused 86400000\n"
                "ensure 1/auto-orders started 86400000\nensure 2/auto-orders started 86400000\n");
}

BOOST_AUTO_TEST_CASE(removes_functions_and_their_variants_when_it_reconciles) {
  create("v1");
  deploy({flow("auto-orders", true)});
  BOOST_TEST(!*functions{db}.find("dev", "orders", "orders"));
  BOOST_TEST(variants{db}.list({1, "orders"})->empty());
  BOOST_TEST(variants{db}.list({1, "auto-orders"})->size() == 1U);
}

BOOST_AUTO_TEST_CASE(leaves_other_functions_alone_otherwise) {
  deploy({flow("auto-orders", true)}, false);
  BOOST_TEST(!!*functions{db}.find("dev", "orders", "orders"));
  BOOST_TEST(variants{db}.list({1, "orders"})->size() == 1U);
}

BOOST_AUTO_TEST_CASE(previews_without_doing_anything) {
  auto answer = ask("POST", "/sync/deploy/confirmation",
                    {{"flowConfigs", {flow("auto-orders", true), flow("third", false)}},
                     {"nangoYamlBody", ""},
                     {"reconcile", true},
                     {"debug", false}});
  BOOST_TEST(answer.status == 200);
  auto body = answer.body();
  BOOST_TEST(body["newSyncs"][0]["name"] == "third");
  BOOST_TEST(body["newSyncs"][0]["connections"] == 1);
  BOOST_TEST(body["updatedSyncs"][0]["name"] == "auto-orders");
  BOOST_TEST(body["deletedSyncs"][0]["name"] == "orders");
  BOOST_TEST(body["deletedModels"].dump() == R"(["Order"])");
  BOOST_TEST(cluster.take_notes() == "");
  BOOST_TEST(!!*functions{db}.find("dev", "orders", "orders"));
}

BOOST_AUTO_TEST_CASE(shows_what_is_deployed) {
  auto body = ask("GET", "/scripts/config?format=nango").body();
  BOOST_REQUIRE_EQUAL(body.size(), 1U);
  BOOST_TEST(body[0]["providerConfigKey"] == "orders");
  BOOST_TEST(body[0]["provider"] == "unauthenticated");
  BOOST_TEST(body[0]["syncs"].size() == 2U);
  BOOST_TEST(body[0]["syncs"][1]["runs"] == "every 1d");
  BOOST_TEST(body[0]["actions"].empty());
}

BOOST_AUTO_TEST_CASE(deploys_actions_and_on_event_functions_beside_syncs_of_the_same_name) {
  auto action = flow("orders", false, "act");
  action["type"] = "action";
  json events{
    {{"providerConfigKey", "orders"},
     {"scripts",
      {{{"name", "orders"}, {"event", "validate-connection"}, {"fileBody", {{"js", "judge"}}}}}}}};
  cluster.take_notes();
  auto answer = ask("POST", "/sync/deploy",
                    {{"flowConfigs", {action}},
                     {"onEventScriptsByProvider", events},
                     {"nangoYamlBody", ""},
                     {"reconcile", false},
                     {"debug", false}});
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(cluster.take_notes() == "");
  auto body = ask("GET", "/scripts/config?format=nango").body()[0];
  BOOST_TEST(body["syncs"].size() == 2U);
  BOOST_TEST(body["actions"][0]["name"] == "orders");
  BOOST_TEST(body["actions"][0]["type"] == "action");
  BOOST_TEST(body["on-events"][0]["name"] == "orders");
  auto judge = functions{db}.find("dev", "orders", "orders", function_kind::on_event);
  BOOST_REQUIRE(judge && *judge);
  BOOST_TEST((*judge)->event == "validate-connection");
  BOOST_TEST(*functions{db}.code((*judge)->sha) == "judge");
  auto preview = ask("POST", "/sync/deploy/confirmation",
                     {{"flowConfigs", {flow("orders", false), flow("auto-orders", true)}},
                      {"nangoYamlBody", ""},
                      {"reconcile", true},
                      {"debug", false}});
  BOOST_TEST(preview.body()["deletedActions"][0]["name"] == "orders");
  BOOST_TEST(preview.body()["deletedOnEventScripts"][0]["name"] == "orders");
  deploy({flow("orders", false), flow("auto-orders", true)});
  body = ask("GET", "/scripts/config?format=nango").body()[0];
  BOOST_TEST(body["actions"].empty());
  BOOST_TEST(body["on-events"].empty());
  BOOST_TEST(body["syncs"].size() == 2U);
}

BOOST_AUTO_TEST_CASE(deploys_before_there_is_an_integration) {
  auto early = flow("early", true);
  early["providerConfigKey"] = "later";
  deploy({early}, false);
  BOOST_TEST(cluster.take_notes() == "");
  ask("POST", "/integrations", {{"provider", "unauthenticated"}, {"unique_key", "later"}});
  ask("POST", "/connections",
      {{"provider_config_key", "later"}, {"credentials", {{"type", "NONE"}}}});
  BOOST_TEST(cluster.take_notes() == "ensure 2/early started 86400000\n");
}

BOOST_AUTO_TEST_CASE(takes_what_the_public_client_sends_before_it_deploys) {
  auto answer = ask("POST", "/sync/deploy/confirmation",
                    {{"flowConfigs", {flow("auto-orders", true)}},
                     {"onEventScriptsByProvider", json::array()},
                     {"deployMode", "all"},
                     {"reconcile", false},
                     {"debug", false},
                     {"sdkVersion", "0.71.10-zero"}});
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body()["deletedSyncs"][0]["name"] == "orders");
}

BOOST_AUTO_TEST_CASE(refuses_a_second_deployment_while_one_is_under_way) {
  locks other{db};
  BOOST_REQUIRE(*other.take("dev", "", "somebody", milliseconds{60000}));
  auto body = json{{"flowConfigs", json::array()}, {"reconcile", true}, {"debug", false}};
  auto refused = ask("POST", "/sync/deploy", body);
  BOOST_TEST(refused.status == 409);
  BOOST_TEST(refused.body()["error"]["code"] == "concurrent_deployment");
  BOOST_TEST(functions{db}.list("dev")->size() == 2U);
  BOOST_REQUIRE(*other.release("dev", "", "somebody"));
  BOOST_TEST(ask("POST", "/sync/deploy", body).status == 200);
  BOOST_TEST(functions{db}.list("dev")->empty());
}

BOOST_AUTO_TEST_CASE(deploys_to_the_environment_of_the_key_only) {
  auto body = json{{"flowConfigs", {flow("third", false)}},
                   {"reconcile", false},
                   {"debug", false},
                   {"targetEnvironment", "prod"}};
  auto refused = ask("POST", "/sync/deploy/internal", body);
  BOOST_TEST(refused.status == 403);
  BOOST_TEST(refused.body()["error"]["code"] == "forbidden");
  body["targetEnvironment"] = "dev";
  BOOST_TEST(ask("POST", "/sync/deploy/internal", body).status == 200);
  BOOST_TEST(!!*functions{db}.find("dev", "orders", "third"));
}

BOOST_AUTO_TEST_CASE(changes_nothing_for_a_bad_body) {
  auto bad = flow("orders", false);
  bad["runs"] = "every 1s";
  auto answer
    = ask("POST", "/sync/deploy",
          {{"flowConfigs", {bad}}, {"nangoYamlBody", ""}, {"reconcile", true}, {"debug", false}});
  BOOST_TEST(answer.status == 400);
  BOOST_TEST(answer.body()["error"]["errors"][0]["path"].dump() == R"(["flowConfigs","0","runs"])");
  BOOST_TEST(functions{db}.list("dev")->size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
