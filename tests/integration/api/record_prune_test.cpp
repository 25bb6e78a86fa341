#include "tests/integration/api/record_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : record_fixture {
  json whole(const std::string& more = "") {
    return read("model=Order&variant=v1&limit=10000" + more).body()["records"];
  }

  // Prunes v1 up to the record of that number in the order of changes.
  std::string prune_to(size_t number, json more = json::object()) {
    auto cursor = whole()[number]["_nango_metadata"]["cursor"];
    auto body = json{{"model", "Order"}, {"variant", "v1"}, {"until_cursor", cursor}};
    body.update(more);
    return prune(body).line();
  }

  static std::vector<std::string> many(int count) {
    std::vector<std::string> result;
    for (auto i = 0; i < count; ++i)
      result.push_back(std::to_string(i));
    return result;
  }

  run_ticket ticket = begin_run("orders", "v1");
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_prune_test, fixture)

BOOST_AUTO_TEST_CASE(takes_the_payloads_up_to_the_cursor_and_it) {
  save(ticket, 1, {"a", "b", "c"});
  auto before = whole();
  BOOST_TEST(prune_to(1) == R"(200 {"count":2,"has_more":false})");
  auto after = whole();
  for (size_t i = 0; i < 2; ++i) {
    auto expected_record
      = json{{"id", before[i]["id"]}, {"_nango_metadata", before[i]["_nango_metadata"]}};
    auto& pruned_at = after[i]["_nango_metadata"]["pruned_at"];
    BOOST_TEST(pruned_at.is_string());
    expected_record["_nango_metadata"]["pruned_at"] = pruned_at;
    BOOST_TEST(after[i] == expected_record);
  }
  BOOST_TEST(after[2] == before[2]);
}

BOOST_AUTO_TEST_CASE(keeps_to_the_limit_and_tells_what_is_left) {
  save(ticket, 1, {"a", "b", "c", "d"});
  BOOST_TEST(prune_to(2, {{"limit", 2}}) == R"(200 {"count":2,"has_more":true})");
  BOOST_TEST(prune_to(2, {{"limit", 2}}) == R"(200 {"count":1,"has_more":false})");
  BOOST_TEST(prune_to(2) == R"(200 {"count":0,"has_more":false})");
}

BOOST_AUTO_TEST_CASE(a_limit_that_is_just_enough_leaves_nothing) {
  save(ticket, 1, many(1000));
  save(ticket, 2, {"last"});
  BOOST_TEST(prune_to(999, {{"limit", 1000}}) == R"(200 {"count":1000,"has_more":false})");
}

BOOST_AUTO_TEST_CASE(prunes_a_thousand_unless_told_otherwise) {
  save(ticket, 1, many(1000));
  save(ticket, 2, {"x", "y"});
  BOOST_TEST(prune_to(1001) == R"(200 {"count":1000,"has_more":true})");
  save(ticket, 3, many(1000), 1);
  save(ticket, 4, {"z"});
  BOOST_TEST(prune_to(1002, {{"limit", 10000}}) == R"(200 {"count":1003,"has_more":false})");
}

BOOST_AUTO_TEST_CASE(a_record_that_changes_has_its_payload_again) {
  save(ticket, 1, {"a"});
  prune_to(0);
  save(ticket, 2, {"a"});
  BOOST_TEST(whole()[0]["rev"] == 0);
  BOOST_TEST(whole()[0]["_nango_metadata"]["pruned_at"].is_null());
  BOOST_TEST(prune_to(0) == R"(200 {"count":1,"has_more":false})");
}

BOOST_AUTO_TEST_CASE(leaves_other_variants_and_models_alone) {
  save(ticket, 1, {"a"});
  save(ticket, 2, {"m"}, 0, "Mark");
  save(begin_run("orders", "base"), 1, {"b"});
  BOOST_TEST(prune_to(0) == R"(200 {"count":1,"has_more":false})");
  BOOST_TEST(read("model=Order").body()["records"][0]["rev"] == 0);
  BOOST_TEST(read("model=Mark&variant=v1").body()["records"][0]["rev"] == 0);
}

BOOST_AUTO_TEST_CASE(takes_the_sync_that_it_is_told) {
  save(begin_run("orders", "base"), 1, {"m"}, 0, "Mark");
  auto cursor = read("model=Mark&sync=orders").body()["records"][0]["_nango_metadata"]["cursor"];
  auto body = json{{"model", "Mark"}, {"until_cursor", cursor}};
  BOOST_TEST(prune(body).line() == R"(200 {"count":0,"has_more":false})");
  body["sync"] = "orders";
  BOOST_TEST(prune(body).line() == R"(200 {"count":1,"has_more":false})");
}

BOOST_AUTO_TEST_CASE(finds_nothing_in_what_does_not_exist) {
  save(ticket, 1, {"a"});
  BOOST_TEST(prune_to(0, {{"variant", "nope"}}) == R"(200 {"count":0,"has_more":false})");
  BOOST_TEST(prune_to(0, {{"model", "Nope"}}) == R"(200 {"count":0,"has_more":false})");
}

BOOST_AUTO_TEST_CASE(fails_on_a_cursor_it_did_not_make) {
  BOOST_TEST(prune({{"model", "Order"}, {"variant", "v1"}, {"until_cursor", "zzz"}}).line()
             == R"(500 {"error":{"code":"server_error","message":"Failed to prune records"}})");
}

BOOST_AUTO_TEST_CASE(names_what_is_wrong_with_a_body) {
  auto fault = [&](const json& more) {
    auto body = json{{"model", "Order"}, {"until_cursor", "x"}};
    body.update(more);
    return faults(prune(body), "invalid_body");
  };
  BOOST_TEST(faults(prune(json::object()), "invalid_body")
             == R"(invalid_type["model"] invalid_type["until_cursor"] )");
  BOOST_TEST(fault({{"model", "order"}}) == R"(invalid_format["model"] )");
  BOOST_TEST(fault({{"variant", "*"}}) == R"(invalid_format["variant"] )");
  BOOST_TEST(fault({{"until_cursor", ""}}) == R"(too_small["until_cursor"] )");
  BOOST_TEST(fault({{"until_cursor", std::string(1001, 'x')}}) == R"(too_big["until_cursor"] )");
  BOOST_TEST(fault({{"limit", 0}}) == R"(too_small["limit"] )");
  BOOST_TEST(fault({{"limit", 10001}}) == R"(too_big["limit"] )");
  BOOST_TEST(fault({{"limit", "5"}}) == R"(invalid_type["limit"] )");
  BOOST_TEST(fault({{"foo", 1}}) == "unrecognized_keys[] ");
}

BOOST_AUTO_TEST_CASE(wants_a_body_and_both_headers) {
  BOOST_TEST(ask_with(whose(), "PATCH", "/records/prune").body()["error"]["code"]
             == "invalid_body");
  auto body = json{{"model", "Order"}, {"until_cursor", "x"}};
  BOOST_TEST(faults(ask("PATCH", "/records/prune", body), "invalid_headers")
             == R"(invalid_type["connection-id"] invalid_type["provider-config-key"] )");
  auto nobody = whose();
  nobody["connection-id"] = "nobody";
  BOOST_TEST(ask("PATCH", "/records/prune", body, nobody).body()["error"]["code"]
             == "unknown_connection");
}

BOOST_AUTO_TEST_SUITE_END()
