#include "store/checkpoints.hpp"
#include "store/runs.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <thread>

using namespace varia;
using test::code;

namespace {

struct fixture : test::store_fixture {
  checkpoints saved{db};
  variant_entry eu = add("eu");

  std::string history() {
    std::string result;
    for (auto& x : test::must(all_runs.history(ref_of(eu), 100)))
      result += x.what + ' ';
    return result;
  }

  void want(bool reset, bool empty_cache) {
    BOOST_TEST_REQUIRE(!!registry.want_run(epoch, eu.key, {reset, empty_cache}));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(runs_test, fixture)

BOOST_AUTO_TEST_CASE(a_run_begins_and_ends) {
  auto owner = own(eu);
  auto start = *all_runs.begin(ref_of(eu), owner, {time_ms{1700000000000}});
  BOOST_TEST(start.ticket.run == 1u);
  BOOST_TEST((start.ticket.owner == owner));
  BOOST_TEST(!start.last_sync.has_value());
  BOOST_TEST(!start.empty_cache);
  auto running = state_of(eu);
  BOOST_TEST((running.last_outcome == run_outcome::running));
  BOOST_TEST(running.started_at == start.started_at);
  BOOST_TEST(running.finished_at == 0);
  BOOST_TEST((running.last_slot == time_ms{1700000000000}));
  BOOST_TEST_REQUIRE(!!all_runs.end(start.ticket, {}));
  auto ended = state_of(eu);
  BOOST_TEST((ended.last_outcome == run_outcome::success));
  BOOST_TEST(ended.finished_at >= start.started_at);
  BOOST_TEST((ended.last_sync == start.started_at));
  BOOST_TEST(history() == "success started ");
}

BOOST_AUTO_TEST_CASE(the_next_run_knows_when_the_last_good_one_began) {
  auto owner = own(eu);
  auto first = begin(eu, owner);
  BOOST_TEST_REQUIRE(!!all_runs.end(first.ticket, {}));
  auto second = begin(eu, owner);
  BOOST_TEST(second.ticket.run == 2u);
  BOOST_TEST((second.last_sync == first.started_at));
  BOOST_TEST_REQUIRE(!!all_runs.end(second.ticket, {run_outcome::failed, R"({"type":"x"})"}));
  BOOST_TEST(state_of(eu).error == R"({"type":"x"})");
  BOOST_TEST((begin(eu, owner).last_sync == first.started_at));
  BOOST_TEST(state_of(eu).error == "");
}

BOOST_AUTO_TEST_CASE(the_history_tells_how_long_a_run_has_waited) {
  auto owner = own(eu);
  auto waited = [&](const run_cause& cause) {
    test::must(all_runs.begin(ref_of(eu), owner, cause));
    auto detail = test::must(all_runs.history(ref_of(eu), 1)).at(0).detail;
    auto at = detail.find("\"waited_ms\":");
    BOOST_TEST_REQUIRE(at != std::string::npos);
    return std::stoll(detail.substr(at + 12));
  };
  BOOST_TEST(waited({}) == 0);
  BOOST_TEST(waited({{}, milliseconds{70}}) == 70);
  BOOST_TEST(waited({now_ms() - 5000, milliseconds{70}}) >= 5000);
  BOOST_TEST_REQUIRE(!!all_runs.end({ref_of(eu), owner, 3}, {}));
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, eu.key, {}));
  std::this_thread::sleep_for(milliseconds{30});
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, eu.key, {}));
  BOOST_TEST(waited({}) >= 30);
  BOOST_TEST(waited({}) == 0);
}

BOOST_AUTO_TEST_CASE(a_second_end_changes_nothing) {
  auto ticket = begin(eu);
  BOOST_TEST_REQUIRE(!!all_runs.end(ticket, {run_outcome::cancelled, {}}));
  BOOST_TEST_REQUIRE(!!all_runs.end(ticket, {}));
  BOOST_TEST((state_of(eu).last_outcome == run_outcome::cancelled));
  BOOST_TEST(history() == "cancelled started ");
}

BOOST_AUTO_TEST_CASE(a_run_that_its_owner_left_is_closed_as_failed) {
  auto lost = begin(eu);
  auto next = begin(eu);
  BOOST_TEST(next.run == 2u);
  BOOST_TEST(history() == "started failed started ");
  BOOST_TEST((code(all_runs.end(lost, {})) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(a_trigger_that_meets_a_run_in_progress_starts_nothing_more) {
  begin(eu);
  want(false, false);
  BOOST_TEST(history() == "skipped started ");
}

BOOST_AUTO_TEST_CASE(a_trigger_waits_if_the_owner_of_the_open_run_was_replaced) {
  begin(eu);
  auto owner = own(eu, "worker-2");
  want(false, false);
  BOOST_TEST(history() == "triggered started ");
  auto start = all_runs.begin(ref_of(eu), owner, {{}, {}, true});
  BOOST_TEST(!test::must(start).is_idle);
  BOOST_TEST(history() == "started failed triggered started ");
}

BOOST_AUTO_TEST_CASE(what_was_cancelled_before_it_went_on_is_over) {
  auto owner = own(eu);
  BOOST_TEST_REQUIRE(!!all_runs.end(begin(eu, owner).ticket, {run_outcome::interrupted, {}}));
  BOOST_TEST(is_open(state_of(eu)));
  BOOST_TEST_REQUIRE(!!all_runs.note(ref_of(eu), owner, "cancelled", "it was paused", {}));
  BOOST_TEST((state_of(eu).last_outcome == run_outcome::cancelled));
  auto next = begin(eu, owner);
  BOOST_TEST_REQUIRE(!!all_runs.note(ref_of(eu), owner, "cancelled", "late", {}));
  BOOST_TEST((state_of(eu).last_outcome == run_outcome::running));
}

BOOST_AUTO_TEST_CASE(a_run_keeps_its_counts_for_the_history) {
  auto ticket = begin(eu);
  BOOST_TEST_REQUIRE(!!cache.save(ticket, 1, "Order", {{"1", "{}"}, {"2", "{}"}}));
  BOOST_TEST_REQUIRE(!!cache.save(ticket, 2, "Order", {{"1", R"({"a":1})"}}));
  BOOST_TEST_REQUIRE(!!cache.remove(ticket, 3, "Order", {{"2", "{}", {}}}));
  auto state = state_of(eu);
  BOOST_TEST(state.result["Order"].added == 2);
  BOOST_TEST(state.result["Order"].updated == 1);
  BOOST_TEST(state.result["Order"].deleted == 1);
  BOOST_TEST(state.record_count["Order"] == 1);
  BOOST_TEST_REQUIRE(!!all_runs.end(ticket, {}));
  auto detail = all_runs.history(ref_of(eu), 1)->front().detail;
  BOOST_TEST(detail.find(R"("result":{"Order":{"added":2,"updated":1,"deleted":1}})")
               != std::string::npos,
             detail);
  begin(eu);
  auto fresh = state_of(eu);
  BOOST_TEST(fresh.result.count("Order") == 0u);
  BOOST_TEST(fresh.record_count["Order"] == 1);
}

BOOST_AUTO_TEST_CASE(every_write_of_a_former_owner_is_refused) {
  auto owner = own(eu);
  auto zombie = begin(eu, owner).ticket;
  own(eu, "worker-2");
  BOOST_TEST((code(all_runs.begin(ref_of(eu), owner, {})) == errc::fenced));
  BOOST_TEST((code(all_runs.end(zombie, {})) == errc::fenced));
  BOOST_TEST((code(all_runs.note(ref_of(eu), owner, "skipped", "overlap", {})) == errc::fenced));
  BOOST_TEST((code(logs.append(zombie, {{log_level::info, "{}"}}, {})) == errc::fenced));
  BOOST_TEST((code(saved.save(zombie, R"({"p":1})", 0)) == errc::fenced));
  BOOST_TEST((code(saved.clear(zombie, 0)) == errc::fenced));
  BOOST_TEST((code(cache.save(zombie, 1, "Order", {{"1", "{}"}})) == errc::fenced));
  BOOST_TEST((code(cache.remove(zombie, 1, "Order", {{"1", "{}", {}}})) == errc::fenced));
  BOOST_TEST(read_all(eu).empty());
  BOOST_TEST(history() == "started ");
}

BOOST_AUTO_TEST_CASE(a_token_must_be_equal_not_newer) {
  auto owner = own(eu);
  token newer{owner.epoch + 1, owner.nonce};
  token twin{owner.epoch, owner.nonce ^ 1};
  BOOST_TEST((code(all_runs.begin(ref_of(eu), newer, {})) == errc::fenced));
  BOOST_TEST((code(all_runs.begin(ref_of(eu), twin, {})) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(nobody_owns_a_variant_that_was_never_placed) {
  BOOST_TEST((code(all_runs.begin(ref_of(eu), token{}, {})) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(writes_of_an_older_run_of_the_same_owner_are_refused) {
  auto owner = own(eu);
  auto old = begin(eu, owner).ticket;
  begin(eu, owner);
  BOOST_TEST((code(cache.save(old, 1, "Order", {{"1", "{}"}})) == errc::fenced));
  BOOST_TEST((code(cache.remove(old, 1, "Order", {{"1", "{}", {}}})) == errc::fenced));
  BOOST_TEST((code(saved.save(old, R"({"p":1})", 0)) == errc::fenced));
  BOOST_TEST((code(saved.clear(old, 0)) == errc::fenced));
  BOOST_TEST((code(all_runs.end(old, {})) == errc::fenced));
  BOOST_TEST((code(logs.append(old, {{log_level::info, "{}"}}, {})) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(a_run_that_ended_cannot_write_records_any_more) {
  auto ticket = begin(eu);
  BOOST_TEST_REQUIRE(!!all_runs.end(ticket, {}));
  BOOST_TEST((code(cache.save(ticket, 1, "Order", {{"1", "{}"}})) == errc::fenced));
  BOOST_TEST((code(saved.save(ticket, R"({"p":1})", 0)) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(a_deleted_variant_takes_no_write_and_leaves_no_key) {
  auto owner = own(eu);
  auto ticket = begin(eu, owner).ticket;
  BOOST_TEST_REQUIRE(!!registry.remove(epoch, eu.key));
  BOOST_TEST((code(all_runs.begin(ref_of(eu), owner, {})) == errc::not_found));
  BOOST_TEST((code(all_runs.end(ticket, {})) == errc::fenced));
  BOOST_TEST((code(cache.save(ticket, 1, "Order", {{"1", "{}"}})) == errc::fenced));
  BOOST_TEST((code(saved.save(ticket, R"({"p":1})", 0)) == errc::fenced));
  BOOST_TEST((code(logs.append(ticket, {{log_level::info, "{}"}}, {})) == errc::fenced));
  BOOST_TEST(keys_of(eu) == 0u);
}

BOOST_AUTO_TEST_CASE(a_reset_forgets_checkpoint_and_last_sync_but_no_record) {
  auto ticket = begin(eu);
  BOOST_TEST_REQUIRE(!!cache.save(ticket, 1, "Order", {{"1", "{}"}}, {}, {R"({"p":1})", 0}));
  BOOST_TEST_REQUIRE(!!all_runs.end(ticket, {}));
  want(true, false);
  BOOST_TEST(state_of(eu).checkpoint == R"({"p":1})");
  auto start = begin(eu, own(eu));
  BOOST_TEST(!start.last_sync.has_value());
  BOOST_TEST(!start.empty_cache);
  BOOST_TEST(state_of(eu).checkpoint == "");
  BOOST_TEST(read_all(eu).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_reset_with_empty_cache_erases_the_records_of_this_variant_only) {
  auto west = add("eu-west");
  for (auto& x : {eu, west}) {
    auto ticket = begin(x);
    BOOST_TEST_REQUIRE(!!cache.save(ticket, 1, "Order", {{"1", "{}"}}, {}, {R"({"p":1})", 0}));
    BOOST_TEST_REQUIRE(!!cache.save(ticket, 2, "Item", {{"1", "{}"}}));
    BOOST_TEST_REQUIRE(!!all_runs.end(ticket, {}));
  }
  want(true, true);
  auto start = begin(eu, own(eu));
  BOOST_TEST(start.empty_cache);
  BOOST_TEST(read_all(eu).empty());
  BOOST_TEST(read_all(eu, "Item").empty());
  BOOST_TEST(state_of(eu).record_count["Order"] == 0);
  BOOST_TEST(read_all(west).size() == 1u);
  BOOST_TEST(read_all(west, "Item").size() == 1u);
  BOOST_TEST(state_of(west).checkpoint == R"({"p":1})");
  BOOST_TEST(state_of(west).last_sync.has_value());
}

BOOST_AUTO_TEST_CASE(a_reader_misses_nothing_that_comes_after_an_emptied_cache) {
  auto ticket = begin(eu);
  BOOST_TEST_REQUIRE(!!cache.save(ticket, 1, "Order", {{"1", "{}"}}));
  // The clock of a server that was replaced may be behind.
  BOOST_TEST_REQUIRE(!!db.run({"SET", "v:{14/orders}:place", "8999999999999999"}));
  want(true, true);
  auto next = begin(eu);
  BOOST_TEST_REQUIRE(!!cache.save(next, 1, "Order", {{"2", "{}"}}));
  auto record = read_all(eu).front();
  BOOST_TEST(record.meta.place == 9000000000000000u);
}

BOOST_AUTO_TEST_CASE(a_reset_counts_for_one_run) {
  want(true, true);
  auto owner = own(eu);
  BOOST_TEST_REQUIRE(!!all_runs.end(begin(eu, owner).ticket, {}));
  auto second = begin(eu, owner);
  BOOST_TEST(!second.empty_cache);
  BOOST_TEST(second.last_sync.has_value());
}

BOOST_AUTO_TEST_CASE(notes_tell_why_a_slot_had_no_run) {
  auto owner = own(eu);
  BOOST_TEST_REQUIRE(!!all_runs.note(ref_of(eu), owner, "skipped", "it \"still\" runs", {5}));
  auto entry = all_runs.history(ref_of(eu), 10)->front();
  BOOST_TEST(entry.what == "skipped");
  BOOST_TEST(entry.detail == R"({"reason":"it \"still\" runs","slot":5})");
  BOOST_TEST(entry.id != "");
}

BOOST_AUTO_TEST_CASE(triggers_are_part_of_the_history) {
  want(true, false);
  auto entry = all_runs.history(ref_of(eu), 10)->front();
  BOOST_TEST(entry.what == "triggered");
  BOOST_TEST(entry.detail == R"({"reset":true,"empty_cache":false})");
}

BOOST_AUTO_TEST_CASE(history_is_capped) {
  auto owner = own(eu);
  for (auto i = 0; i < 2000; ++i)
    BOOST_TEST_REQUIRE(!!all_runs.note(ref_of(eu), owner, "skipped", "overlap", {}));
  BOOST_TEST(all_runs.history(ref_of(eu), 100000)->size() < 1200u);
}

BOOST_AUTO_TEST_CASE(states_of_many_come_in_the_order_asked) {
  auto us = add("us");
  begin(us);
  auto states = *all_runs.states({ref_of(us), {sync, make_uuid()}, ref_of(eu)});
  BOOST_TEST_REQUIRE(states.size() == 3u);
  BOOST_TEST((states[0].last_outcome == run_outcome::running));
  BOOST_TEST(!states[1].last_outcome.has_value());
  BOOST_TEST(!states[2].last_outcome.has_value());
  BOOST_TEST(all_runs.states({})->empty());
}

BOOST_AUTO_TEST_SUITE_END()
