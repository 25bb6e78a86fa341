#include "api/deployment.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

json flow_of(const char* key, const char* name) {
  return {{"type", "sync"},
          {"syncName", name},
          {"providerConfigKey", key},
          {"models", {"Item"}},
          {"runs", "every 1h"},
          {"auto_start", true},
          {"fileBody", {{"js", "exports.default = {}"}, {"ts", ""}}}};
}

json body_of(json flows) {
  return {{"flowConfigs", std::move(flows)},
          {"nangoYamlBody", ""},
          {"reconcile", true},
          {"debug", false}};
}

std::string first_fault(const json& body) {
  auto found = check(deployment_rules(), &body);
  if (found.empty())
    return "";
  auto result = found.front().code;
  for (auto& step : found.front().path)
    result += "/" + step;
  return result;
}

function function_of(const char* key, const char* name, const char* sha = "",
                     const char* version = "") {
  function result;
  result.provider_config_key = key;
  result.name = name;
  result.sha = sha;
  result.version = version;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(deployment_test)

BOOST_AUTO_TEST_CASE(reads_the_syncs_of_a_body) {
  auto body = body_of(json::array({flow_of("shop", "orders")}));
  BOOST_REQUIRE_EQUAL(first_fault(body), "");
  auto all = read_deployment(body);
  BOOST_REQUIRE_EQUAL(all.size(), 1U);
  BOOST_TEST(all[0].definition.name == "orders");
  BOOST_TEST(all[0].definition.frequency == "every 1h");
  BOOST_TEST(all[0].definition.auto_start);
  BOOST_TEST(all[0].definition.sync_type == "full");
  BOOST_TEST(all[0].bundle == "exports.default = {}");
}

BOOST_AUTO_TEST_CASE(reads_actions_and_on_event_functions) {
  auto action = flow_of("shop", "refund");
  action["type"] = "action";
  action["runs"] = nullptr;
  action["input"] = "ActionInput_shop_refund";
  auto body = body_of(json::array({flow_of("shop", "refund"), action}));
  body["onEventScriptsByProvider"] = {
    {{"providerConfigKey", "shop"},
     {"scripts",
      {{{"name", "greet"}, {"event", "post-connection-creation"}, {"fileBody", {{"js", "x"}}}}}}}};
  BOOST_TEST(first_fault(body) == "");
  auto all = read_deployment(body);
  BOOST_REQUIRE_EQUAL(all.size(), 3U);
  BOOST_TEST(all[0].definition.kind == function_kind::sync);
  BOOST_TEST(all[1].definition.kind == function_kind::action);
  BOOST_TEST(all[1].definition.input == "ActionInput_shop_refund");
  BOOST_TEST(all[2].definition.kind == function_kind::on_event);
  BOOST_TEST(all[2].definition.provider_config_key == "shop");
  BOOST_TEST(all[2].definition.event == "post-connection-creation");
  BOOST_TEST(all[2].bundle == "x");
}

BOOST_AUTO_TEST_CASE(refuses_an_on_event_function_for_no_known_event) {
  auto body = body_of(json::array());
  body["onEventScriptsByProvider"]
    = {{{"providerConfigKey", "shop"},
        {"scripts", {{{"name", "greet"}, {"event", "later"}, {"fileBody", {{"js", "x"}}}}}}}};
  BOOST_TEST(first_fault(body) == "invalid_value/onEventScriptsByProvider/0/scripts/0/event");
}

BOOST_AUTO_TEST_CASE(tells_an_action_from_a_sync_of_the_same_name) {
  auto action = function_of("shop", "refund");
  action.kind = function_kind::action;
  std::vector before{function_of("shop", "refund"), action};
  BOOST_TEST(find_deployed(before, action) == &before[1]);
  auto gone = obsolete_functions(body_of(json::array()), before, {{action, {}, {}}});
  BOOST_REQUIRE_EQUAL(gone.size(), 1U);
  BOOST_TEST(gone[0].kind == function_kind::sync);
}

BOOST_AUTO_TEST_CASE(starts_paused_unless_told_otherwise) {
  auto flow = flow_of("shop", "orders");
  flow.erase("auto_start");
  BOOST_TEST(!read_deployment(body_of(json::array({flow})))[0].definition.auto_start);
}

BOOST_AUTO_TEST_CASE(refuses_what_cannot_work) {
  auto with = [](const char* key, json value) {
    auto flow = flow_of("shop", "orders");
    flow[key] = std::move(value);
    return first_fault(body_of(json::array({flow})));
  };
  BOOST_TEST(with("runs", "every 5s") == "custom/flowConfigs/0/runs");
  BOOST_TEST(with("runs", "at dawn") == "custom/flowConfigs/0/runs");
  BOOST_TEST(with("runs", "") == "");
  BOOST_TEST(with("syncName", "a b") == "invalid_format/flowConfigs/0/syncName");
  BOOST_TEST(with("models", json::array({"item"})) == "invalid_format/flowConfigs/0/models/0");
  BOOST_TEST(with("colour", "red") == "unrecognized_keys/flowConfigs/0");
  BOOST_TEST(with("endpoints", json::array({{{"method", "BREW"}, {"path", "/"}}}))
             == "invalid_value/flowConfigs/0/endpoints/0/method");
  BOOST_TEST(with("fileBody", json{{"js", ""}}) == "too_small/flowConfigs/0/fileBody/js");
  BOOST_TEST(first_fault(body_of("x")) == "invalid_type/flowConfigs");
  auto extra = body_of(json::array());
  extra["foo"] = 1;
  BOOST_TEST(first_fault(extra) == "unrecognized_keys");
}

BOOST_AUTO_TEST_CASE(refuses_to_track_deletes_of_an_incremental_sync) {
  auto flow = flow_of("shop", "orders");
  flow["sync_type"] = "incremental";
  flow["track_deletes"] = true;
  BOOST_TEST(first_fault(body_of(json::array({flow}))) == "custom/flowConfigs/0");
}

BOOST_AUTO_TEST_CASE(refuses_schemas_that_leave_models_out) {
  auto flow = flow_of("shop", "orders");
  flow["models_json_schema"] = {{"definitions", {{"Item", json::object()}}}};
  BOOST_TEST(first_fault(body_of(json::array({flow}))) == "");
  flow["input"] = "SyncMetadata";
  BOOST_TEST(first_fault(body_of(json::array({flow})))
             == "custom/flowConfigs/0/models_json_schema");
}

BOOST_AUTO_TEST_CASE(knows_the_versions_of_the_format) {
  auto with = [](const char* version) {
    auto body = body_of(json::array());
    body["sdkVersion"] = version;
    return first_fault(body);
  };
  BOOST_TEST(with("0.71.10-zero") == "");
  BOOST_TEST(with("1.2.3-yaml") == "");
  for (auto wrong : {"", "0.71-zero", "0.71.10", "0.71.x-zero", "0.71.10-one", "1..2-zero"})
    BOOST_TEST(with(wrong) == "invalid_format/sdkVersion", wrong);
}

BOOST_AUTO_TEST_CASE(refuses_two_functions_of_one_name) {
  auto body = body_of(json::array({flow_of("shop", "orders"), flow_of("shop", "orders")}));
  BOOST_TEST(first_fault(body) == "custom/flowConfigs/1");
  auto apart = body_of(json::array({flow_of("shop", "orders"), flow_of("mail", "orders")}));
  BOOST_TEST(first_fault(apart) == "");
}

BOOST_AUTO_TEST_CASE(counts_versions_up) {
  BOOST_TEST(next_version("") == "0.0.1");
  BOOST_TEST(next_version("0.0.9") == "0.0.10");
  BOOST_TEST(next_version("3") == "4");
  BOOST_TEST(next_version("1.x") == "1.x.1");
}

BOOST_AUTO_TEST_CASE(keeps_the_version_of_an_unchanged_bundle) {
  auto before = function_of("shop", "orders", "aa", "0.0.4");
  BOOST_TEST(version_of(function_of("shop", "orders", "aa"), &before) == "0.0.4");
  BOOST_TEST(version_of(function_of("shop", "orders", "bb"), &before) == "0.0.5");
  BOOST_TEST(version_of(function_of("shop", "orders", "bb", "2.0.0"), &before) == "2.0.0");
  BOOST_TEST(version_of(function_of("shop", "orders", "aa"), nullptr) == "0.0.1");
  before.newest = "0.0.9";
  BOOST_TEST(version_of(function_of("shop", "orders", "bb"), &before) == "0.0.10");
}

BOOST_AUTO_TEST_CASE(removes_what_a_reconciling_body_does_not_name) {
  std::vector<function> before{function_of("shop", "orders"), function_of("shop", "old"),
                               function_of("mail", "threads")};
  auto body = body_of(json::array({flow_of("shop", "orders")}));
  auto names_of = [&] {
    std::string names;
    for (auto& x : obsolete_functions(body, before, read_deployment(body)))
      names += x.name + " ";
    return names;
  };
  BOOST_TEST(names_of() == "old threads ");
  body["deployMode"] = "integration";
  BOOST_TEST(names_of() == "old ");
  body["deployMode"] = "single";
  BOOST_TEST(names_of() == "");
  body["deployMode"] = "all";
  body["reconcile"] = false;
  BOOST_TEST(names_of() == "");
  BOOST_TEST(unnamed_functions(body, before, read_deployment(body)).size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
