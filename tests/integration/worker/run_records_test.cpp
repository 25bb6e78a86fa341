#include "store/deletions.hpp"
#include "store/keys.hpp"
#include "tests/integration/store/store_fixture.hpp"
#include "worker/run_records.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using test::code;
using test::must;

namespace {

struct fixture : test::store_fixture {
  redis_pool stores{{server.url(), milliseconds{2000}}};
  variant_entry eu = add("eu");
  token owner = own(eu);
  run_ticket ticket;

  run_records run(uint32_t deletions_max_percent = 100, bool marks_seen = true) {
    if (ticket.run != 0)
      must(all_runs.end(ticket, {}));
    ticket = begin(eu, owner).ticket;
    return {stores, {ticket, marks_seen, deletions_max_percent, [] { return false; }, {}}};
  }

  static std::vector<saved_record> numbered(int count, size_t bytes = 0) {
    std::vector<saved_record> result;
    for (auto i = 0; i < count; ++i)
      result.push_back({std::to_string(i), R"({"x":")" + std::string(bytes, 'x') + R"("})"});
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(run_records_test, fixture)

BOOST_AUTO_TEST_CASE(what_is_too_much_for_a_commit_is_split) {
  auto mine = run();
  BOOST_TEST(must(mine.save("Order", numbered(2500))).added == 2500);
  BOOST_TEST(must(mine.save("Order", numbered(5, 400 * 1024))).updated == 5);
  BOOST_TEST(must(mine.save("Order", numbered(2, 2 * 1024 * 1024))).updated == 2);
  BOOST_TEST(must(mine.save("Order", {})).added == 0);
}

BOOST_AUTO_TEST_CASE(the_last_commit_of_a_split_save_has_the_checkpoint) {
  auto mine = run();
  must(mine.save("Order", numbered(2500), R"({"page":1})"));
  BOOST_TEST((must(mine.load_checkpoint()) == R"({"page":1})"));
  must(mine.save("Order", {}, R"({"page":2})"));
  must(mine.save("Order", numbered(1), R"({"page":3})"));
  must(mine.save_checkpoint(R"({"page":4})"));
  BOOST_TEST(state_of(eu).checkpoint == R"({"page":4})");
}

BOOST_AUTO_TEST_CASE(a_store_that_has_lost_a_batch_gets_no_more) {
  auto mine = run();
  must(mine.save("Order", numbered(2500)));
  BOOST_TEST(mine.answered() == 3u);
  must(db.run({"HSET", keys::head(ref_of(eu)), "batch", "2"}));
  BOOST_TEST((code(mine.save("Order", numbered(1))) == errc::cancelled));
}

BOOST_AUTO_TEST_CASE(waits_for_a_redis_that_cannot_write_and_saves_once) {
  auto mine = run();
  must(db.run({"CONFIG", "SET", "maxmemory", "1"}));
  std::thread mending{[this] {
    std::this_thread::sleep_for(milliseconds{300});
    must(server.connect().run({"CONFIG", "SET", "maxmemory", "0"}));
  }};
  auto saved = mine.save("Order", numbered(3));
  mending.join();
  BOOST_TEST(must(std::move(saved)).added == 3);
  BOOST_TEST(mine.answered() == 1u);
}

BOOST_AUTO_TEST_CASE(patches_are_merged_however_many_there_are) {
  auto mine = run();
  must(mine.save("Order", numbered(1500, 1000)));
  auto patches = numbered(1600);
  for (auto& x : patches)
    x.payload = R"({"y":1})";
  auto done = must(mine.update("Order", patches));
  BOOST_TEST(done.updated == 1500);
  BOOST_TEST(done.ignored == 100);
  auto found = must(mine.find("Order", {"7"}));
  BOOST_TEST(found.records.front().payload == R"({"x":")" + std::string(1000, 'x') + R"(","y":1})");
}

BOOST_AUTO_TEST_CASE(a_list_ends_where_it_ended_when_it_began) {
  auto mine = run();
  must(mine.save("Order", numbered(150)));
  auto until = must(mine.newest("Order"));
  auto first = must(mine.list("Order", {}, until));
  BOOST_TEST(first.records.size() == 100u);
  must(mine.save("Order", {{"0", R"({"new":true})"}, {"another", "{}"}}));
  auto second = must(mine.list("Order", first.next_cursor, until));
  BOOST_TEST(second.records.size() == 50u);
  BOOST_TEST(second.next_cursor == "");
}

BOOST_AUTO_TEST_CASE(a_strategy_is_chosen_once_for_a_model) {
  auto mine = run();
  BOOST_TEST(must(mine.choose_strategy("Order", true)));
  BOOST_TEST(!must(mine.choose_strategy("Order", false)));
  BOOST_TEST(must(mine.choose_strategy("Item", false)));
}

BOOST_AUTO_TEST_CASE(the_strategy_respects_what_others_changed_in_this_variant) {
  auto mine = run();
  BOOST_TEST(must(mine.choose_strategy("Order", true)));
  // The number of another run, as if a handler had written beside this one.
  auto other = ticket;
  auto head = "v:{14/orders}:" + eu.id;
  other.run = 77;
  BOOST_TEST_REQUIRE(!!db.run({"HSET", head, "run", "77"}));
  must(cache.save(other, 900, "Order", {{"1", R"({"by":"other"})"}}));
  BOOST_TEST_REQUIRE(
    !!db.run({"HSET", head, "run", std::to_string(ticket.run), "batch", "0", "answer", ""}));
  auto done = must(mine.save("Order", {{"1", R"({"by":"me"})"}, {"2", R"({"by":"me"})"}}));
  BOOST_TEST(done.ignored == 1);
  BOOST_TEST(done.added == 1);
  BOOST_TEST(read_all(eu).front().payload == R"({"by":"other"})");
}

BOOST_AUTO_TEST_CASE(what_was_not_seen_since_tracking_began_is_deleted) {
  auto first = run();
  must(first.save("Order", numbered(2500)));
  auto second = run();
  must(second.start_tracking("Order"));
  must(second.save("Order", numbered(100)));
  auto third = run();
  must(third.start_tracking("Order"));
  must(third.save("Order", numbered(200)));
  BOOST_TEST(must(third.end_tracking("Order")).size() == 2300u);
  BOOST_TEST(state_of(eu).record_count["Order"] == 200);
  BOOST_TEST((code(third.end_tracking("Order")) == errc::invalid));
}

BOOST_AUTO_TEST_CASE(a_run_that_marks_nothing_may_not_ask_what_it_has_not_seen) {
  must(run().save("Order", numbered(3)));
  auto blind = run(100, false);
  must(blind.save("Order", numbered(3)));
  BOOST_TEST((code(blind.start_tracking("Order")) == errc::invalid));
  BOOST_TEST((code(blind.delete_unseen("Order")) == errc::invalid));
  BOOST_TEST(state_of(eu).record_count["Order"] == 3);
}

BOOST_AUTO_TEST_CASE(the_guard_refuses_to_delete_more_than_its_share) {
  must(run().save("Order", numbered(10)));
  auto mine = run(50);
  must(mine.start_tracking("Order"));
  must(mine.save("Order", numbered(4)));
  BOOST_TEST((code(mine.end_tracking("Order")) == errc::full));
  BOOST_TEST(state_of(eu).record_count["Order"] == 10);
  must(mine.save("Order", numbered(5)));
  BOOST_TEST(must(mine.end_tracking("Order")).size() == 5u);
  BOOST_TEST(state_of(eu).record_count["Order"] == 5);
}

BOOST_AUTO_TEST_CASE(an_empty_cache_passes_the_guard) {
  auto mine = run(1);
  BOOST_TEST(must(mine.delete_unseen("Order")).empty());
}

// Whatever the time between two runs, nothing that tracking needs may expire.
BOOST_AUTO_TEST_CASE(nothing_that_tracking_needs_expires) {
  auto mine = run();
  must(mine.save("Order", numbered(3)));
  must(mine.start_tracking("Order"));
  auto pattern = "v:{14/orders}*";
  auto keys = db.run({"KEYS", pattern});
  BOOST_TEST_REQUIRE(!!keys);
  for (size_t i = 0; i < (*keys)->elements; ++i) {
    auto key = text_of(*(*keys)->element[i]);
    BOOST_TEST(number_of(**db.run({"PTTL", key})) == -1, key);
  }
}

BOOST_AUTO_TEST_CASE(a_store_that_comes_back_is_asked_again) {
  auto mine = run();
  must(mine.save_checkpoint(R"({"page":1})"));
  std::thread other{[this] {
    auto own_link = server.connect();
    own_link.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  }};
  for (auto i = 0; i < 50; ++i)
    must(mine.save("Order", numbered(20)));
  other.join();
  BOOST_TEST((must(mine.load_checkpoint()) == R"({"page":1})"));
  db = server.connect();
  BOOST_TEST(state_of(eu).record_count["Order"] == 20);
}

BOOST_AUTO_TEST_SUITE_END()
