#include "store/gates.hpp"
#include "tests/integration/worker/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

namespace {

struct fixture : test::engine_fixture {
  fixture() {
    config.limits.runs_per_connection = 1;
    use(config);
    prepare();
  }

  // Begins a run that goes on until it is cancelled.
  std::future<run_result> hold(const assignment& x) {
    auto result = begin(x);
    await_log(x, "here");
    return result;
  }

  assignment long_one = make("long", std::string{"await nango.log('here');"} + test::pause_script);
  assignment other = make("other", "");
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(run_limits_test, fixture)

BOOST_AUTO_TEST_CASE(sends_a_run_back_that_is_one_too_many) {
  auto held = hold(long_one);
  auto result = run(other);
  BOOST_TEST((result.deferred == gate::connection));
  BOOST_TEST(result.integration == "dev/orders");
  BOOST_TEST(!result.began);
  BOOST_TEST(!state_of(other).last_outcome.has_value());
  engine->cancel(long_one.id, "enough");
  BOOST_TEST((end(std::move(held)).outcome == run_outcome::cancelled));
  auto next = succeed(other);
  BOOST_TEST((next.deferred == gate::none));
  BOOST_TEST(next.integration == "dev/orders");
}

BOOST_AUTO_TEST_CASE(a_run_that_fails_makes_room_too) {
  auto broken = make("broken", "throw new Error('no');");
  for (auto i = 0; i < 3; ++i)
    BOOST_TEST((run(broken).outcome == run_outcome::failed));
  succeed(other);
}

BOOST_AUTO_TEST_CASE(the_settings_of_an_integration_win) {
  integration x = **integrations{db}.find("dev", "orders");
  x.settings = R"({"runs":{"per_connection":2}})";
  BOOST_REQUIRE(integrations{db}.update("dev", x));
  auto held = hold(long_one);
  succeed(other);
  engine->cancel(long_one.id, "enough");
  end(std::move(held));
}

BOOST_AUTO_TEST_CASE(a_worker_may_have_fewer_slots_than_its_processes_bear) {
  auto fit = engine->slots();
  config.worker.runs_max = 3;
  use(config);
  BOOST_TEST(engine->slots() == 3U);
  config.worker.runs_max = 1000;
  use(config);
  BOOST_TEST(engine->slots() == fit);
}

BOOST_AUTO_TEST_CASE(keeps_the_count_of_a_run_that_goes_on) {
  auto held = hold(long_one);
  auto until = [this] {
    auto key = "{g}:c:" + std::to_string(link().number) + ":runs";
    auto score = db.run({"ZSCORE", key, long_one.id});
    BOOST_REQUIRE(score);
    return number_of(**score);
  };
  auto first = until();
  BOOST_TEST(first > 0);
  for (auto i = 0; i < 3000 && until() == first; ++i)
    std::this_thread::sleep_for(5ms);
  BOOST_TEST(until() > first);
  engine->cancel(long_one.id, "enough");
  end(std::move(held));
  BOOST_TEST(until() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
