#include "store/call.hpp"
#include "store/checkpoints.hpp"
#include "store/keys.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using test::code;

namespace {

struct fixture : test::store_fixture {
  variant_entry base = add("base");
  token owner = own(base);
  checkpoints marks{db};

  void put(const std::string& event) {
    BOOST_TEST_REQUIRE(!!all_runs.put_event(ref_of(base), event));
  }

  // Begins what waits.
  run_start wake() {
    auto start = all_runs.begin(ref_of(base), owner, {{}, {}, true});
    BOOST_TEST_REQUIRE(!!start);
    return *start;
  }

  run_ending end(const run_start& x, run_outcome outcome = run_outcome::success) {
    auto ended = all_runs.end(x.ticket, {outcome, ""});
    BOOST_TEST_REQUIRE(!!ended);
    return *ended;
  }

  variant_state state() { return all_runs.states({ref_of(base)})->front(); }

  std::string checkpoint_of(const run_start& x) {
    auto found = marks.load(x.ticket);
    BOOST_TEST_REQUIRE(!!found);
    return found->json.value_or("none");
  }

  void save_checkpoint(const run_start& x, const std::string& json) {
    auto known = marks.load(x.ticket);
    BOOST_TEST_REQUIRE(!!known);
    BOOST_TEST_REQUIRE(!!marks.save(x.ticket, json, known->version));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(events_test, fixture)

BOOST_AUTO_TEST_CASE(nothing_begins_if_nothing_waits) {
  BOOST_TEST(wake().is_idle);
  BOOST_TEST(state().run == 0u);
}

BOOST_AUTO_TEST_CASE(a_trigger_waits_while_an_event_is_handled) {
  put("1");
  auto event = wake();
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, base.key, {}));
  BOOST_TEST(end(event).more);
  auto start = wake();
  BOOST_TEST(!start.is_idle);
  BOOST_TEST(start.event == "");
}

BOOST_AUTO_TEST_CASE(each_event_gets_a_run_in_its_turn) {
  put("1");
  put("2");
  BOOST_TEST(state().wanted);
  auto first = wake();
  BOOST_TEST(first.event == "1");
  BOOST_TEST(end(first).more);
  auto second = wake();
  BOOST_TEST(second.event == "2");
  BOOST_TEST(!end(second).more);
  BOOST_TEST(wake().is_idle);
  BOOST_TEST(!state().wanted);
}

BOOST_AUTO_TEST_CASE(a_trigger_goes_before_events) {
  put("1");
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, base.key, {}));
  auto of_sync = wake();
  BOOST_TEST(of_sync.event == "");
  BOOST_TEST(end(of_sync).more);
  BOOST_TEST(wake().event == "1");
}

BOOST_AUTO_TEST_CASE(an_event_leaves_no_trace_in_what_is_told_of_the_sync) {
  auto of_sync = begin(base, owner);
  BOOST_TEST_REQUIRE(!!cache.save(of_sync.ticket, 1, "Order", {{"1", R"({"id":"1"})"}}, {}, {}));
  end(of_sync, run_outcome::failed);
  auto before = state();
  put("1");
  auto event = wake();
  BOOST_TEST_REQUIRE(!!cache.save(event.ticket, 1, "Order", {{"2", R"({"id":"2"})"}}, {}, {}));
  BOOST_TEST((state().last_outcome == run_outcome::running));
  end(event);
  auto after = state();
  BOOST_TEST((after.last_outcome == run_outcome::failed));
  BOOST_TEST(after.started_at == before.started_at);
  BOOST_TEST(after.finished_at == before.finished_at);
  BOOST_TEST(!after.last_sync.has_value());
  BOOST_TEST(after.result["Order"].added == 1);
  BOOST_TEST(after.record_count["Order"] == 2);
}

BOOST_AUTO_TEST_CASE(events_have_a_checkpoint_of_their_own) {
  auto of_sync = begin(base, owner);
  save_checkpoint(of_sync, R"({"page":1})");
  end(of_sync);
  put("1");
  auto first = wake();
  BOOST_TEST(checkpoint_of(first) == "none");
  save_checkpoint(first, R"({"seen":1})");
  end(first);
  BOOST_TEST(state().checkpoint == R"({"page":1})");
  put("2");
  auto second = wake();
  BOOST_TEST(checkpoint_of(second) == R"({"seen":1})");
  end(second);
  BOOST_TEST(checkpoint_of(begin(base, owner)) == R"({"page":1})");
}

BOOST_AUTO_TEST_CASE(an_event_whose_run_is_lost_comes_again_a_few_times) {
  put("1");
  put("2");
  for (auto i = 0; i < 3; ++i) {
    owner = own(base);
    BOOST_TEST(wake().event == "1");
  }
  owner = own(base);
  BOOST_TEST(wake().event == "2");
}

BOOST_AUTO_TEST_CASE(a_sync_that_was_interrupted_goes_on_before_events) {
  end(begin(base, owner), run_outcome::interrupted);
  put("1");
  auto of_sync = wake();
  BOOST_TEST(of_sync.event == "");
  end(of_sync);
  BOOST_TEST(wake().event == "1");
}

BOOST_AUTO_TEST_CASE(too_many_events_are_refused_and_a_deleted_variant_has_none) {
  auto eu = add("eu");
  for (auto i = 0; i < 1000; ++i)
    BOOST_TEST_REQUIRE(!!all_runs.put_event(ref_of(eu), "x"));
  BOOST_TEST((code(all_runs.put_event(ref_of(eu), "x")) == errc::full));
  BOOST_TEST_REQUIRE(!!registry.remove(epoch, eu.key));
  BOOST_TEST((code(all_runs.put_event(ref_of(eu), "x")) == errc::not_found));
  auto left = db.run({"EXISTS", keys::inbox(ref_of(eu))});
  BOOST_TEST_REQUIRE(!!left);
  BOOST_TEST(number_of(**left) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
