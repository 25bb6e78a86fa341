#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  std::string metadata_of(const std::string& id) {
    return ask("GET", "/connections/" + id + "?provider_config_key=orders")
      .body()["metadata"]
      .dump();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(metadata_routes_test, fixture)

BOOST_AUTO_TEST_CASE(replaces_with_post_and_merges_with_patch) {
  BOOST_TEST(ask("POST", "/connections/metadata", ids({{"metadata", {{"a", 1}}}})).line()
             == R"(201 {"provider_config_key":"orders","connection_id":"c1","metadata":{"a":1}})");
  BOOST_TEST(metadata_of("c1") == R"({"a":1})");
  BOOST_TEST(
    ask("PATCH", "/connection/metadata", ids({{"metadata", {{"b", {{"c", {1, 2}}}}}}})).line()
    == R"(200 {"provider_config_key":"orders","connection_id":"c1","metadata":{"b":{"c":[1,2]}}})");
  BOOST_TEST(json::parse(metadata_of("c1")) == json::parse(R"({"a":1,"b":{"c":[1,2]}})"));
}

BOOST_AUTO_TEST_CASE(changes_all_connections_or_none) {
  import("c2");
  auto both = ids({{"connection_id", {"c1", "c2"}}, {"metadata", {{"z", true}}}});
  BOOST_TEST(ask("PATCH", "/connections/metadata", both).line()
             == R"(200 {"provider_config_key":"orders","connection_id":["c1","c2"],)"
                R"("metadata":{"z":true}})");
  BOOST_TEST(metadata_of("c2").find("\"z\":true") != std::string::npos);
  auto one = ids({{"connection_id", {"c1", "no"}}, {"metadata", {{"y", true}}}});
  auto answer = ask("PATCH", "/connections/metadata", one);
  BOOST_TEST(answer.status == 404);
  BOOST_TEST(answer.body()["error"]["code"] == "unknown_connection");
  BOOST_TEST(metadata_of("c1").find("\"y\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_what_is_wrong_with_a_body) {
  auto fault = [&](json more) {
    return ask("POST", "/connections/metadata", ids(std::move(more)))
      .body()["error"]["errors"][0]["message"]
      .get<std::string>();
  };
  BOOST_TEST(fault(json::object()) == "Invalid input: expected record, received undefined");
  BOOST_TEST(fault({{"metadata", "x"}}) == "Invalid input: expected record, received string");
  BOOST_TEST(fault({{"metadata", json::array({1})}})
             == "Invalid input: expected record, received array");
  BOOST_TEST(fault({{"metadata", json::object()}, {"foo", 1}}) == "Unrecognized key: \"foo\"");
  BOOST_TEST(ask("POST", "/connections/metadata?x=1", ids({{"metadata", json::object()}}))
               .body()["error"]["code"]
             == "invalid_query_params");
}

BOOST_AUTO_TEST_CASE(takes_the_older_form_with_the_id_in_the_path) {
  BOOST_TEST(ask("POST", "/connection/c1/metadata?provider_config_key=orders", {{"a", 1}}).line()
             == R"(201 {"a":1})");
  BOOST_TEST(ask("PATCH", "/connection/c1/metadata", {{"connection_id", {1, 2}}},
                 {{"provider-config-key", "orders"}})
               .line()
             == R"(200 {"connection_id":[1,2]})");
  BOOST_TEST(json::parse(metadata_of("c1")) == json::parse(R"({"a":1,"connection_id":[1,2]})"));
  BOOST_TEST(ask("POST", "/connection/c1/metadata", {{"a", 1}}).body()["error"]["code"]
             == "missing_provider_config_key");
  BOOST_TEST(ask("POST", "/connection/no/metadata?provider_config_key=orders", {{"a", 1}}).status
             == 404);
}

BOOST_AUTO_TEST_CASE(finds_the_only_integration_by_itself) {
  auto body = json{{"connection_id", "c1"}, {"metadata", {{"a", 1}}}};
  BOOST_TEST(ask("POST", "/metadata", body).line()
             == R"(201 {"connection_id":"c1","metadata":{"a":1}})");
  BOOST_TEST(metadata_of("c1") == R"({"a":1})");
  ask("POST", "/integrations", {{"provider", "unauthenticated"}, {"unique_key", "other"}});
  ask("POST", "/connections",
      {{"provider_config_key", "other"},
       {"connection_id", "c1"},
       {"credentials", {{"type", "NONE"}}}});
  auto unclear = ask("PATCH", "/metadata", body);
  BOOST_TEST(unclear.status == 400);
  BOOST_TEST(unclear.body()["error"]["code"] == "missing_provider_config_key");
  BOOST_TEST(ask("PATCH", "/metadata", ids({{"metadata", {{"b", 1}}}})).status == 200);
  BOOST_TEST(ask("PATCH", "/metadata", {{"connection_id", "no"}, {"metadata", {{"b", 1}}}}).status
             == 404);
}

BOOST_AUTO_TEST_SUITE_END()
