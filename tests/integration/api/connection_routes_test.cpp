#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(connection_routes_test, ready_api)

BOOST_AUTO_TEST_CASE(imports_a_connection_with_its_base_variants) {
  auto answer = ask("POST", "/connections",
                    {{"provider_config_key", "orders"},
                     {"connection_id", "c2"},
                     {"credentials", {{"type", "NONE"}}},
                     {"metadata", {{"rev", 0}, {"mockUrl", "http://x"}}}});
  BOOST_TEST(answer.status == 201);
  auto created = answer.body()["created_at"].get<std::string>();
  BOOST_TEST(created.back() == 'Z');
  BOOST_TEST(answer.text
             == R"({"id":2,"connection_id":"c2","provider_config_key":"orders",)"
                R"("provider":"unauthenticated","errors":[],"end_user":null,"tags":{},)"
                R"("metadata":{"rev":0,"mockUrl":"http://x"},"connection_config":{},)"
                R"("webhook_url_override":null,"created_at":")"
                  + created + R"(","updated_at":")" + created
                  + R"(","last_fetched_at":null,"credentials":{}})");
  BOOST_TEST(cluster.take_notes()
             == "ensure 2/auto-orders started 86400000\nensure 2/orders paused 86400000\n");
}

BOOST_AUTO_TEST_CASE(updates_a_connection_that_exists) {
  auto again = import("c1");
  BOOST_TEST(again == 1U);
  BOOST_TEST(ask("GET", "/connections").body()["connections"].size() == 1U);
}

BOOST_AUTO_TEST_CASE(gives_a_connection_an_id_of_its_own) {
  auto answer = ask("POST", "/connections",
                    {{"provider_config_key", "orders"}, {"credentials", {{"type", "NONE"}}}});
  BOOST_TEST(answer.status == 201);
  BOOST_TEST(is_uuid_v4(answer.body()["connection_id"].get<std::string>()));
  BOOST_TEST(answer.body()["metadata"].is_null());
}

BOOST_AUTO_TEST_CASE(refuses_what_cannot_be_imported) {
  auto post = [&](json body) { return ask("POST", "/connections", body).line(); };
  BOOST_TEST(post({{"provider_config_key", "nope"}, {"credentials", {{"type", "NONE"}}}})
             == R"(404 {"error":{"code":"not_found","message":"Integration does not exist"}})");
  BOOST_TEST(post({{"provider_config_key", "orders"},
                   {"credentials", {{"type", "API_KEY"}, {"apiKey", "k"}}}})
             == R"(400 {"error":{"code":"invalid_body",)"
                R"("message":"Provider NONE does not support API_KEY auth"}})");
  BOOST_TEST(post({{"provider_config_key", "orders"}})
             == R"(400 {"error":{"code":"invalid_body","errors":[{"code":"invalid_type",)"
                R"("message":"Invalid input: expected object, received undefined",)"
                R"("path":["credentials"]}]}})");
  BOOST_TEST(post({{"provider_config_key", "orders"}, {"credentials", {{"type", "API_KEY"}}}})
               .find(R"("path":["credentials","apiKey"])")
             != std::string::npos);
  BOOST_TEST(post({{"provider_config_key", "orders"},
                   {"credentials", {{"type", "NONE"}}},
                   {"webhook_url_override", "nowhere"}})
               .find("Invalid URL")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(shows_credentials_to_who_asks_for_the_connection_only) {
  ask("POST", "/integrations", {{"provider", "basic"}, {"unique_key", "b"}});
  auto credentials = json{{"type", "BASIC"}, {"username", "u"}, {"password", "p"}};
  BOOST_REQUIRE_EQUAL(
    ask("POST", "/connections",
        {{"provider_config_key", "b"}, {"connection_id", "x"}, {"credentials", credentials}})
      .status,
    201);
  auto one = ask("GET", "/connections/x?provider_config_key=b");
  BOOST_TEST(one.body()["credentials"] == credentials);
  BOOST_TEST(ask("GET", "/connections").text.find("\"p\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(reads_a_connection) {
  auto answer = ask("GET", "/connections/c1?provider_config_key=orders&force_refresh=false"
                           "&refresh_token=false&refresh_github_app_jwt_token=false");
  BOOST_TEST(answer.status == 200);
  auto body = answer.body();
  BOOST_TEST(body["metadata"].dump() == R"({"rev":0})");
  BOOST_TEST(body["created_at"].get<std::string>().find("+00:00") != std::string::npos);
  BOOST_TEST(body["last_fetched_at"].is_string());
  BOOST_TEST(ask("GET", "/connection/c1?provider_config_key=orders").status == 200);
  BOOST_TEST(ask("GET", "/connections/no?provider_config_key=orders").line()
             == R"(404 {"error":{"code":"not_found","message":"Failed to find connection"}})");
  BOOST_TEST(ask("GET", "/connections/c1?provider_config_key=no").body()["error"]["code"]
             == "unknown_provider_config");
}

BOOST_AUTO_TEST_CASE(lists_connections_newest_first) {
  import("c2");
  auto names = [&](const std::string& query) {
    std::string result;
    auto body = ask("GET", "/connections?" + query).body();
    for (auto& x : body["connections"])
      result += x["connection_id"].get<std::string>() + " ";
    return result;
  };
  BOOST_TEST(names("") == "c2 c1 ");
  BOOST_TEST(names("connectionId=c1") == "c1 ");
  BOOST_TEST(names("search=C2") == "c2 ");
  BOOST_TEST(names("integrationId=orders,other") == "c2 c1 ");
  BOOST_TEST(names("integrationId=other") == "");
  BOOST_TEST(names("limit=1&page=1") == "c1 ");
}

BOOST_AUTO_TEST_CASE(changes_tags_and_users_but_not_metadata) {
  BOOST_TEST(ask("PATCH", "/connections/c1?provider_config_key=orders",
                 {{"tags", {{"Team", "red"}}}, {"end_user", {{"id", "u1"}, {"email", "a@b.c"}}}})
               .line()
             == R"(200 {"success":true})");
  auto body = ask("GET", "/connections/c1?provider_config_key=orders").body();
  BOOST_TEST(body["tags"].dump() == R"({"team":"red"})");
  BOOST_TEST(body["end_user"]["email"] == "a@b.c");
  BOOST_TEST(body["metadata"].dump() == R"({"rev":0})");
  BOOST_TEST(ask("GET", "/connections?tags[TEAM]=red&endUserId=u1").body()["connections"].size()
             == 1U);
  BOOST_TEST(ask("GET", "/connections?tags[team]=blue").body()["connections"].empty());
}

BOOST_AUTO_TEST_CASE(deletes_a_connection_with_its_variants) {
  create("v1");
  cluster.take_notes();
  BOOST_TEST(ask("DELETE", "/connections/c1?provider_config_key=orders").line()
             == R"(200 {"success":true})");
  BOOST_TEST(cluster.take_notes() == "forget 1\n");
  BOOST_TEST(variants{db}.list({1, "orders"})->empty());
  BOOST_TEST(ask("DELETE", "/connections/c1?provider_config_key=orders").line()
             == R"(400 {"error":{"code":"unknown_connection"}})");
  BOOST_TEST(import("c1") == 2U);
}

BOOST_AUTO_TEST_CASE(keeps_environments_apart) {
  auto own = key;
  key = "a6b0a0b4-36bf-4d3a-8b3f-0f7f2f5f6c11";
  BOOST_TEST(ask("GET", "/connections").body()["error"]["code"] == "unknown_account");
  BOOST_REQUIRE(api_keys{db}.add(key, "prod"));
  BOOST_TEST(ask("GET", "/connections").body()["connections"].empty());
  BOOST_TEST(ask("GET", "/integrations").body()["data"].empty());
  BOOST_TEST(ask("DELETE", "/connections/c1?provider_config_key=orders").status == 400);
  key = own;
  BOOST_TEST(ask("GET", "/connections").body()["connections"].size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
