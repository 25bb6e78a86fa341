#include "store/record_follower.hpp"
#include "store/records.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <thread>

using namespace varia;
using test::code;
using test::must;

namespace {

struct fixture : test::store_fixture {
  record_follower follow(const std::string& name, record_query query = {}) {
    query.model = "Order";
    variant_choice which{sync, name};
    auto question = sources_question(which);
    auto answer = must(db.run(view_of(question)));
    return {which, must(read_sources(which, *answer)), query};
  }

  void save(const run_ticket& ticket, uint64_t batch, const std::vector<std::string>& ids) {
    std::vector<saved_record> all;
    for (auto& id : ids)
      all.push_back({id, "{\"b\":" + std::to_string(batch) + "}"});
    must(cache.save(ticket, batch, "Order", all));
  }

  // The ids of a page, with the variants if they are told; "gone" if there is nothing to follow.
  std::string next(record_follower& x) {
    auto page = must(x.next(db));
    if (!page)
      return "gone";
    std::string result;
    for (auto& each : page->records)
      result += (each.variant.empty() ? "" : each.variant + "/") + each.id + " ";
    return result;
  }

  variant_entry eu = add("eu");
  run_ticket in_eu = begin(eu);
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_follower_test, fixture)

BOOST_AUTO_TEST_CASE(goes_on_where_it_was) {
  record_query query;
  query.limit = 2;
  auto one = follow("eu", query);
  BOOST_TEST(next(one) == "");
  save(in_eu, 1, {"1", "2", "3"});
  BOOST_TEST(next(one) == "1 2 ");
  BOOST_TEST(next(one) == "3 ");
  BOOST_TEST(next(one) == "");
  save(in_eu, 2, {"1"});
  BOOST_TEST(next(one) == "1 ");
}

BOOST_AUTO_TEST_CASE(begins_behind_a_cursor) {
  save(in_eu, 1, {"1", "2", "3"});
  record_query query;
  query.cursor = read_all(eu)[1].cursor();
  auto one = follow("eu", query);
  BOOST_TEST(next(one) == "3 ");
}

BOOST_AUTO_TEST_CASE(does_not_look_again_at_what_nobody_wants) {
  record_query query;
  query.added = false;
  auto one = follow("eu", query);
  save(in_eu, 1, {"1", "2"});
  BOOST_TEST(next(one) == "");
  save(in_eu, 2, {"2"});
  BOOST_TEST(next(one) == "2 ");
  auto all = read_all(eu);
  auto page = must(reader.page(ref_of(eu), query));
  BOOST_TEST(all.size() == 2u);
  BOOST_TEST(page.end == 0u); // Of another model, where nothing is.
  query.model = "Order";
  query.updated = false;
  page = must(reader.page(ref_of(eu), query));
  BOOST_TEST(page.records.empty());
  BOOST_TEST(page.end == all.back().meta.place);
}

BOOST_AUTO_TEST_CASE(ends_with_its_variant) {
  auto one = follow("eu");
  save(in_eu, 1, {"1"});
  must(registry.remove(epoch, eu.key));
  BOOST_TEST(next(one) == "gone");
  eu = add("eu");
  BOOST_TEST(next(one) == "gone");
}

BOOST_AUTO_TEST_CASE(a_variant_that_was_made_again_is_another_one) {
  auto one = follow("eu");
  must(registry.remove(epoch, eu.key));
  eu = add("eu");
  save(begin(eu), 1, {"1"});
  BOOST_TEST(next(one) == "gone");
}

BOOST_AUTO_TEST_CASE(variants_join_in_and_leave_where_all_are_read) {
  auto all = follow(every_variant);
  save(in_eu, 1, {"1"});
  BOOST_TEST(next(all) == "eu/1 ");
  auto us = add("us");
  auto in_us = begin(us);
  save(in_us, 1, {"1"});
  save(in_eu, 2, {"2"});
  save(in_us, 2, {"2"});
  BOOST_TEST(next(all) == "us/1 eu/2 us/2 ");
  must(registry.remove(epoch, us.key));
  save(in_eu, 3, {"3"});
  BOOST_TEST(next(all) == "eu/3 ");
  must(registry.remove(epoch, eu.key));
  BOOST_TEST(next(all) == "gone");
}

BOOST_AUTO_TEST_CASE(refuses_a_foreign_cursor) {
  record_query query;
  query.cursor = "zzz";
  auto one = follow("eu", query);
  BOOST_TEST((code(one.next(db)) == errc::invalid));
}

// Variants are made and write at once, all at the same time, while one reads them all.
BOOST_AUTO_TEST_CASE(misses_nothing_of_variants_that_appear_while_it_reads) {
  constexpr auto variants_each = 30;
  std::atomic<int> writing{2};
  auto write = [&](const std::string& prefix) {
    auto own_db = server.connect();
    variants own_registry{own_db};
    records own_cache{own_db};
    runs own_runs{own_db};
    for (auto i = 0; i < variants_each; ++i) {
      auto entry = must(own_registry.add(epoch, {sync, prefix + std::to_string(i)}, false, 100));
      assignment wish{entry.key, entry.id, {epoch, make_nonce()}, false, entry.created_at, {}};
      must(own_registry.place(epoch, "w", {wish}));
      auto start = must(own_runs.begin(ref_of(entry), wish.owner, {}));
      must(own_cache.save(start.ticket, 1, "Order", {{"only", "{}"}}));
    }
    --writing;
  };
  std::thread first{write, "a"}, second{write, "b"};
  record_query query;
  query.limit = 3;
  auto all = follow(every_variant, query);
  std::map<std::string, int> seen;
  for (auto was_written = false;;) {
    auto page = must(all.next(db));
    BOOST_REQUIRE(page);
    for (auto& x : page->records)
      ++seen[x.variant];
    if (page->records.empty() && was_written)
      break;
    was_written = writing == 0;
  }
  first.join();
  second.join();
  BOOST_TEST(seen.size() == 2u * variants_each);
  for (auto& [variant, times] : seen)
    BOOST_TEST(times == 1, variant);
}

BOOST_AUTO_TEST_SUITE_END()
