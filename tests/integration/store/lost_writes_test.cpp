#include "store/checkpoints.hpp"
#include "store/deletions.hpp"
#include "store/keys.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <hiredis/hiredis.h>

#include <map>
#include <string>

using namespace varia;
using test::code;
using test::must;

namespace {

// A store that forgets what it has acknowledged last, as a replica does that took over too early.
struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  token owner = own(eu);
  checkpoints marks{db};
  std::map<std::string, std::string> copies;

  void remember() {
    copies.clear();
    auto all = must(db.run({"KEYS", "*"}));
    for (size_t i = 0; i < all->elements; ++i) {
      auto key = text_of(*all->element[i]);
      copies[key] = text_of(*must(db.run({"DUMP", key})));
    }
  }

  void fall_back() {
    must(db.run({"FLUSHDB"}));
    for (auto& [key, copy] : copies)
      must(db.run({"RESTORE", key, "0", copy}));
  }

  // Saves a batch of one record, as a run does that notes what it was answered.
  errc save(run_ticket& by, uint64_t batch, const checkpoint_change& mark = {}) {
    auto done = cache.save(by, batch, "Order", {{std::to_string(batch), "{}"}}, {}, mark);
    if (done)
      by.answered = batch;
    return code(done);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lost_writes_test, fixture)

BOOST_AUTO_TEST_CASE(a_run_whose_batch_was_lost_writes_nothing_more) {
  auto run = begin(eu, owner).ticket;
  BOOST_TEST((save(run, 1) == errc::none));
  remember();
  BOOST_TEST((save(run, 2) == errc::none));
  fall_back();
  BOOST_TEST((save(run, 3) == errc::cancelled));
  BOOST_TEST((code(cache.remove(run, 3, "Order", {{"1", "{}", std::nullopt}})) == errc::cancelled));
  BOOST_TEST((code(cache.remove_unseen(run, 3, "Order", run.run, {"1"})) == errc::cancelled));
  BOOST_TEST(state_of(eu).record_count["Order"] == 1);
}

BOOST_AUTO_TEST_CASE(a_run_whose_batch_was_lost_has_not_succeeded_and_goes_on) {
  auto run = begin(eu, owner).ticket;
  remember();
  BOOST_TEST((save(run, 1) == errc::none));
  fall_back();
  auto ended = must(all_runs.end(run, {run_outcome::success, {}, false}));
  BOOST_TEST((ended.outcome == run_outcome::interrupted));
  BOOST_TEST(is_open(state_of(eu)));
  run_cause only_if_wanted{{}, {}, true};
  auto next = must(all_runs.begin(ref_of(eu), owner, only_if_wanted));
  BOOST_TEST(!next.is_idle);
  BOOST_TEST(next.ticket.run == run.run + 1);
}

BOOST_AUTO_TEST_CASE(a_batch_that_was_not_answered_may_be_lost) {
  auto run = begin(eu, owner).ticket;
  BOOST_TEST((save(run, 1) == errc::none));
  remember();
  must(cache.save(run, 2, "Order", {{"2", "{}"}}));
  fall_back();
  BOOST_TEST((save(run, 2) == errc::none));
  BOOST_TEST((must(all_runs.end(run, {})).outcome == run_outcome::success));
}

BOOST_AUTO_TEST_CASE(a_run_that_was_lost_itself_writes_and_ends_nothing) {
  remember();
  auto run = begin(eu, owner).ticket;
  fall_back();
  BOOST_TEST((save(run, 1) == errc::cancelled));
  BOOST_TEST((code(marks.load(run)) == errc::cancelled));
  BOOST_TEST((code(all_runs.end(run, {})) == errc::cancelled));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_was_lost_is_not_followed_by_another) {
  auto run = begin(eu, owner).ticket;
  BOOST_TEST((save(run, 1, {R"({"page":1})", 0}) == errc::none));
  remember();
  BOOST_TEST(must(marks.save(run, R"({"page":2})", 1)) == 2u);
  fall_back();
  BOOST_TEST((code(marks.save(run, R"({"page":3})", 2)) == errc::cancelled));
  BOOST_TEST((save(run, 2, {R"({"page":3})", 2}) == errc::cancelled));
  BOOST_TEST(state_of(eu).checkpoint == R"({"page":1})");
  BOOST_TEST(state_of(eu).record_count["Order"] == 1);
}

BOOST_AUTO_TEST_SUITE_END()
