#include "tests/integration/api/record_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : record_fixture {
  fixture() {
    save(in_base, 1, {"b1"});
    save(in_v1, 1, {"x", "y"});
    save(in_base, 2, {"b2"});
    save(in_v2, 1, {"x"});
    save(in_v1, 2, {"x"}, 1);
  }

  // What all variants have, such as "base/b1 v1/x ", read page by page.
  std::string all(size_t limit, const std::string& more = "") {
    std::string result, cursor;
    do {
      auto page = read("model=Order&variant=*&limit=" + std::to_string(limit) + more
                       + (cursor.empty() ? "" : "&cursor=" + cursor))
                    .body();
      for (auto& x : page["records"])
        result += x["_nango_metadata"]["variant"].get<std::string>() + "/"
                  + x["id"].get<std::string>() + " ";
      cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].get<std::string>();
    } while (!cursor.empty());
    return result;
  }

  run_ticket in_base = begin_run("orders", "base");
  run_ticket in_v1 = begin_run("orders", "v1");
  run_ticket in_v2 = (create("v2"), begin_run("orders", "v2"));
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_variants_test, fixture)

BOOST_AUTO_TEST_CASE(one_cursor_leads_through_all_variants) {
  for (auto limit : {1U, 2U, 3U, 100U})
    BOOST_TEST(all(limit) == "base/b1 v1/y base/b2 v2/x v1/x ");
}

BOOST_AUTO_TEST_CASE(a_cursor_of_all_is_a_cursor_of_each) {
  auto first = read("model=Order&variant=*&limit=2").body();
  auto behind = "&cursor=" + first["next_cursor"].get<std::string>();
  BOOST_TEST(ids_in("model=Order&variant=v1" + behind) == "x ");
  BOOST_TEST(ids_in("model=Order&variant=base" + behind) == "b2 ");
}

BOOST_AUTO_TEST_CASE(only_records_of_several_variants_tell_theirs) {
  auto record = read("model=Order&variant=v2").body()["records"][0];
  BOOST_TEST(!record["_nango_metadata"].contains("variant"));
}

BOOST_AUTO_TEST_CASE(filters_and_ids_reach_all_variants) {
  BOOST_TEST(all(100, "&filter=updated") == "v1/x ");
  BOOST_TEST(all(100, "&ids=x&ids=b1") == "base/b1 v2/x v1/x ");
  BOOST_TEST(all(2, "&ids=x&ids=b1") == "base/b1 v2/x v1/x ");
}

BOOST_AUTO_TEST_CASE(variants_that_come_and_go_are_seen_at_once) {
  auto cursor = read("model=Order&variant=*&limit=100")
                  .body()["records"]
                  .back()["_nango_metadata"]["cursor"]
                  .get<std::string>();
  BOOST_REQUIRE_EQUAL(ask("DELETE", "/sync/orders/variant/v2", ids()).status, 200);
  BOOST_TEST(all(100) == "base/b1 v1/y base/b2 v1/x ");
  create("v3");
  save(begin_run("orders", "v3"), 1, {"new"});
  BOOST_TEST(all(100) == "base/b1 v1/y base/b2 v1/x v3/new ");
  BOOST_TEST(ids_in("model=Order&variant=*&cursor=" + cursor) == "new ");
}

BOOST_AUTO_TEST_CASE(the_first_sync_that_has_the_variant_is_read) {
  save(begin_run("auto-orders", "base"), 1, {"auto"}, 0, "Mark");
  save(in_base, 3, {"plain"}, 0, "Mark");
  save(in_v1, 3, {"named"}, 0, "Mark");
  BOOST_TEST(ids_in("model=Mark") == "auto ");
  BOOST_TEST(ids_in("model=Mark&variant=v1") == "named ");
  BOOST_TEST(ids_in("model=Mark&variant=*") == "auto ");
  BOOST_TEST(ids_in("model=Mark&sync=orders") == "plain ");
  BOOST_TEST(ids_in("model=Mark&sync=orders&variant=*") == "plain named ");
  BOOST_TEST(ids_in("model=Mark&sync=auto-orders") == "auto ");
  BOOST_TEST(ids_in("model=Mark&sync=nope") == "");
  BOOST_TEST(ids_in("model=Order&sync=auto-orders") == "");
}

// What a process remembers of where records lie must not outlive the truth.

BOOST_AUTO_TEST_CASE(a_variant_that_was_made_again_is_seen_at_once) {
  for (auto round = 0; round < 3; ++round) {
    BOOST_REQUIRE_EQUAL(ask("DELETE", "/sync/orders/variant/v1", ids()).status, 200);
    BOOST_TEST(ids_in("model=Order&variant=v1") == "");
    create("v1");
    BOOST_TEST(ids_in("model=Order&variant=v1") == "");
    save(begin_run("orders", "v1"), 1, {std::to_string(round)});
    BOOST_TEST(ids_in("model=Order&variant=v1") == std::to_string(round) + " ");
  }
}

BOOST_AUTO_TEST_CASE(a_deployment_is_seen_at_once) {
  save(begin_run("auto-orders", "base"), 1, {"auto"}, 0, "Mark");
  save(in_base, 3, {"plain"}, 0, "Mark");
  BOOST_TEST(ids_in("model=Mark") == "auto ");
  auto other = flow("auto-orders", true);
  other["models"] = {"AutoOrder"};
  deploy({flow("orders", false), other});
  BOOST_TEST(ids_in("model=Mark") == "plain ");
  deploy({flow("orders", false), flow("auto-orders", true)});
  BOOST_TEST(ids_in("model=Mark") == "auto ");
  deploy({flow("orders", false)}); // Without the other one.
  BOOST_TEST(ids_in("model=Mark") == "plain ");
}

BOOST_AUTO_TEST_CASE(a_variant_in_a_sync_that_comes_first_is_seen_at_once) {
  save(in_v1, 3, {"plain"}, 0, "Mark");
  BOOST_TEST(ids_in("model=Mark&variant=v1") == "plain ");
  BOOST_REQUIRE_EQUAL(ask("POST", "/sync/auto-orders/variant/v1", ids()).status, 200);
  save(begin_run("auto-orders", "v1"), 1, {"auto"}, 0, "Mark");
  BOOST_TEST(ids_in("model=Mark&variant=v1") == "auto ");
  BOOST_REQUIRE_EQUAL(ask("DELETE", "/sync/auto-orders/variant/v1", ids()).status, 200);
  BOOST_TEST(ids_in("model=Mark&variant=v1") == "plain ");
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_made_again_is_seen_at_once) {
  BOOST_TEST(ids_in("model=Order") == "b1 b2 ");
  BOOST_REQUIRE_EQUAL(ask("DELETE", "/connections/c1?provider_config_key=orders").status, 200);
  BOOST_TEST(read("model=Order").body()["error"]["code"] == "unknown_connection");
  import("c1");
  BOOST_TEST(ids_in("model=Order") == "");
  save(begin_run("orders", "base"), 1, {"new"});
  BOOST_TEST(ids_in("model=Order") == "new ");
}

BOOST_AUTO_TEST_SUITE_END()
