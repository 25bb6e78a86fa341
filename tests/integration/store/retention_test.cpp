#include "store/retention.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using test::code;
using test::must;

namespace {

struct fixture : test::store_fixture {
  retention old{db};
  variant_entry eu = add("eu");
  run_ticket ticket = begin(eu);
  uint64_t batch = 0;

  void save(const std::vector<saved_record>& all) {
    must(cache.save(ticket, ++batch, "Order", all));
  }

  std::string pruned_ids() {
    std::string result;
    for (auto& x : read_all(eu))
      if (x.meta.pruned_at)
        result += x.id + ' ';
    return result;
  }

  record_place place_of(const std::string& id) {
    return must(reader.find(ref_of(eu), "Order", {id})).records.front().meta.place;
  }

  int64_t bytes() {
    auto head = "v:{14/orders}:" + eu.id;
    return number_of(**db.run({"HGET", head, "b:Order"}));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(retention_test, fixture)

BOOST_AUTO_TEST_CASE(payloads_go_up_to_and_including_a_place) {
  save({{"1", R"({"a":1})"}, {"2", R"({"a":2})"}, {"3", R"({"a":3})"}});
  auto before = read_all(eu);
  auto done = must(old.prune(ref_of(eu), "Order", place_of("2"), 1000));
  BOOST_TEST(done.pruned == 2u);
  BOOST_TEST(!done.has_more);
  BOOST_TEST(pruned_ids() == "1 2 ");
  auto after = read_all(eu);
  BOOST_TEST(after[0].payload == "");
  BOOST_TEST(after[0].cursor() == before[0].cursor());
  BOOST_TEST(after[0].meta.first_seen_at == before[0].meta.first_seen_at);
  BOOST_TEST(after[2].payload == R"({"a":3})");
  BOOST_TEST(state_of(eu).record_count["Order"] == 3);
  BOOST_TEST(bytes() == 7);
}

BOOST_AUTO_TEST_CASE(a_limit_leaves_the_rest_for_the_next_call) {
  save({{"1", "{}"}, {"2", "{}"}, {"3", "{}"}});
  auto until = place_of("3");
  auto first = must(old.prune(ref_of(eu), "Order", until, 2));
  BOOST_TEST(first.pruned == 2u);
  BOOST_TEST(first.has_more);
  auto second = must(old.prune(ref_of(eu), "Order", until, 2));
  BOOST_TEST(second.pruned == 1u);
  BOOST_TEST(!second.has_more);
  BOOST_TEST(must(old.prune(ref_of(eu), "Order", until, 2)).pruned == 0u);
}

BOOST_AUTO_TEST_CASE(a_limit_that_is_just_met_leaves_nothing) {
  save({{"1", "{}"}, {"2", "{}"}});
  BOOST_TEST(!must(old.prune(ref_of(eu), "Order", place_of("2"), 2)).has_more);
}

BOOST_AUTO_TEST_CASE(deleted_records_are_pruned_and_keep_the_time_of_their_deletion) {
  save({{"1", R"({"a":1})"}});
  must(cache.remove(ticket, ++batch, "Order", {{"1", "{}", 1234567890123}}));
  must(old.prune(ref_of(eu), "Order", place_of("1"), 1000));
  auto record = read_all(eu).front();
  BOOST_TEST(record.payload == "");
  BOOST_TEST((record.meta.deleted_at == 1234567890123));
}

BOOST_AUTO_TEST_CASE(a_record_that_got_its_payload_back_can_be_pruned_again) {
  save({{"1", R"({"a":1})"}, {"2", R"({"a":2})"}});
  auto until = place_of("2");
  must(old.prune(ref_of(eu), "Order", until, 1000));
  save({{"1", R"({"a":1})"}});
  BOOST_TEST(pruned_ids() == "2 ");
  BOOST_TEST(must(old.prune(ref_of(eu), "Order", until, 1000)).pruned == 1u);
  BOOST_TEST(pruned_ids() == "1 2 ");
}

BOOST_AUTO_TEST_CASE(many_records_are_pruned_in_steps) {
  for (auto n = 0; n < 5; ++n) {
    std::vector<saved_record> many;
    for (auto i = 0; i < 1000; ++i)
      many.push_back({std::to_string(n * 1000 + i), "{}"});
    save(many);
  }
  auto until = must(reader.newest(ref_of(eu), "Order"));
  size_t pruned = 0, steps = 0;
  for (auto more = true; more; ++steps) {
    auto done = must(old.prune(ref_of(eu), "Order", until, 100000));
    pruned += done.pruned;
    more = done.has_more;
  }
  BOOST_TEST(pruned == 5000u);
  BOOST_TEST(steps > 1u);
  BOOST_TEST(bytes() == 0);
}

BOOST_AUTO_TEST_CASE(nothing_of_a_variant_that_is_gone_comes_back_by_pruning) {
  save({{"1", "{}"}});
  must(registry.remove(epoch, eu.key));
  BOOST_TEST((code(old.prune(ref_of(eu), "Order", 1, 1000)) == errc::not_found));
  BOOST_TEST(must(old.purge(ref_of(eu), 9999999999999)) == 0);
  BOOST_TEST(keys_of(eu) == 0u);
}

BOOST_AUTO_TEST_CASE(idle_variants_are_purged_and_busy_ones_are_not) {
  save({{"1", "{}"}, {"2", "{}"}});
  auto later = now_ms() + 3600000;
  BOOST_TEST(must(old.purge(ref_of(eu), later)) == 0);
  must(all_runs.end(ticket, {}));
  BOOST_TEST(must(old.purge(ref_of(eu), state_of(eu).finished_at)) == 0);
  BOOST_TEST(must(old.purge(ref_of(eu), later)) == 2);
  BOOST_TEST(read_all(eu).empty());
  BOOST_TEST(state_of(eu).record_count["Order"] == 0);
  BOOST_TEST(must(old.purge(ref_of(add("us")), later)) == 0);
}

BOOST_AUTO_TEST_CASE(models_are_named) {
  save({{"1", "{}"}});
  must(cache.save(ticket, ++batch, "Item", {{"1", "{}"}}));
  auto models = must(old.models_of(ref_of(eu)));
  std::sort(models.begin(), models.end());
  BOOST_TEST((models == std::vector<std::string>{"Item", "Order"}));
}

BOOST_AUTO_TEST_SUITE_END()
