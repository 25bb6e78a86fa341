#include "coordinator/registry.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

variant_row row(const std::string& name, const std::string& id, const std::string& worker = {}) {
  variant_row result;
  result.entry.key = {{14, "orders"}, name};
  result.entry.id = id;
  result.placement.worker = worker;
  return result;
}

struct fixture {
  registry variants;
  sync_id orders{14, "orders"};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(registry_test, fixture)

BOOST_AUTO_TEST_CASE(finds_a_variant_by_key_and_by_id) {
  variants.put(row("eu", "1"));
  BOOST_TEST_REQUIRE(variants.find(variant_key{orders, "eu"}) != nullptr);
  BOOST_TEST(variants.find(variant_key{orders, "eu"})->entry.id == "1");
  BOOST_TEST(variants.find("1")->entry.key.name == "eu");
  BOOST_TEST(variants.find(variant_key{orders, "eu-west"}) == nullptr);
}

BOOST_AUTO_TEST_CASE(forgets_the_former_life_of_a_name) {
  variants.put(row("eu", "1"));
  variants.put(row("eu", "2"));
  BOOST_TEST(variants.find("1") == nullptr);
  BOOST_TEST(variants.find(variant_key{orders, "eu"})->entry.id == "2");
  BOOST_TEST(variants.size() == 1u);
}

BOOST_AUTO_TEST_CASE(counts_what_is_paused_and_what_its_largest_sync_has) {
  BOOST_TEST(variants.largest_sync() == 0u);
  for (auto id : {"1", "2", "3"})
    variants.put(row(std::string{"eu"} + id, id));
  variants.put(row(base_variant, "4"));
  BOOST_TEST(variants.largest_sync() == 3u);
  auto entry = variants.find("1")->entry;
  entry.paused = true;
  variants.update(entry, {});
  variants.update(entry, {});
  BOOST_TEST(variants.paused() == 1u);
  auto again = row("eu1", "5");
  again.entry.paused = true;
  variants.put(again);
  variants.put(again);
  BOOST_TEST(variants.paused() == 1u);
  variants.erase("5");
  BOOST_TEST(variants.paused() == 0u);
  BOOST_TEST(variants.largest_sync() == 2u);
}

BOOST_AUTO_TEST_CASE(keeps_the_placement_when_the_entry_changes) {
  variants.put(row("eu", "1", "w1"));
  auto entry = variants.find("1")->entry;
  entry.paused = true;
  variants.update(entry, {60000, {}, 0});
  BOOST_TEST(variants.find("1")->entry.paused);
  BOOST_TEST(variants.find("1")->due.period_ms == 60000u);
  BOOST_TEST(variants.find("1")->placement.worker == "w1");
}

BOOST_AUTO_TEST_CASE(lists_the_syncs_of_one_connection_only) {
  variants.put(row("eu", "1"));
  auto other = row("eu", "2");
  other.entry.key.sync = {15, "orders"};
  variants.put(other);
  auto third = row("eu", "3");
  third.entry.key.sync = {14, "invoices"};
  variants.put(third);
  auto syncs = variants.syncs_of(14);
  BOOST_TEST_REQUIRE(syncs.size() == 2u);
  BOOST_TEST(syncs[0].name == "invoices");
  BOOST_TEST(syncs[1].name == "orders");
}

BOOST_AUTO_TEST_CASE(knows_what_a_worker_owns) {
  variants.put(row("eu", "1", "w1"));
  variants.put(row("us", "2", "w2"));
  BOOST_TEST((variants.owned_by("w1") == std::unordered_set<std::string>{"1"}));
  BOOST_TEST(variants.kin(14, "w1") == 1u);
  variants.place("2", {{1, 1}, "w1"});
  BOOST_TEST(variants.kin(14, "w1") == 2u);
  BOOST_TEST(variants.owned_by("w2").empty());
  variants.place("2", {});
  variants.erase("1");
  BOOST_TEST(variants.kin(14, "w1") == 0u);
  BOOST_TEST(variants.owned_by("w1").empty());
  BOOST_TEST(variants.ids_of(orders).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
