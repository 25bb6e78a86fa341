#include "store/records.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <thread>

using namespace varia;
using test::code;

namespace {

struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  run_ticket ticket = begin(eu);
  uint64_t batch = 0;

  void save(const std::vector<saved_record>& all) {
    BOOST_TEST_REQUIRE(!!cache.save(ticket, ++batch, "Order", all));
  }

  void remove(const std::vector<std::string>& ids) {
    std::vector<removed_record> all;
    for (auto& id : ids)
      all.push_back({id, "{}", {}});
    BOOST_TEST_REQUIRE(!!cache.remove(ticket, ++batch, "Order", all));
  }

  record_page page(record_query query) {
    query.model = "Order";
    auto result = reader.page(ref_of(eu), query);
    BOOST_TEST_REQUIRE(!!result);
    return *result;
  }

  std::string ids(const record_query& query) {
    std::string result;
    for (auto& x : page(query).records)
      result += x.id + ' ';
    return result;
  }

  static record_query only(const std::string& actions) {
    record_query result;
    result.added = actions.find('a') != std::string::npos;
    result.updated = actions.find('u') != std::string::npos;
    result.deleted = actions.find('d') != std::string::npos;
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_pages_test, fixture)

BOOST_AUTO_TEST_CASE(an_unknown_model_has_no_records) {
  auto empty = page({});
  BOOST_TEST(empty.records.empty());
  BOOST_TEST(empty.next_cursor == "");
}

BOOST_AUTO_TEST_CASE(pages_follow_the_change_order) {
  save({{"1", "{}"}, {"2", "{}"}, {"3", "{}"}});
  save({{"1", R"({"a":1})"}});
  BOOST_TEST(ids({}) == "2 3 1 ");
  record_query query;
  query.limit = 2;
  auto first = page(query);
  BOOST_TEST(first.records.size() == 2u);
  BOOST_TEST(first.next_cursor == first.records.back().cursor());
  query.cursor = first.next_cursor;
  auto second = page(query);
  BOOST_TEST(second.records.size() == 1u);
  BOOST_TEST(second.next_cursor == "");
  query.cursor = second.records.back().cursor();
  BOOST_TEST(page(query).records.empty());
}

BOOST_AUTO_TEST_CASE(a_full_last_page_has_no_next_one) {
  save({{"1", "{}"}, {"2", "{}"}});
  record_query query;
  query.limit = 2;
  BOOST_TEST(page(query).next_cursor == "");
}

BOOST_AUTO_TEST_CASE(the_cursor_of_any_record_is_valid) {
  save({{"1", "{}"}, {"2", "{}"}, {"3", "{}"}});
  record_query query;
  query.cursor = page({}).records.front().cursor();
  BOOST_TEST(ids(query) == "2 3 ");
}

BOOST_AUTO_TEST_CASE(foreign_cursors_are_refused) {
  for (auto cursor : {"zzz", "MTox", "1700000000000-0", "!", "MTo1LTA="}) {
    record_query query;
    query.model = "Order";
    query.cursor = cursor;
    BOOST_TEST((code(reader.page(ref_of(eu), query)) == errc::invalid), cursor);
  }
}

BOOST_AUTO_TEST_CASE(filters_are_a_union) {
  save({{"add", "{}"}, {"upd", "{}"}, {"del", "{}"}});
  save({{"upd", R"({"a":1})"}});
  remove({"del"});
  BOOST_TEST(ids({}) == "add upd del ");
  BOOST_TEST(ids(only("a")) == "add ");
  BOOST_TEST(ids(only("u")) == "upd ");
  BOOST_TEST(ids(only("d")) == "del ");
  BOOST_TEST(ids(only("au")) == "add upd ");
  BOOST_TEST(ids(only("ud")) == "upd del ");
  BOOST_TEST(ids(only("ad")) == "add del ");
  BOOST_TEST(ids(only("")) == "");
}

BOOST_AUTO_TEST_CASE(a_filtered_page_knows_whether_another_match_follows) {
  save({{"1", "{}"}, {"2", "{}"}, {"3", "{}"}});
  save({{"1", R"({"a":1})"}});
  auto query = only("a");
  query.limit = 2;
  BOOST_TEST(page(query).next_cursor == "");
  query.limit = 1;
  BOOST_TEST(page(query).next_cursor != "");
}

BOOST_AUTO_TEST_CASE(modified_after_includes_its_moment) {
  save({{"1", "{}"}});
  std::this_thread::sleep_for(milliseconds{3});
  save({{"2", "{}"}});
  auto moment = page({}).records.back().last_modified_at();
  record_query query;
  query.modified_after = moment;
  BOOST_TEST(ids(query) == "2 ");
  query.modified_after = moment + 1;
  BOOST_TEST(ids(query) == "");
  query.modified_after = 0;
  BOOST_TEST(ids(query) == "1 2 ");
}

BOOST_AUTO_TEST_CASE(of_cursor_and_modified_after_the_later_counts) {
  save({{"1", "{}"}});
  std::this_thread::sleep_for(milliseconds{3});
  save({{"2", "{}"}, {"3", "{}"}});
  auto all = page({}).records;
  record_query query;
  query.cursor = all[0].cursor();
  query.modified_after = 1;
  BOOST_TEST(ids(query) == "2 3 ");
  query.modified_after = all[1].last_modified_at();
  BOOST_TEST(ids(query) == "2 3 ");
  query.modified_after = all[2].last_modified_at() + 1;
  BOOST_TEST(ids(query) == "");
}

BOOST_AUTO_TEST_CASE(ids_are_answered_in_change_order) {
  save({{"1", "{}"}, {"2", "{}"}, {"3", "{}"}});
  save({{"1", R"({"a":1})"}});
  remove({"3"});
  record_query query;
  query.ids = {"3", "1", "2", "1", "unknown"};
  BOOST_TEST(ids(query) == "2 1 3 ");
  query.updated = false;
  BOOST_TEST(ids(query) == "2 3 ");
  query.limit = 1;
  auto first = page(query);
  BOOST_TEST(first.records.size() == 1u);
  query.cursor = first.next_cursor;
  BOOST_TEST(ids(query) == "3 ");
}

BOOST_AUTO_TEST_CASE(walks_past_many_changes_that_nobody_wants) {
  for (auto n = 0; n < 12; ++n) {
    std::vector<saved_record> many;
    for (auto i = 0; i < 1000; ++i)
      many.push_back({std::to_string(n * 1000 + i), "{}"});
    save(many);
  }
  save({{"7", R"({"a":1})"}});
  BOOST_TEST(ids(only("u")) == "7 ");
  auto query = only("a");
  query.limit = 10000;
  auto large = page(query);
  BOOST_TEST(large.records.size() == 10000u);
  query.cursor = large.next_cursor;
  BOOST_TEST(page(query).records.size() == 1999u);
}

BOOST_AUTO_TEST_CASE(a_page_of_large_records_ends_early_and_goes_on) {
  auto large = R"({"a":")" + std::string(900 * 1024, 'x') + R"("})";
  for (auto i = 0; i < 20; ++i)
    save({{std::to_string(i), large}});
  record_query query;
  auto first = page(query);
  BOOST_TEST(first.records.size() < 20u);
  BOOST_TEST_REQUIRE(first.next_cursor != "");
  query.cursor = first.next_cursor;
  BOOST_TEST(first.records.size() + page(query).records.size() == 20u);
}

BOOST_AUTO_TEST_CASE(the_order_has_one_entry_per_record) {
  for (auto i = 0; i < 10; ++i)
    save({{"1", R"({"a":)" + std::to_string(i) + "}"}, {"2", "{}"}});
  auto order = "v:{14/orders}:" + eu.id + ":order:Order";
  BOOST_TEST(number_of(**db.run({"ZCARD", order})) == 2);
}

// A reader who follows the cursor while everything changes ends up with what the store has.
BOOST_AUTO_TEST_CASE(a_reader_with_a_cursor_misses_nothing) {
  auto seed = std::random_device{}();
  BOOST_TEST_CONTEXT("seed " << seed) {
    std::mt19937 chance{seed};
    auto roll = [&](unsigned below) { return chance() % below; };
    std::map<std::string, std::string> truth, seen;
    std::string cursor;
    auto read_one_page = [&] {
      record_query query;
      query.cursor = cursor;
      query.limit = 1 + roll(7);
      auto next = page(query);
      for (auto& x : next.records) {
        if (x.meta.action == last_action::deleted)
          seen.erase(x.id);
        else
          seen[x.id] = x.payload;
        cursor = x.cursor();
      }
      return !next.records.empty();
    };
    for (auto step = 0; step < 600; ++step) {
      std::vector<saved_record> saved;
      std::vector<std::string> removed;
      for (auto n = roll(5); n > 0; --n) {
        auto id = std::to_string(roll(30));
        saved.push_back({id, R"({"v":)" + std::to_string(roll(3)) + "}"});
        removed.push_back(std::to_string(roll(30)));
      }
      if (roll(3) != 0) {
        save(saved);
        for (auto x = saved.rbegin(); x != saved.rend(); ++x)
          truth[x->id] = x->payload;
      } else {
        remove(removed);
        for (auto& id : removed)
          truth.erase(id);
      }
      if (roll(2) == 0)
        read_one_page();
    }
    while (read_one_page()) {
    }
    BOOST_TEST((seen == truth));
    BOOST_TEST(state_of(eu).record_count["Order"] == static_cast<int64_t>(truth.size()));
  }
}

BOOST_AUTO_TEST_CASE(a_reader_beside_a_writer_misses_nothing) {
  std::thread writer{[this] {
    auto own = server.connect();
    records mine{own};
    for (uint64_t n = 1; n <= 300; ++n)
      if (!mine.save(ticket, n, "Order",
                     {{std::to_string(n), "{}"}, {"hot", R"({"n":)" + std::to_string(n) + "}"}}))
        return;
  }};
  std::map<std::string, std::string> seen;
  record_query query;
  query.limit = 7;
  while (seen.size() < 301 || seen["hot"] != R"({"n":300})")
    for (auto& x : page(query).records) {
      seen[x.id] = x.payload;
      query.cursor = x.cursor();
    }
  writer.join();
  BOOST_TEST(seen.size() == 301u);
}

BOOST_AUTO_TEST_SUITE_END()
