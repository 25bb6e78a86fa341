#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(variant_routes_test, ready_api)

BOOST_AUTO_TEST_CASE(creates_a_variant_and_tells_its_id) {
  auto answer = create("v1");
  BOOST_TEST(answer.line()
             == "200 {\"id\":\"" + ref("orders", "v1").id
                  + "\",\"name\":\"orders\",\"variant\":\"v1\"}");
  BOOST_TEST(cluster.take_notes() == "create 1/orders::v1 86400000\n");
}

BOOST_AUTO_TEST_CASE(starts_variants_as_the_function_says) {
  create("v1");
  BOOST_REQUIRE_EQUAL(ask("POST", "/sync/auto-orders/variant/v1", ids()).status, 200);
  BOOST_TEST((*variants{db}.find({{1, "orders"}, "v1"}))->paused);
  BOOST_TEST(!(*variants{db}.find({{1, "auto-orders"}, "v1"}))->paused);
}

BOOST_AUTO_TEST_CASE(refuses_what_exists_and_what_is_too_much) {
  create("v1");
  BOOST_TEST(create("v1").line() == R"(400 {"error":{"code":"sync_variant_already_exists"}})");
  BOOST_TEST(create("V1").status == 200);
  create("v3");
  auto full = R"(400 {"error":{"code":"resource_capped",)"
              R"("message":"Maximum number of variants per sync (3) reached"}})";
  BOOST_TEST(create("v4").line() == full);
  BOOST_TEST(create("v1").line() == full);
  BOOST_TEST(ask("DELETE", "/sync/orders/variant/v1", ids()).line() == R"(200 {"success":true})");
  BOOST_TEST(create("v4").status == 200);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_unknown) {
  BOOST_TEST(ask("POST", "/sync/nosync/variant/v", ids()).line()
             == R"(400 {"error":{"code":"unknown_sync"}})");
  auto unknown = R"(400 {"error":{"code":"unknown_connection"}})";
  BOOST_TEST(ask("POST", "/sync/orders/variant/v", ids({{"connection_id", "no"}})).line()
             == unknown);
  BOOST_TEST(ask("POST", "/sync/orders/variant/v", ids({{"provider_config_key", "no"}})).line()
             == unknown);
  BOOST_TEST(ask("DELETE", "/sync/orders/variant/v", ids({{"connection_id", "no"}})).line()
             == unknown);
}

BOOST_AUTO_TEST_CASE(checks_body_then_path_then_query_then_the_name) {
  BOOST_TEST(ask("POST", "/sync/orders/variant/a%20b?x=1", json::object()).body()["error"]["code"]
             == "invalid_body");
  BOOST_TEST(ask("POST", "/sync/orders/variant/a%20b?x=1", ids()).line()
             == R"(400 {"error":{"code":"invalid_uri_params","errors":[{"code":"invalid_format",)"
                R"("message":"Invalid string: must match pattern /^[a-zA-Z0-9_-]+$/",)"
                R"("path":["variant"]}]}})");
  BOOST_TEST(ask("POST", "/sync/orders/variant/base?x=1", ids()).line()
             == R"(400 {"error":{"code":"invalid_query_params","errors":[)"
                R"({"code":"unrecognized_keys","message":"Unrecognized key: \"x\"","path":[]}]}})");
  BOOST_TEST(ask("POST", "/sync/orders/variant/BaSe", ids({{"connection_id", "no"}})).line()
             == R"(400 {"error":{"code":"invalid_variant",)"
                R"("message":"Variant name \"BaSe\" is protected."}})");
}

BOOST_AUTO_TEST_CASE(deletes_once_and_never_base) {
  create("v1");
  BOOST_TEST(ask("DELETE", "/sync/orders/variant/base", ids()).line()
             == R"(400 {"error":{"code":"invalid_variant",)"
                R"("message":"Cannot delete protected variant \"base\"."}})");
  BOOST_TEST(ask("DELETE", "/sync/orders/variant/v1", ids()).line() == R"(200 {"success":true})");
  BOOST_TEST(ask("DELETE", "/sync/orders/variant/v1", ids()).line()
             == R"(404 {"error":{"code":"not_found"}})");
  BOOST_TEST(ask("DELETE", "/sync/orders/variant/v1").line()
             == R"(400 {"error":{"code":"invalid_body","errors":[{"code":"invalid_type",)"
                R"("message":"Invalid input: expected object, received undefined","path":[]}]}})");
}

BOOST_AUTO_TEST_CASE(says_try_again_without_a_leader) {
  cluster.leads = false;
  auto answer = create("v1");
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(answer.body()["error"]["code"] == "service_unavailable");
}

BOOST_AUTO_TEST_CASE(names_what_is_no_json_and_no_json_type) {
  BOOST_TEST(
    send("POST", "/sync/orders/variant/v", R"({"a":)").line()
    == R"(400 {"error":{"code":"invalid_json","message":"Unexpected end of JSON input"}})");
  BOOST_TEST(send("POST", "/sync/orders/variant/v", R"({"a" 1})").body()["error"]["message"]
             == "Unexpected token in JSON at position 5");
  BOOST_TEST(
    send("POST", "/sync/orders/variant/v", std::string(300, '[')).body()["error"]["message"]
    == "JSON is nested too deeply");
  BOOST_TEST(send("POST", "/sync/orders/variant/v", "7").body()["error"]["code"] == "invalid_json");
  BOOST_TEST(send("POST", "/sync/orders/variant/v", "x=1", {{"content-type", "text/plain"}}).line()
             == R"(415 {"error":{"code":"invalid_content_type",)"
                R"("message":"Content-Type header must be application/json"}})");
  BOOST_TEST(send("POST", "/sync/orders/variant/v", ids().dump(),
                  {{"content-type", "application/json; charset=utf-8"}})
               .status
             == 200);
}

BOOST_AUTO_TEST_SUITE_END()
