#include "store/integrations.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(integration_routes_test, api_fixture)

BOOST_AUTO_TEST_CASE(creates_an_integration_on_top_of_its_provider) {
  auto answer = ask("POST", "/integrations",
                    {{"provider", "bearer"},
                     {"unique_key", "shop"},
                     {"custom", {{"base_url", "https://shop.example"}}}});
  BOOST_TEST(answer.status == 200);
  auto data = answer.body()["data"];
  BOOST_TEST(data["unique_key"] == "shop");
  BOOST_TEST(data["display_name"] == "API with a bearer token");
  BOOST_TEST(data["forward_webhooks"] == true);
  BOOST_TEST((*integrations{db}.find("dev", "shop"))->settings
             == R"({"auth_scheme":"bearer","base_url":"https://shop.example"})");
}

BOOST_AUTO_TEST_CASE(refuses_what_makes_no_integration) {
  auto fault = [&](json more) {
    auto body = json{{"provider", "api-key"}, {"unique_key", "shop"}};
    body.update(more);
    auto answer = ask("POST", "/integrations", body);
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(answer.body()["error"]["code"] == "invalid_body");
    return answer.body()["error"]
      .value("errors", json::array({{{"path", "none"}}}))[0]["path"]
      .dump();
  };
  BOOST_TEST(fault({{"provider", "magic"}}) == R"(["provider"])");
  BOOST_TEST(fault({{"unique_key", "a/b"}}) == R"(["unique_key"])");
  BOOST_TEST(fault({{"custom", {{"base_url", "x"}}}}) == R"(["custom","base_url"])");
  BOOST_TEST(fault({{"custom", {{"baseUrl", "http://x"}}}}) == R"(["custom"])");
  BOOST_TEST(fault({{"credentials", {{"type", "OAUTH2"}}}}) == R"("none")");
  BOOST_TEST(ask("GET", "/integrations").line() == R"(200 {"data":[]})");
}

BOOST_AUTO_TEST_CASE(refuses_a_key_that_is_taken) {
  auto body = json{{"provider", "basic"}, {"unique_key", "shop"}};
  BOOST_TEST(ask("POST", "/integrations", body).status == 200);
  BOOST_TEST(ask("POST", "/integrations", body).line()
             == R"(400 {"error":{"code":"invalid_body","message":"Unique key already exists"}})");
}

BOOST_AUTO_TEST_CASE(reads_changes_and_lists) {
  ask("POST", "/integrations",
      {{"provider", "api-key"}, {"unique_key", "shop"}, {"custom", {{"auth_header", "X-K"}}}});
  auto changed = ask("PATCH", "/integrations/shop",
                     {{"display_name", "Shop"}, {"custom", {{"base_url", "http://x.example"}}}});
  BOOST_TEST(changed.status == 200);
  auto data = ask("GET", "/integrations/shop?include=webhook&include=credentials").body()["data"];
  BOOST_TEST(data["display_name"] == "Shop");
  BOOST_TEST(data["custom"]["auth_header"] == "X-K");
  BOOST_TEST(data["custom"]["base_url"] == "http://x.example");
  BOOST_TEST(data.contains("webhook_url"));
  BOOST_TEST(data.contains("credentials"));
  BOOST_TEST(ask("GET", "/integrations").body()["data"].size() == 1U);
  BOOST_TEST(ask("GET", "/integrations/nope").status == 404);
  BOOST_TEST(ask("PATCH", "/integrations/nope", json::object()).status == 404);
  BOOST_TEST(ask("PATCH", "/integrations/shop", {{"unique_key", "other"}}).status == 400);
}

BOOST_AUTO_TEST_CASE(deletes_an_integration_with_its_connections) {
  set_up();
  BOOST_TEST(ask("DELETE", "/integrations/orders").line() == R"(200 {"success":true})");
  BOOST_TEST(cluster.take_notes() == "forget 1\n");
  BOOST_TEST(ask("GET", "/connections").body()["connections"].empty());
  BOOST_TEST(ask("DELETE", "/integrations/orders").status == 404);
}

BOOST_AUTO_TEST_CASE(has_no_shared_credentials_to_begin_with) {
  auto answer = ask("POST", "/integrations/quickstart", {{"provider", "github"}});
  BOOST_TEST(answer.status == 404);
  BOOST_TEST(answer.body()["error"]["code"] == "feature_disabled");
}

BOOST_AUTO_TEST_SUITE_END()
