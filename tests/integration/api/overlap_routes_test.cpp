#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  void save(const std::string& variant, const std::vector<std::string>& ids) {
    create(variant);
    auto ticket = begin_run("orders", variant);
    std::vector<saved_record> all;
    for (auto& id : ids)
      all.push_back({id, "{}"});
    BOOST_REQUIRE(records{db}.save(ticket, 1, "Order", all));
  }

  api_answer overlap(const std::string& rest) {
    return ask("GET", "/varia/variants/overlap?provider_config_key=orders&" + rest);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(overlap_routes_test, fixture)

BOOST_AUTO_TEST_CASE(tells_what_variants_share) {
  save("v1", {"a", "b", "c"});
  save("v2", {"b", "c", "d", "e"});
  BOOST_TEST(overlap("connection_id=c1&sync=orders&model=Order").line()
             == R"(200 {"model":"Order","variants":2,"live":7,"distinct":5,"overlapping":2,)"
                R"("exact":true,"pairs":[{"variants":["v1","v2"],"ids":2}]})");
}

BOOST_AUTO_TEST_CASE(a_model_without_records_has_no_overlap) {
  BOOST_TEST(overlap("connection_id=c1&sync=orders&model=Nothing").line()
             == R"(200 {"model":"Nothing","variants":0,"live":0,"distinct":0,"overlapping":0,)"
                R"("exact":true,"pairs":[]})");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_there) {
  auto connection = overlap("connection_id=nobody&sync=orders&model=Order");
  BOOST_TEST(connection.line() == R"(404 {"error":{"code":"unknown_connection"}})");
  auto sync = overlap("connection_id=c1&sync=nothing&model=Order");
  BOOST_TEST(sync.line() == R"(404 {"error":{"code":"unknown_sync"}})");
}

BOOST_AUTO_TEST_CASE(refuses_a_query_that_lacks_something_or_has_too_much) {
  for (auto query : {"connection_id=c1&sync=orders", "connection_id=c1&model=Order",
                     "sync=orders&model=Order", "connection_id=c1&sync=orders&model=Order&x=1"}) {
    auto answer = overlap(query);
    BOOST_TEST(answer.status == 400, query);
    BOOST_TEST(answer.body()["error"]["code"] == "invalid_query_params", query);
  }
}

BOOST_AUTO_TEST_CASE(is_for_those_with_a_key) {
  key = "nobody";
  BOOST_TEST(overlap("connection_id=c1&sync=orders&model=Order").status == 401);
}

BOOST_AUTO_TEST_SUITE_END()
