#include "store/runs.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  token owner = own(eu);

  run_start begin_for(const run_cause& cause) {
    return test::must(all_runs.begin(ref_of(eu), owner, cause));
  }

  failing end(const run_start& run, run_outcome outcome = run_outcome::failed) {
    auto error = outcome == run_outcome::success ? "" : R"({"type":"x","description":"no"})";
    return test::must(all_runs.end(run.ticket, {outcome, error})).failed;
  }

  failing known() { return failing_of(state_of(eu)); }

  run_cause slot(time_ms at, uint32_t missed = 0) {
    run_cause result;
    result.slot = at;
    result.missed = missed;
    return result;
  }

  run_cause retry(uint32_t number) {
    run_cause result;
    result.retry = number;
    result.retries = 3;
    return result;
  }

  std::string last_detail() { return test::must(all_runs.history(ref_of(eu), 1)).at(0).detail; }

  std::string history() {
    std::string result;
    for (auto& x : test::must(all_runs.history(ref_of(eu), 100)))
      result = x.what + ' ' + result;
    return result;
  }
};

void check(const failing& x, uint32_t fails, uint32_t retries, bool has_failed) {
  BOOST_TEST(x.fails == fails);
  BOOST_TEST(x.retries == retries);
  BOOST_TEST((x.failed_at >= 0) == has_failed);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(failing_runs_test, fixture)

BOOST_AUTO_TEST_CASE(counts_failures_until_a_run_succeeds) {
  check(known(), 0, 0, false);
  auto ended = end(begin_for(slot(1)));
  check(ended, 1, 0, true);
  BOOST_TEST(ended.failed_at == state_of(eu).finished_at);
  check(end(begin_for(slot(2))), 2, 0, true);
  check(known(), 2, 0, true);
  check(end(begin_for(slot(3)), run_outcome::success), 0, 0, false);
  check(known(), 0, 0, false);
}

BOOST_AUTO_TEST_CASE(knows_how_often_a_run_was_made_again) {
  end(begin_for(slot(1)));
  check(end(begin_for(retry(1))), 2, 1, true);
  BOOST_TEST(end(begin_for(retry(2))).retries == 2u);
  check(known(), 3, 2, true);
  check(end(begin_for(slot(2))), 4, 0, true);
}

BOOST_AUTO_TEST_CASE(a_trigger_is_no_retry) {
  end(begin_for(slot(1)));
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, eu.key, {}));
  check(end(begin_for(retry(1))), 2, 0, true);
}

BOOST_AUTO_TEST_CASE(a_retry_that_was_interrupted_goes_on_as_one) {
  end(begin_for(slot(1)));
  auto interrupted = end(begin_for(retry(1)), run_outcome::interrupted);
  check(interrupted, 1, 1, false);
  run_cause goes_on;
  goes_on.only_if_wanted = true;
  auto run = begin_for(goes_on);
  BOOST_TEST(!run.is_idle);
  BOOST_TEST(last_detail().find(R"("trigger":"interrupted","retry":1)") != std::string::npos);
  check(end(run), 2, 1, true);
}

BOOST_AUTO_TEST_CASE(neither_cancelled_nor_lost_runs_are_failures) {
  end(begin_for(slot(1)));
  check(end(begin_for(slot(2)), run_outcome::cancelled), 1, 0, false);
  begin_for(slot(3));
  auto after_lost = begin_for(slot(4));
  check(known(), 1, 0, false);
  check(end(after_lost), 2, 0, true);
}

BOOST_AUTO_TEST_CASE(runs_for_events_leave_the_count_as_it_is) {
  end(begin_for(slot(1)));
  BOOST_TEST_REQUIRE(!!all_runs.put_event(ref_of(eu), R"({"type":"a"})"));
  run_cause wanted;
  wanted.only_if_wanted = true;
  auto run = begin_for(wanted);
  BOOST_TEST_REQUIRE(run.event != "");
  BOOST_TEST(last_detail().find(R"("trigger":"event")") != std::string::npos);
  check(end(run), 1, 0, true);
}

BOOST_AUTO_TEST_CASE(whoever_is_started_anew_has_not_failed_yet) {
  end(begin_for(slot(1)));
  auto why = "stopped after 1 failures in a row";
  auto paused = test::must(registry.set_paused(epoch, eu.key, true, why));
  BOOST_TEST(paused.pause_reason == why);
  check(known(), 1, 0, true);
  auto started = test::must(registry.set_paused(epoch, eu.key, false));
  BOOST_TEST(started.pause_reason == "");
  check(known(), 0, 0, false);
  BOOST_TEST(history() == "started failed paused resumed ");
}

BOOST_AUTO_TEST_CASE(the_history_tells_what_made_a_run_begin) {
  begin_for(slot(7, 3));
  BOOST_TEST(last_detail().find(R"("trigger":"schedule","missed":3,"slot":7)")
             != std::string::npos);
  BOOST_TEST_REQUIRE(!!all_runs.end({ref_of(eu), owner, 1}, {run_outcome::failed, "{}"}));
  begin_for(retry(2));
  BOOST_TEST(last_detail().find(R"("trigger":"retry","retry":2,"retries":3)") != std::string::npos);
  BOOST_TEST_REQUIRE(!!all_runs.end({ref_of(eu), owner, 2}, {}));
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, eu.key, {}));
  begin_for({});
  BOOST_TEST(last_detail().find(R"("trigger":"manual")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_settled_slot_is_not_made_up_for) {
  end(begin_for(slot(5)), run_outcome::success);
  BOOST_TEST_REQUIRE(!!all_runs.note(ref_of(eu), owner, "missed", "too late", {9}, 4, true));
  BOOST_TEST(last_detail() == R"({"reason":"too late","slot":9,"count":4})");
  BOOST_TEST((state_of(eu).last_slot == time_ms{9}));
  BOOST_TEST_REQUIRE(!!all_runs.note(ref_of(eu), owner, "blackout", "dark", {12}));
  BOOST_TEST((state_of(eu).last_slot == time_ms{9}));
}

BOOST_AUTO_TEST_SUITE_END()
