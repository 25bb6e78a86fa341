#include "store/deletions.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace varia;
using test::code;
using test::must;

namespace {

struct fixture : test::store_fixture {
  deletions vanished{db};
  variant_entry eu = add("eu");
  token owner = own(eu);
  run_ticket ticket = begin(eu, owner).ticket;
  uint64_t batch = 0;

  void next_run() {
    must(all_runs.end(ticket, {}));
    ticket = begin(eu, owner).ticket;
    batch = 0;
  }

  void save(const std::vector<std::string>& ids, bool marks_seen = true) {
    std::vector<saved_record> all;
    for (auto& id : ids)
      all.push_back({id, R"({"id":")" + id + R"("})"});
    must(cache.save(ticket, ++batch, "Order", all, {marks_seen, {}}));
  }

  std::string unseen_since(uint64_t run) {
    auto found = must(vanished.find_unseen(ref_of(eu), "Order", run));
    std::sort(found.ids.begin(), found.ids.end());
    std::string result;
    for (auto& id : found.ids)
      result += id + ' ';
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(deletions_test, fixture)

BOOST_AUTO_TEST_CASE(what_a_run_saved_it_has_seen) {
  save({"1", "2", "3"});
  next_run();
  BOOST_TEST(unseen_since(ticket.run) == "1 2 3 ");
  save({"1", "3"});
  BOOST_TEST(unseen_since(ticket.run) == "2 ");
  BOOST_TEST(unseen_since(ticket.run - 1) == "");
}

BOOST_AUTO_TEST_CASE(only_live_records_are_looked_for) {
  save({"1", "2"});
  must(cache.remove(ticket, ++batch, "Order", {{"1", "{}", {}}, {"unknown", "{}", {}}}));
  next_run();
  auto found = must(vanished.find_unseen(ref_of(eu), "Order", ticket.run));
  BOOST_TEST(found.live == 1);
  BOOST_TEST(found.ids.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_unseen_are_deleted_and_keep_their_payload) {
  save({"1", "2", "3"});
  next_run();
  save({"2"});
  auto done = must(cache.remove_unseen(ticket, ++batch, "Order", ticket.run, {"1", "2", "3", "4"}));
  BOOST_TEST(done.deleted == 2);
  auto all = read_all(eu);
  BOOST_TEST(all.size() == 3u);
  BOOST_TEST(all.back().payload == R"({"id":"3"})");
  BOOST_TEST((all.back().meta.action == last_action::deleted));
  BOOST_TEST(state_of(eu).record_count["Order"] == 1);
  BOOST_TEST(state_of(eu).result["Order"].deleted == 2);
}

BOOST_AUTO_TEST_CASE(tracking_spans_runs_however_long_they_are_apart) {
  save({"1", "2", "3"});
  next_run();
  must(vanished.start(ticket, "Order"));
  auto begun = ticket.run;
  save({"1"});
  next_run();
  must(vanished.start(ticket, "Order"));
  save({"2"});
  BOOST_TEST(*must(vanished.started(ref_of(eu), "Order")) == begun);
  BOOST_TEST(unseen_since(begun) == "3 ");
  must(vanished.end(ticket, "Order"));
  must(vanished.end(ticket, "Order"));
  BOOST_TEST(!must(vanished.started(ref_of(eu), "Order")).has_value());
}

BOOST_AUTO_TEST_CASE(models_are_tracked_apart) {
  must(vanished.start(ticket, "Order"));
  BOOST_TEST(!must(vanished.started(ref_of(eu), "Item")).has_value());
}

BOOST_AUTO_TEST_CASE(a_reset_forgets_that_tracking_began) {
  save({"1"});
  must(vanished.start(ticket, "Order"));
  must(registry.want_run(epoch, {sync, "eu"}, {true, false}));
  next_run();
  BOOST_TEST(!must(vanished.started(ref_of(eu), "Order")).has_value());
}

BOOST_AUTO_TEST_CASE(a_stale_owner_tracks_nothing) {
  own(eu, "worker-2");
  BOOST_TEST((code(vanished.start(ticket, "Order")) == errc::fenced));
  BOOST_TEST((code(vanished.end(ticket, "Order")) == errc::fenced));
  auto done = cache.remove_unseen(ticket, 1, "Order", 9, {"1"});
  BOOST_TEST((code(done) == errc::fenced));
}

// A variant must never judge the records of base by what it has seen itself.
BOOST_AUTO_TEST_CASE(what_a_variant_has_not_seen_is_looked_for_in_itself_only) {
  auto base = add("base");
  auto other = begin(base);
  must(cache.save(other, 1, "Order", {{"a", "{}"}, {"b", "{}"}}, {true, {}}));
  save({"1"});
  next_run();
  BOOST_TEST(unseen_since(ticket.run) == "1 ");
  must(cache.remove_unseen(ticket, ++batch, "Order", ticket.run, {"1", "a", "b"}));
  BOOST_TEST(state_of(base).record_count["Order"] == 2);
  BOOST_TEST(state_of(eu).record_count["Order"] == 0);
}

BOOST_AUTO_TEST_CASE(many_records_are_searched_in_steps) {
  std::vector<std::string> ids;
  for (auto i = 0; i < 5000; ++i)
    ids.push_back(std::to_string(i));
  for (size_t from = 0; from < ids.size(); from += 1000)
    save({ids.begin() + static_cast<ptrdiff_t>(from),
          ids.begin() + static_cast<ptrdiff_t>(from + 1000)});
  next_run();
  save({"0", "4999"});
  auto found = must(vanished.find_unseen(ref_of(eu), "Order", ticket.run));
  BOOST_TEST(found.live == 5000);
  BOOST_TEST(found.ids.size() == 4998u);
}

BOOST_AUTO_TEST_SUITE_END()
