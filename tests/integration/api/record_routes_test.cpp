#include "tests/integration/api/record_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(record_routes_test, record_fixture)

BOOST_AUTO_TEST_CASE(reads_page_by_page) {
  auto ticket = begin_run("orders", "v1");
  save(ticket, 1, {"a", "b", "c"});
  auto first = read("model=Order&variant=v1&limit=2").body();
  BOOST_TEST(first["records"].size() == 2U);
  BOOST_TEST(first["next_cursor"] == first["records"][1]["_nango_metadata"]["cursor"]);
  auto rest
    = read("model=Order&variant=v1&cursor=" + first["next_cursor"].get<std::string>()).body();
  BOOST_TEST(rest["records"].size() == 1U);
  BOOST_TEST(rest["next_cursor"].is_null());
}

BOOST_AUTO_TEST_CASE(keeps_variants_apart) {
  save(begin_run("orders", "v1"), 1, {"a"});
  BOOST_TEST(ids_in("model=Order&variant=v1") == "a ");
  for (auto query : {"model=Order", "model=Order&variant=base", "model=Order&variant=nope",
                     "model=Nope", "model=AutoOrder&variant=v1"})
    BOOST_TEST(read(query).line() == R"(200 {"next_cursor":null,"records":[]})");
}

BOOST_AUTO_TEST_CASE(returns_payloads_byte_for_byte) {
  auto ticket = begin_run("orders", "v1");
  BOOST_REQUIRE(records{db}.save(ticket, 1, "Order",
                                 {{"7", R"({"n":1.50,"id":7,"big":12345678901234567890})"}}));
  auto text = read("model=Order&variant=v1").text;
  BOOST_TEST(text.find(R"({"n":1.50,"id":"7","big":12345678901234567890,"_nango_metadata":{)")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(filters_by_what_happened_last) {
  auto ticket = begin_run("orders", "v1");
  save(ticket, 1, {"a", "b", "c"});
  save(ticket, 2, {"b"}, 1);
  remove(ticket, 3, {"c"});
  auto of
    = [&](const std::string& filter) { return ids_in("model=Order&variant=v1&filter=" + filter); };
  BOOST_TEST(of("added") == "a ");
  BOOST_TEST(of("UPDATED") == "b ");
  BOOST_TEST(of("deleted") == "c ");
  BOOST_TEST(of("added,deleted") == "a c ");
  BOOST_TEST(ids_in("model=Order&variant=v1") == "a b c ");
  auto deleted = read("model=Order&variant=v1&filter=deleted").body()["records"][0];
  BOOST_TEST(deleted["rev"] == 0);
  BOOST_TEST(deleted["_nango_metadata"]["last_action"] == "DELETED");
  BOOST_TEST(deleted["_nango_metadata"]["deleted_at"].is_string());
}

BOOST_AUTO_TEST_CASE(reads_by_id_and_by_time) {
  save(begin_run("orders", "v1"), 1, {"a", "b", "c"});
  BOOST_TEST(ids_in("model=Order&variant=v1&ids=b") == "b ");
  BOOST_TEST(ids_in("model=Order&variant=v1&ids=a&ids=c&ids=x") == "a c ");
  auto past = to_iso_z(now_ms() - 3'600'000);
  BOOST_TEST(ids_in("model=Order&variant=v1&modified_after=" + past) == "a b c ");
  BOOST_TEST(ids_in("model=Order&variant=v1&modified_after=2099-01-01T00:00:00Z") == "");
  BOOST_TEST(ids_in("model=Order&variant=v1&delta=2099-01-01T00:00:00Z&modified_after=" + past)
             == "");
}

BOOST_AUTO_TEST_CASE(starts_empty_after_a_deletion) {
  save(begin_run("orders", "v1"), 1, {"a"});
  BOOST_REQUIRE_EQUAL(ask("DELETE", "/sync/orders/variant/v1", ids()).status, 200);
  BOOST_TEST(ids_in("model=Order&variant=v1") == "");
  create("v1");
  BOOST_TEST(ids_in("model=Order&variant=v1") == "");
}

BOOST_AUTO_TEST_CASE(fails_on_a_cursor_it_did_not_make) {
  BOOST_TEST(read("model=Order&variant=v1&cursor=zzz").line()
             == R"(500 {"error":{"code":"server_error","message":"Failed to fetch records"}})");
}

BOOST_AUTO_TEST_CASE(wants_both_headers) {
  BOOST_TEST(ask("GET", "/records?model=Order").line()
             == R"(400 {"error":{"code":"invalid_headers","errors":[{"code":"invalid_type",)"
                R"("message":"Invalid input: expected string, received undefined",)"
                R"("path":["connection-id"]},{"code":"invalid_type",)"
                R"("message":"Invalid input: expected string, received undefined",)"
                R"("path":["provider-config-key"]}]}})");
  BOOST_TEST(ask_with({{"connection-id", "no"}, {"provider-config-key", "orders"}}, "GET",
                      "/records?model=Order")
               .line()
             == R"(400 {"error":{"code":"unknown_connection","message":"Provided ConnectionId )"
                R"(and ProviderConfigKey does not match a valid connection"}})");
}

BOOST_AUTO_TEST_CASE(names_what_is_wrong_with_a_query) {
  auto fault
    = [&](const std::string& query) { return faults(read(query), "invalid_query_params"); };
  BOOST_TEST(fault("variant=v1") == R"(invalid_type["model"] )");
  BOOST_TEST(fault("model=Order::v1") == R"(invalid_format["model"] )");
  BOOST_TEST(fault("model=Order&foo=1") == "unrecognized_keys[] ");
  BOOST_TEST(fault("model=Order&limit=0") == R"(too_small["limit"] )");
  BOOST_TEST(fault("model=Order&limit=abc") == R"(invalid_type["limit"] )");
  BOOST_TEST(fault("model=Order&filter=foo") == R"(invalid_value["filter","0"] )");
  BOOST_TEST(fault("model=Order&modified_after=x")
             == R"(invalid_format["modified_after"] custom["modified_after"] )");
  BOOST_TEST(fault("model=Order&modified_after=2001-01-01T00:00:00Z")
             == R"(custom["modified_after"] )");
  BOOST_TEST(fault("model=Order&cursor=") == R"(too_small["cursor"] )");
  BOOST_TEST(fault("model=Order&variant=v*") == R"(invalid_format["variant"] )");
  BOOST_TEST(fault("model=Order&sync=*") == R"(invalid_format["sync"] )");
}

BOOST_AUTO_TEST_SUITE_END()
