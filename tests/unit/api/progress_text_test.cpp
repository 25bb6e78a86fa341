#include "api/progress_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

struct fixture {
  fixture() {
    state.last_outcome = run_outcome::running;
    state.started_at = 1000;
    state.result["Order"] = {300, 100, 20};
    state.result["Mark"] = {80, 0, 0};
    state.waited_ms = 12;
    state.batches = 3;
  }

  variant_state state;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(progress_text_test, fixture)

BOOST_AUTO_TEST_CASE(there_is_none_unless_a_run_is_in_progress) {
  state.last_outcome = run_outcome::success;
  BOOST_TEST(progress_text(state, 2000).is_null());
  state.last_outcome = std::nullopt;
  BOOST_TEST(progress_text(state, 2000).is_null());
}

BOOST_AUTO_TEST_CASE(knows_what_was_committed_before_the_run_tells_of_itself) {
  auto told = progress_text(state, 3000);
  BOOST_TEST(told["saved"] == 480);
  BOOST_TEST(told["deleted"] == 20);
  BOOST_TEST(told["batches"] == 3);
  BOOST_TEST(told["records_per_s"] == 250.0);
  BOOST_TEST(told["elapsed_ms"] == 2000);
  BOOST_TEST(told["slot_wait_ms"] == 12);
  BOOST_TEST(told["waits_for"].is_null());
}

BOOST_AUTO_TEST_CASE(tells_where_the_time_goes) {
  state.progress = R"({"saved":900,"unchanged":420,"batches":2,"pages":9,"requests":11,)"
                   R"("failed_requests":1,"budget_wait_ms":700,"waits_for":"budget"})";
  auto told = progress_text(state, 3000);
  BOOST_TEST(told["saved"] == 900);
  BOOST_TEST(told["unchanged"] == 420);
  BOOST_TEST(told["batches"] == 3);
  BOOST_TEST(told["pages"] == 9);
  BOOST_TEST(told["requests"] == 11);
  BOOST_TEST(told["budget_wait_ms"] == 700);
  BOOST_TEST(told["waits_for"] == "budget");
}

BOOST_AUTO_TEST_CASE(a_clock_that_lags_behind_redis_makes_no_nonsense) {
  BOOST_TEST(progress_text(state, 500)["elapsed_ms"] == 1);
  state.progress = "[]";
  BOOST_TEST(progress_text(state, 3000)["saved"] == 480);
}

BOOST_AUTO_TEST_SUITE_END()
