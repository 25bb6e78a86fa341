#include "tests/integration/api/api_fixture.hpp"
#include "upstream/auth.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(provider_routes_test, api_fixture)

BOOST_AUTO_TEST_CASE(shows_a_provider) {
  auto answer = ask("GET", "/providers/github");
  BOOST_TEST(answer.status == 200);
  auto data = answer.body()["data"];
  BOOST_TEST(data["name"] == "github");
  BOOST_TEST(data["display_name"] == "GitHub");
  BOOST_TEST(data["auth_mode"] == "OAUTH2");
  BOOST_TEST(data["proxy"]["base_url"] == "https://api.github.com");
  BOOST_TEST(data["proxy"]["paginate"]["type"] == "link");
  BOOST_TEST(data["webhook"]["header"] == "X-Hub-Signature-256");
}

BOOST_AUTO_TEST_CASE(tells_what_a_provider_wants_to_know_of_a_connection) {
  auto fields = [&](const std::string& name) {
    return ask("GET", "/providers/" + name).body()["data"]["connection_configuration"].dump();
  };
  BOOST_TEST(fields("zendesk") == R"(["subdomain"])");
  BOOST_TEST(fields("salesforce") == R"(["instance_url"])");
  BOOST_TEST(fields("github") == "[]");
}

BOOST_AUTO_TEST_CASE(refuses_providers_that_are_not_there) {
  auto answer = ask("GET", "/providers/nope");
  BOOST_TEST(answer.status == 404);
  BOOST_TEST(answer.body()["error"]["code"] == "not_found");
  BOOST_TEST(ask("GET", "/providers?page=1").body()["error"]["code"] == "invalid_query_params");
}

BOOST_AUTO_TEST_CASE(finds_providers_by_a_part_of_their_name) {
  auto all = ask("GET", "/providers").body()["data"];
  auto some = ask("GET", "/providers?search=GitLab").body()["data"];
  BOOST_TEST(all.size() > 30U);
  BOOST_REQUIRE_EQUAL(some.size(), 2U);
  BOOST_TEST(some[0]["name"] == "gitlab");
  BOOST_TEST(some[1]["name"] == "gitlab-pat");
}

BOOST_AUTO_TEST_CASE(offers_providers_that_requests_can_be_made_of) {
  auto all = providers::load();
  BOOST_REQUIRE(all);
  for (auto each : all->list()) {
    auto made
      = ask("POST", "/integrations", {{"provider", each->name}, {"unique_key", each->name}});
    BOOST_TEST(made.status == 200, each->name);
    auto stored = integrations{db}.find("dev", each->name);
    BOOST_REQUIRE(stored && *stored);
    auto rules = read_provider_rules(**stored);
    BOOST_TEST(!!rules, each->name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
