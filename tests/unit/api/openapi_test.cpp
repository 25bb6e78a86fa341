#include "api/api.hpp"
#include "api/openapi.hpp"
#include "api/openapi_parts.hpp"
#include "core/text.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace varia;

namespace {

const std::vector<route>& table() {
  static const auto routes = all_routes(api_context{});
  return routes;
}

const json& document() {
  static const auto result = openapi_document(table());
  return result;
}

std::string name_of(const route& x) {
  return x.method + " " + x.path;
}

} // namespace

BOOST_AUTO_TEST_SUITE(openapi_test)

BOOST_AUTO_TEST_CASE(every_path_begins_with_a_slash) {
  BOOST_TEST(template_of("/") == "/");
  BOOST_TEST(template_of("/sync/:name/") == "/sync/{name}");
  for (auto& [path, ignored] : document()["paths"].items())
    BOOST_TEST(path.substr(0, 1) == "/");
}

BOOST_AUTO_TEST_CASE(describes_every_route_and_nothing_else) {
  std::set<std::string> routes;
  for (auto& each : table())
    for (std::string method : {"get", "post", "put", "patch", "delete"})
      if (each.method == "*" || to_lower(each.method) == method)
        routes.insert(method + " " + template_of(each.path));
  std::set<std::string> described;
  for (auto& [path, methods] : document()["paths"].items())
    for (auto& [method, ignored] : methods.items())
      described.insert(method + " " + path);
  BOOST_TEST(routes == described, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_route_says_what_it_is_for_and_who_may_call_it) {
  for (auto& each : table()) {
    BOOST_TEST(!each.facts.summary.empty(), name_of(each) << " has no summary");
    BOOST_TEST((each.needs == access::open || !each.facts.scopes.empty()), name_of(each)
                                                                             << " names no scope");
    for (auto& scope : each.facts.scopes)
      BOOST_TEST((is_scope(scope) && scope != "*"), scope << " of " << name_of(each));
  }
}

BOOST_AUTO_TEST_CASE(every_changing_route_is_audited_unless_it_only_runs_something) {
  const std::set<std::string> only_run{
    "POST /sync/trigger",
    "POST /action/trigger",
    "POST /sync/deploy/confirmation",
    "POST /integrations/quickstart",
    "POST /varia/events",
    "POST /webhook/:environmentUuid/:providerConfigKey",
    "POST /varia/variants/schedule/preview",
    "* /functions/*",
    "* /proxy",
    "* /proxy/*",
  };
  for (auto& each : table())
    if (each.method != "GET" && only_run.count(name_of(each)) == 0)
      BOOST_TEST(!each.facts.audit.empty(), name_of(each) << " is not audited");
}

BOOST_AUTO_TEST_CASE(examples_of_bodies_follow_the_rules_they_are_made_from) {
  for (auto& each : table()) {
    if (!each.rules)
      continue;
    for (auto& rule : each.rules()) {
      auto& example = rule.rules.example();
      auto found = check(rule.rules, &example);
      BOOST_TEST(found.empty(), name_of(each) << ": " << example.dump() << ": "
                                              << (found.empty() ? "" : found.front().message));
    }
  }
}

BOOST_AUTO_TEST_CASE(tells_what_a_route_takes_in_the_words_of_json_schema) {
  auto& create = document()["paths"]["/sync/{name}/variant/{variant}"]["post"];
  auto& body = create["requestBody"]["content"]["application/json"];
  BOOST_TEST(body["schema"]["required"].dump() == R"(["provider_config_key","connection_id"])");
  BOOST_TEST(body["schema"]["additionalProperties"] == false);
  BOOST_TEST(body["example"].dump()
             == R"({"provider_config_key":"shop","connection_id":"user-1"})");
  BOOST_TEST(create["parameters"].size() == 2U);
  BOOST_TEST(create["parameters"][0]["schema"]["pattern"] == "^[a-zA-Z0-9_-]+$");
  BOOST_TEST(create["security"].dump() == R"([{"key":["environment:syncs:variant:create"]}])");
  BOOST_TEST(create["responses"]["400"]["description"].get<std::string>().find("resource_capped")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tells_of_parameters_in_query_and_headers) {
  auto& parameters = document()["paths"]["/records"]["get"]["parameters"];
  std::string names;
  for (auto& each : parameters)
    names += each["in"].get<std::string>() + ":" + each["name"].get<std::string>()
             + (each["required"] == true ? "! " : " ");
  BOOST_TEST(names
             == "query:model! query:variant query:sync query:modified_after query:delta "
                "query:limit query:filter query:cursor query:ids header:connection-id! "
                "header:provider-config-key! ");
}

BOOST_AUTO_TEST_CASE(reads_the_shape_of_an_answer_from_its_example) {
  auto shape = json::parse(R"({"a?":1,"b":[{"c":"x"}],"d":null})");
  BOOST_TEST(shape_example(shape).dump() == R"({"a":1,"b":[{"c":"x"}],"d":null})");
  BOOST_TEST(shape_schema(shape).dump()
             == R"({"type":"object","properties":{"a":{"type":"number"},"b":{"type":"array",)"
                R"("items":{"type":"object","properties":{"c":{"type":"string"}},)"
                R"("required":["c"]}},"d":{}},"required":["b","d"]})");
}

BOOST_AUTO_TEST_CASE(errors_carry_their_codes) {
  auto answer = error_answer({"not_found", "conflict"});
  BOOST_TEST(answer["description"] == "not_found, conflict");
  BOOST_TEST(answer["content"]["application/json"]["example"].dump()
             == R"({"error":{"code":"not_found"}})");
}

BOOST_AUTO_TEST_SUITE_END()
