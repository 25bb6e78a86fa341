#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;
using namespace varia::test;

namespace {

const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 vendor=7";

struct fixture : store_fixture {
  variant_entry eu = add("eu");
  token owner = own(eu);

  run_start triggered(const std::string& by) {
    must(registry.want_run(epoch, eu.key, {false, false, by}));
    return begin(eu, owner);
  }

  std::string last_detail() { return must(all_runs.history(ref_of(eu), 1)).front().detail; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(run_progress_test, fixture)

BOOST_AUTO_TEST_CASE(shows_how_far_a_run_is_until_the_next_one_begins) {
  auto run = begin(eu, owner);
  BOOST_TEST(state_of(eu).progress.empty());
  must(all_runs.tell_progress(run.ticket, R"({"requests":3})"));
  must(cache.save(run.ticket, 1, "Order", {{"a", R"({"id":"a"})"}}));
  auto state = state_of(eu);
  BOOST_TEST(state.progress == R"({"requests":3})");
  BOOST_TEST(state.batches == 1);
  BOOST_TEST(state.result["Order"].added == 1);
  must(all_runs.end(run.ticket, {}));
  begin(eu, owner);
  BOOST_TEST(state_of(eu).progress.empty());
  BOOST_TEST(state_of(eu).batches == 0);
}

BOOST_AUTO_TEST_CASE(only_the_run_in_progress_may_tell) {
  auto run = begin(eu, owner);
  auto stale = run.ticket;
  stale.owner = {epoch, make_nonce()};
  BOOST_TEST((code(all_runs.tell_progress(stale, "{}")) == errc::fenced));
  must(all_runs.end(run.ticket, {}));
  BOOST_TEST((code(all_runs.tell_progress(run.ticket, "{}")) == errc::fenced));
  BOOST_TEST(state_of(eu).progress.empty());
}

BOOST_AUTO_TEST_CASE(the_history_keeps_what_a_run_has_done_and_its_trace) {
  auto run = begin(eu, owner);
  run_report report;
  report.progress = R"({"requests":7})";
  report.trace = trace;
  must(all_runs.end(run.ticket, report));
  auto detail = last_detail();
  BOOST_TEST(detail.find(R"("progress":{"requests":7})") != std::string::npos, detail);
  BOOST_TEST(detail.find(R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736")") != std::string::npos,
             detail);
}

BOOST_AUTO_TEST_CASE(a_lost_run_leaves_the_progress_that_it_told_last) {
  auto run = begin(eu, owner);
  must(all_runs.tell_progress(run.ticket, R"({"requests":3})"));
  begin(eu, own(eu));
  auto entries = must(all_runs.history(ref_of(eu), 2));
  BOOST_TEST(entries[1].what == "failed");
  BOOST_TEST(entries[1].detail.find(R"("progress":{"requests":3})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_run_gets_the_trace_of_the_trigger_that_it_takes) {
  BOOST_TEST(triggered(trace).trace == trace);
  BOOST_TEST(triggered("").trace.empty());
  BOOST_TEST(begin(eu, owner).trace.empty());
}

BOOST_AUTO_TEST_SUITE_END()
