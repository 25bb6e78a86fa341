#include "store/record_pages.hpp"
#include "store/records.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <map>
#include <set>
#include <thread>
#include <utility>

using namespace varia;
using test::must;

namespace {

struct fixture : test::store_fixture {
  static constexpr auto ids = 30;

  // Changes the same records again and again until told to stop, and notes what it wrote last.
  struct writer {
    writer(fixture& x, run_ticket ticket) : x_{x}, ticket_{std::move(ticket)} {
      must(x.cache.save(ticket_, ++batch_, "Order", batch(ids)));
      thread_ = std::thread{[this] { run(); }};
    }

    ~writer() { stop(); }

    void stop() {
      stopping_ = true;
      if (thread_.joinable())
        thread_.join();
    }

    std::map<std::string, std::string> last;

  private:
    std::vector<saved_record> batch(int count) {
      std::vector<saved_record> result;
      for (auto i = 0; i < count; ++i) {
        auto id = std::to_string((static_cast<int>(batch_) * 7 + i) % ids);
        auto payload = "{\"n\":" + std::to_string(batch_) + "}";
        last[id] = payload;
        result.push_back({id, payload});
      }
      return result;
    }

    void run() {
      auto db = x_.server.connect();
      records cache{db};
      while (!stopping_) {
        ++batch_;
        must(cache.save(ticket_, batch_, "Order", batch(5)));
      }
    }

    fixture& x_;
    run_ticket ticket_;
    uint64_t batch_ = 0;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
  };

  record_source source(const std::string& name) {
    entries.push_back(add(name));
    return {ref_of(entries.back()), name};
  }

  std::vector<variant_entry> entries;
  std::vector<record_source> both{source("eu"), source("us")};
  run_ticket in_eu = begin(entries[0]);
  run_ticket in_us = begin(entries[1]);
};

record_query in_pages_of(size_t limit) {
  record_query result;
  result.model = "Order";
  result.limit = limit;
  return result;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_walk_test, fixture)

// Records that move while a page is read must turn up further on, before the reader is told that
// there is no more.
BOOST_AUTO_TEST_CASE(a_whole_reading_lacks_no_record_that_changes_meanwhile) {
  writer eu{*this, in_eu};
  for (auto round = 0; round < 60; ++round) {
    auto query = in_pages_of(static_cast<size_t>(1 + round % 13));
    query.deleted = round % 2 == 0; // The careful way too.
    std::set<std::string> seen;
    do {
      auto page = must(reader.page({both[0]}, query));
      for (auto& x : page.records)
        seen.insert(x.id);
      query.cursor = page.next_cursor;
    } while (!query.cursor.empty());
    BOOST_TEST(seen.size() == static_cast<size_t>(ids));
  }
}

BOOST_AUTO_TEST_CASE(a_cursor_over_several_variants_misses_no_final_state) {
  writer eu{*this, in_eu};
  writer us{*this, in_us};
  std::map<std::string, std::map<std::string, std::string>> seen;
  auto query = in_pages_of(4);
  record_place last = 0;
  auto read_on = [&] {
    auto page = must(reader.page(both, query));
    for (auto& x : page.records) {
      BOOST_TEST_REQUIRE(x.meta.place > last);
      last = x.meta.place;
      seen[x.variant][x.id] = x.payload;
      query.cursor = x.cursor();
    }
    return !page.records.empty() || !page.next_cursor.empty();
  };
  for (auto i = 0; i < 500; ++i)
    read_on();
  eu.stop();
  us.stop();
  while (read_on()) {
  }
  BOOST_TEST((seen["eu"] == eu.last));
  BOOST_TEST((seen["us"] == us.last));
}

BOOST_AUTO_TEST_CASE(meta_and_payload_are_of_one_state) {
  writer eu{*this, in_eu};
  std::map<record_place, std::string> payloads;
  for (auto i = 0; i < 300; ++i) {
    auto page = must(reader.page({both[0]}, in_pages_of(50)));
    for (auto& x : page.records) {
      auto known = payloads.emplace(x.meta.place, x.payload);
      BOOST_TEST(known.first->second == x.payload);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_model_that_is_larger_than_a_page_may_be_is_cut_by_size) {
  auto filler = R"({"a":")" + std::string(1000, 'x') + R"("})";
  for (uint64_t batch = 1; batch <= 4; ++batch)
    for (auto ticket : {&in_eu, &in_us})
      must(cache.save(*ticket, batch, "Order", {{std::to_string(batch), filler}}));
  auto query = in_pages_of(100);
  query.bytes_max = 2500;
  std::string found;
  do {
    auto page = must(reader.page(both, query));
    BOOST_TEST(page.records.size() == 2u);
    for (auto& x : page.records)
      found += x.variant + x.id + " ";
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  BOOST_TEST(found == "eu1 us1 eu2 us2 eu3 us3 eu4 us4 ");
  query.bytes_max = 1;
  BOOST_TEST(must(reader.page(both, query)).records.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_page_ends_where_the_next_one_goes_on) {
  must(cache.save(in_eu, 1, "Order", {{"1", "{}"}, {"2", "{}"}, {"3", "{}"}}));
  auto query = in_pages_of(2);
  BOOST_TEST(must(reader.page(both, in_pages_of(10))).end
             == must(reader.page(both, in_pages_of(10))).records.back().meta.place);
  auto first = must(reader.page(both, query));
  BOOST_TEST(first.end >= first.records.back().meta.place);
  query.cursor = to_cursor(first.end);
  auto second = must(reader.page(both, query));
  BOOST_TEST_REQUIRE(second.records.size() == 1u);
  BOOST_TEST(second.records[0].id == "3");
  query.cursor = to_cursor(second.end);
  auto none = must(reader.page(both, query));
  BOOST_TEST(none.records.empty());
  BOOST_TEST(none.end == second.end);
}

BOOST_AUTO_TEST_CASE(questions_are_answered_with_any_page) {
  must(cache.save(in_eu, 1, "Order", {{"1", "{}"}, {"2", "{}"}}));
  auto some = in_pages_of(1);
  auto none = some;
  none.cursor = to_cursor(must(reader.page(both, in_pages_of(10))).end);
  auto by_id = some;
  by_id.ids = {"2"};
  for (auto& query : {some, none, by_id}) {
    auto answered = must(reader.page(both, query, {{"ECHO", "a"}, {"ECHO", "b"}}));
    BOOST_TEST_REQUIRE(answered.answers.size() == 2u);
    BOOST_TEST(text_of(*answered.answers[0]) == "a");
    BOOST_TEST(text_of(*answered.answers[1]) == "b");
  }
  auto nowhere = must(reader.page({}, some, {{"ECHO", "a"}}));
  BOOST_TEST(nowhere.page.records.empty());
  BOOST_TEST(nowhere.answers.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
