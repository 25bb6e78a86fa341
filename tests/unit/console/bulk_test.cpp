#include "console/bulk.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace varia;

namespace {

using json = nlohmann::ordered_json;

json row(const std::string& connection, const std::string& sync, const std::string& variant,
         const std::string& status = "PAUSED", int failures = 0) {
  return {{"provider_config_key", "shop"},
          {"connection_id", connection},
          {"sync", sync},
          {"variant", variant},
          {"status", status},
          {"failures_in_a_row", failures}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(bulk_test)

BOOST_AUTO_TEST_CASE(selects_what_fits_everything_that_is_said) {
  auto x = selector_of({{"connection_id", "c1"}, {"variant_prefix", "eu-"}, {"state", "paused"}});
  BOOST_TEST(selects(x, row("c1", "orders", "eu-west")));
  BOOST_TEST(!selects(x, row("c2", "orders", "eu-west")));
  BOOST_TEST(!selects(x, row("c1", "orders", "us-west")));
  BOOST_TEST(!selects(x, row("c1", "orders", "eu")));
  BOOST_TEST(!selects(x, row("c1", "orders", "eu-west", "RUNNING")));
}

BOOST_AUTO_TEST_CASE(selects_what_fails_by_its_last_run) {
  auto x = selector_of({{"failing", "true"}});
  BOOST_TEST(selects(x, row("c1", "orders", "a", "ERROR")));
  BOOST_TEST(selects(x, row("c1", "orders", "a", "RUNNING", 2)));
  BOOST_TEST(!selects(x, row("c1", "orders", "a", "SUCCESS")));
}

BOOST_AUTO_TEST_CASE(all_must_be_said) {
  BOOST_TEST(selector_of({}).is_empty());
  BOOST_TEST(selector_of({{"opts", "x"}, {"name", ""}}).is_empty());
  BOOST_TEST(!selector_of({{"all", "true"}}).is_empty());
  BOOST_TEST(selects(selector_of({{"all", "true"}}), row("c1", "orders", "base")));
}

BOOST_AUTO_TEST_CASE(puts_the_variants_of_a_connection_into_one_request) {
  auto requests
    = bulk_requests(bulk_rule::by_connection,
                    {row("c1", "orders", "a"), row("c2", "orders", "a"), row("c1", "files", "b")});
  BOOST_REQUIRE_EQUAL(requests.size(), 2U);
  BOOST_TEST(requests[0].members
             == json::parse(R"({"provider_config_key":"shop","connection_id":"c1","syncs":[
                  {"name":"orders","variant":"a"},{"name":"files","variant":"b"}]})"));
  BOOST_TEST(requests[0].targets.size() == 2U);
  BOOST_TEST(requests[1].members["connection_id"] == "c2");
}

BOOST_AUTO_TEST_CASE(keeps_to_the_limits_of_the_server) {
  std::vector<json> targets;
  for (auto i = 0; i < 1001; ++i)
    targets.push_back(row("c1", "orders", "v" + std::to_string(i)));
  auto by_sync = bulk_requests(bulk_rule::by_sync, targets);
  BOOST_REQUIRE_EQUAL(by_sync.size(), 3U);
  BOOST_TEST(by_sync[0].members["variants"].size() == 500U);
  BOOST_TEST(by_sync[2].members["variants"] == json::array({"v1000"}));
  BOOST_TEST(by_sync[2].members["name"] == "orders");
  BOOST_TEST(bulk_requests(bulk_rule::by_connection, targets).size() == 6U);
  auto by_variant = bulk_requests(bulk_rule::by_variant, targets);
  BOOST_TEST(by_variant.size() == 1001U);
  BOOST_TEST(by_variant[7].members["variant"] == "v7");
}

BOOST_AUTO_TEST_CASE(a_request_has_the_names_in_its_path_and_the_options_in_its_body) {
  auto& deletion = *find_verb("variants delete");
  auto request = bulk_requests(bulk_rule::by_sync, {row("c1", "orders", "a")})[0];
  auto message = message_of(deletion, {{"connection_id", "c1"}, {"all", "true"}}, request.members);
  BOOST_REQUIRE(message);
  BOOST_TEST(message->method == "DELETE");
  BOOST_TEST(message->path == "/sync/orders/variants");
  BOOST_TEST(message->body
             == R"({"provider_config_key":"shop","connection_id":"c1","variants":["a"]})");
  auto& reset = *find_verb("variants reset");
  BOOST_TEST(message_of(reset, {{"/opts/emptyCache", "true"}})->body
             == R"({"opts":{"emptyCache":true,"reset":true}})");
}

BOOST_AUTO_TEST_SUITE_END()
