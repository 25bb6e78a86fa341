#include "store/deletions.hpp"
#include "store/records.hpp"
#include "store/retention.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using test::code;
using test::must;

namespace {

struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  token owner = own(eu);
  run_ticket ticket = begin(eu, owner).ticket;
  uint64_t batch = 0;

  commit_result save(const std::vector<saved_record>& all, const write_rules& rules = {}) {
    return must(cache.save(ticket, ++batch, "Order", all, rules));
  }

  commit_result patch(const std::vector<saved_record>& patches, const write_rules& rules = {}) {
    auto merged = must(cache.merge(ref_of(eu), "Order", patches));
    BOOST_TEST(merged.taken == patches.size());
    return must(cache.update(ticket, ++batch, "Order", merged.records, rules));
  }

  void next_run() {
    must(all_runs.end(ticket, {}));
    ticket = begin(eu, owner).ticket;
    batch = 0;
  }

  stored_record read(const std::string& id) {
    return must(reader.find(ref_of(eu), "Order", {id})).records.front();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_merges_test, fixture)

BOOST_AUTO_TEST_CASE(objects_are_merged_deeply_and_lists_are_replaced) {
  save({{"1", R"({"id":"1","a":{"x":1,"y":{"z":1.0}},"l":[1,2],"k":true})"}});
  BOOST_TEST(patch({{"1", R"({"id":"1","a":{"y":{"w":2}},"l":[3]})"}}).updated == 1);
  BOOST_TEST(read("1").payload == R"({"id":"1","a":{"x":1,"y":{"z":1.0,"w":2}},"l":[3],"k":true})");
  BOOST_TEST((read("1").meta.action == last_action::updated));
}

BOOST_AUTO_TEST_CASE(unknown_and_deleted_records_are_passed_over) {
  save({{"1", "{}"}});
  must(cache.remove(ticket, ++batch, "Order", {{"1", "{}", {}}}));
  auto merged = must(cache.merge(ref_of(eu), "Order", {{"1", R"({"a":1})"}, {"2", "{}"}}));
  BOOST_TEST(merged.taken == 2u);
  BOOST_TEST(merged.records.empty());
}

BOOST_AUTO_TEST_CASE(a_patch_that_changes_nothing_is_unchanged) {
  save({{"1", R"({"a":1,"b":2})"}});
  auto before = read("1").cursor();
  BOOST_TEST(patch({{"1", R"({"b":2})"}}).unchanged == 1);
  BOOST_TEST(read("1").cursor() == before);
}

// Were the hash that of the patch, the next full save would always look like a change.
BOOST_AUTO_TEST_CASE(the_whole_record_saved_after_its_patch_is_unchanged) {
  save({{"1", R"({"a":1,"b":{"c":1}})"}});
  patch({{"1", R"({"b":{"d":2}})"}});
  BOOST_TEST(save({{"1", R"({"a":1,"b":{"c":1,"d":2}})"}}).unchanged == 1);
}

BOOST_AUTO_TEST_CASE(a_pruned_record_is_merged_with_nothing) {
  save({{"1", R"({"a":1})"}});
  must(retention{db}.prune(ref_of(eu), "Order", read("1").meta.place, 10));
  BOOST_TEST(patch({{"1", R"({"b":2})"}}).updated == 1);
  BOOST_TEST(read("1").payload == R"({"b":2})");
  BOOST_TEST(!read("1").meta.pruned_at.has_value());
}

BOOST_AUTO_TEST_CASE(a_record_that_changed_after_it_was_read_is_not_overwritten) {
  save({{"1", R"({"a":1})"}, {"2", R"({"a":2})"}});
  auto merged = must(cache.merge(ref_of(eu), "Order", {{"2", R"({"b":1})"}, {"1", R"({"b":1})"}}));
  save({{"1", R"({"a":3})"}});
  auto done = cache.update(ticket, ++batch, "Order", merged.records);
  BOOST_TEST((code(done) == errc::conflict));
  BOOST_TEST(read("1").payload == R"({"a":3})");
  BOOST_TEST(read("2").payload == R"({"a":2})");
}

BOOST_AUTO_TEST_CASE(a_repeated_update_has_its_first_answer) {
  save({{"1", R"({"a":1})"}});
  auto merged = must(cache.merge(ref_of(eu), "Order", {{"1", R"({"b":1})"}}));
  must(cache.update(ticket, 7, "Order", merged.records));
  BOOST_TEST(must(cache.update(ticket, 7, "Order", merged.records)).updated == 1);
  BOOST_TEST(state_of(eu).result["Order"].updated == 1);
}

BOOST_AUTO_TEST_CASE(large_records_are_merged_a_few_at_a_time) {
  auto large = R"({"a":")" + std::string(9 * 1024 * 1024, 'x') + R"("})";
  save({{"1", large}});
  save({{"2", large}});
  auto merged = must(cache.merge(ref_of(eu), "Order", {{"1", "{}"}, {"2", "{}"}}));
  BOOST_TEST(merged.taken == 1u);
}

BOOST_AUTO_TEST_CASE(what_another_run_changed_after_a_place_is_left_alone) {
  save({{"1", R"({"a":1})"}, {"2", R"({"a":1})"}});
  auto before = read("1").meta.place;
  next_run();
  write_rules respectful{true, before};
  auto done = save({{"1", R"({"a":2})"}, {"2", R"({"a":2})"}, {"3", "{}"}}, respectful);
  BOOST_TEST(done.updated == 1);
  BOOST_TEST(done.ignored == 1);
  BOOST_TEST(done.added == 1);
  BOOST_TEST(read("1").payload == R"({"a":2})");
  BOOST_TEST(read("2").payload == R"({"a":1})");
  BOOST_TEST(patch({{"2", R"({"b":1})"}}, respectful).ignored == 1);
  BOOST_TEST(read("2").payload == R"({"a":1})");
}

BOOST_AUTO_TEST_CASE(what_the_run_itself_changed_it_may_change_again) {
  save({{"1", R"({"a":1})"}});
  next_run();
  write_rules from_here{false, read("1").meta.place};
  BOOST_TEST(save({{"1", R"({"a":2})"}}, from_here).updated == 1);
  BOOST_TEST(save({{"1", R"({"a":3})"}}, from_here).updated == 1);
  BOOST_TEST(patch({{"1", R"({"b":3})"}}, from_here).updated == 1);
  BOOST_TEST(read("1").payload == R"({"a":3,"b":3})");
}

BOOST_AUTO_TEST_CASE(what_is_left_alone_still_counts_as_seen) {
  save({{"1", R"({"a":1})"}});
  next_run();
  save({{"1", R"({"a":2})"}}, {true, record_place{0}});
  auto found = must(deletions{db}.find_unseen(ref_of(eu), "Order", ticket.run));
  BOOST_TEST(found.ids.empty());
}

BOOST_AUTO_TEST_SUITE_END()
