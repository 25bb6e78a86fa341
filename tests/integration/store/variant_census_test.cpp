#include "store/variant_census.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : store_fixture {
  void add_to(connection_number connection, const std::string& name, const std::string& variant) {
    BOOST_REQUIRE(registry.add(epoch, {{connection, name}, variant}, false, 100));
  }

  std::string names(const census_query& query) {
    auto found = count_variants(db, query);
    BOOST_REQUIRE(found);
    std::string result;
    for (auto& each : found->variants)
      result += to_string(each.entry.key) + " ";
    return result + (found->truncated ? "..." : "");
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(variant_census_test, fixture)

BOOST_AUTO_TEST_CASE(reads_connection_by_connection_with_base_first) {
  for (auto name : {"eu", "base", "asia"})
    add_to(14, "orders", name);
  add_to(14, "items", "base");
  add_to(2, "orders", "base");
  add_to(140, "orders", "base");
  BOOST_TEST(names({{14, 2}, {}, 100})
             == "14/items::base 14/orders::base 14/orders::asia 14/orders::eu 2/orders::base ");
  BOOST_TEST(names({{14, 140}, "orders", 100})
             == "14/orders::base 14/orders::asia 14/orders::eu 140/orders::base ");
  BOOST_TEST(names({{99}, {}, 100}) == "");
  BOOST_TEST(names({{}, {}, 100}) == "");
}

BOOST_AUTO_TEST_CASE(says_when_there_are_more) {
  for (auto name : {"base", "a", "b"})
    add_to(14, "orders", name);
  BOOST_TEST(names({{14}, {}, 3}) == "14/orders::base 14/orders::a 14/orders::b ");
  BOOST_TEST(names({{14}, {}, 2}) == "14/orders::base 14/orders::a ...");
}

BOOST_AUTO_TEST_CASE(reads_more_than_one_step_takes) {
  for (auto i = 0; i < 90; ++i)
    for (connection_number connection = 1; connection <= 7; ++connection)
      add_to(connection, "orders", "v" + std::to_string(i));
  auto found = count_variants(db, {{1, 2, 3, 4, 5, 6, 7}, {}, 10'000});
  BOOST_REQUIRE(found);
  BOOST_TEST(found->variants.size() == 630U);
}

BOOST_AUTO_TEST_CASE(tells_of_the_last_runs_of_each) {
  auto entry = add("eu");
  auto owner = own(entry);
  for (auto how : {run_outcome::success, run_outcome::failed}) {
    auto ticket = begin(entry, owner).ticket;
    BOOST_REQUIRE(cache.save(ticket, 1, "Order", {{"a", R"({"id":"a"})"}}));
    BOOST_REQUIRE(all_runs.end(ticket, {how, how == run_outcome::failed ? "{}" : ""}));
  }
  auto found = count_variants(db, {{14}, {}, 100});
  BOOST_REQUIRE(found && found->variants.size() == 1U);
  auto& state = found->variants.front().state;
  BOOST_REQUIRE(state.recent.size() == 2U);
  BOOST_TEST((state.recent[0].outcome == run_outcome::success));
  BOOST_TEST(state.recent[0].changed == 1);
  BOOST_TEST((state.recent[1].outcome == run_outcome::failed));
  BOOST_TEST(state.recent[1].changed == 0);
  BOOST_TEST(state.recent[1].took.count() >= 0);
  BOOST_TEST(state.record_bytes["Order"] == 10);
}

BOOST_AUTO_TEST_SUITE_END()
