#include "tests/integration/worker/engine_fixture.hpp"
#include "tests/support/provider_stub.hpp"

#include <atomic>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(run_end_test, engine_fixture)

BOOST_AUTO_TEST_CASE(kills_an_endless_loop_while_others_go_on) {
  prepare();
  auto loop = persist(make("loop", "await nango.log('looping'); for (;;) {}"));
  std::this_thread::sleep_for(500ms);
  auto other = make("other", "await nango.batchSave([{ id: nango.variant }], 'Order');");
  for (auto i = 0; i < 5; ++i)
    succeed(other);
  BOOST_TEST((loop.wait_for(0s) == std::future_status::timeout));
  auto result = end(std::move(loop));
  BOOST_TEST((result.outcome == run_outcome::failed));
  BOOST_TEST(result.error.find("did not answer for 5 s") != std::string::npos);
  succeed(other);
}

BOOST_AUTO_TEST_CASE(fails_a_script_that_eats_the_memory_and_lives_on) {
  config.runtime.memory_mb = 64;
  use(config);
  prepare();
  auto x = make("hungry", "const all = []; for (;;) { all.push(new Array(1e5).fill(all.length)); "
                          "if (all.length % 50 === 0) await null; }");
  BOOST_TEST((run(x).outcome == run_outcome::interrupted));
  BOOST_TEST((state_of(x).last_outcome == run_outcome::interrupted));
  auto result = run(x);
  BOOST_TEST((result.outcome == run_outcome::failed));
  BOOST_TEST(result.error == "the script's process ran out of memory");
  auto error = state_of(x).error;
  BOOST_TEST(error.find(R"("type":"runtime_crashed")") != std::string::npos);
  BOOST_TEST(error.find("heap out of memory") != std::string::npos);
  succeed(make("good", ""));
}

BOOST_AUTO_TEST_CASE(cancels_a_waiting_script) {
  prepare();
  auto x = make("waiting", std::string{"await nango.log('waits');"} + pause_script);
  auto running = begin(x);
  await_log(x, "waits");
  engine->cancel("another id", "no");
  engine->cancel(x.id, "paused by hand");
  auto result = end(std::move(running));
  BOOST_TEST((result.outcome == run_outcome::cancelled));
  BOOST_TEST(result.error == "paused by hand");
  BOOST_TEST((state_of(x).last_outcome == run_outcome::cancelled));
}

BOOST_AUTO_TEST_CASE(cancels_a_wait_for_a_provider_at_once) {
  std::promise<void> asked;
  std::atomic<bool> is_first{true};
  test::provider_stub provider{[&](const test::stub_request&, test::stub_response& answer) {
    answer.result(429);
    answer.set("Retry-After", "3000");
    if (is_first.exchange(false))
      asked.set_value();
  }};
  prepare();
  auto x = make("patient", "await nango.get({ endpoint: '/', retries: 5, baseUrlOverride: '"
                             + provider.url() + "' });");
  auto running = begin(x);
  BOOST_REQUIRE((asked.get_future().wait_for(20s) == std::future_status::ready));
  engine->cancel(x.id, "enough");
  BOOST_TEST((end(std::move(running)).outcome == run_outcome::cancelled));
}

BOOST_AUTO_TEST_CASE(writes_nothing_of_a_cancelled_script_that_goes_on) {
  prepare();
  auto x = make("stubborn", R"js(
    await nango.log('begins');
    for (let n = 0; ; n++) {
      try { await nango.batchSave([{ id: String(n) }], 'Order'); } catch {}
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  )js");
  auto running = begin(x);
  await_log(x, "begins");
  engine->cancel(x.id, "stop");
  std::this_thread::sleep_for(50ms);
  auto before = records_of(x).size();
  BOOST_TEST((end(std::move(running)).outcome == run_outcome::cancelled));
  std::this_thread::sleep_for(100ms);
  BOOST_TEST(records_of(x).size() == before);
}

BOOST_AUTO_TEST_CASE(kills_a_cancelled_loop_after_the_grace_time) {
  prepare();
  auto x = make("loop", "await nango.log('loops'); await nango.getCheckpoint(); "
                        "await new Promise((resolve) => setTimeout(resolve, 700)); for (;;) {}");
  auto running = begin(x);
  await_log(x, "loops");
  std::this_thread::sleep_for(900ms);
  engine->cancel(x.id, "stop");
  auto start = std::chrono::steady_clock::now();
  BOOST_TEST((end(std::move(running)).outcome == run_outcome::cancelled));
  BOOST_TEST((std::chrono::steady_clock::now() - start < 4s));
}

BOOST_AUTO_TEST_CASE(stops_writing_once_another_owner_is_named) {
  prepare();
  auto x = make("fenced", R"js(
    for (let n = 0; ; n++) {
      await nango.batchSave([{ id: String(n) }], 'Order');
      if (n === 0) await nango.log('saved');
    }
  )js");
  auto running = begin(x);
  await_log(x, "saved");
  auto successor = place(x);
  auto written = records_of(x).size();
  auto result = end(std::move(running));
  BOOST_TEST(result.fenced);
  BOOST_TEST(records_of(x).size() == written);
  auto again = run(x);
  BOOST_TEST(again.fenced);
  BOOST_TEST(!again.began);
  BOOST_TEST((state_of(x).placement.owner == successor.owner));
}

BOOST_AUTO_TEST_CASE(ends_a_run_that_takes_too_long) {
  config.runtime.run_limit = 300ms;
  use(config);
  prepare();
  auto x = make("slow", pause_script);
  BOOST_TEST((run(x).outcome == run_outcome::failed));
  BOOST_TEST(state_of(x).error.find(R"("type":"execution_timeout")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(sits_out_a_pause_of_redis_without_doubling_a_batch) {
  config.redis.timeout = 100ms;
  use(config);
  prepare();
  auto x = make("pausing", R"js(
    await nango.log('begins');
    for (let n = 0; n < 100; n++) {
      await nango.batchSave([{ id: String(n) }], 'Order');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  )js");
  auto running = begin(x);
  await_log(x, "begins");
  BOOST_REQUIRE(db.run({"CLIENT", "PAUSE", "400", "ALL"}));
  auto result = end(std::move(running));
  BOOST_REQUIRE_MESSAGE(result.outcome == run_outcome::success, result.error);
  BOOST_TEST(records_of(x).size() == 100U);
  BOOST_TEST(state_of(x).result["Order"].added == 100);
}

BOOST_AUTO_TEST_CASE(does_not_begin_a_run_without_redis) {
  config.redis.url = "unix:///nonexistent/redis.sock";
  use(config);
  prepare();
  auto x = make("any", "");
  auto result = run(x);
  BOOST_TEST(!result.began);
  BOOST_TEST(!result.fenced);
  BOOST_TEST((result.outcome == run_outcome::failed));
}

BOOST_AUTO_TEST_CASE(says_what_is_missing) {
  config.runtime.dir = "/nonexistent";
  use(config);
  auto missing = engine->prepare();
  BOOST_TEST((code_of(missing.error()) == errc::invalid));
  BOOST_TEST(detail_of(missing.error()).find("/nonexistent/child.cjs") != std::string::npos);
  config.runtime.dir = engine_settings("").runtime.dir;
  config.runtime.node = "/bin/false";
  use(config);
  auto broken = engine->prepare();
  BOOST_TEST((code_of(broken.error()) == errc::invalid));
}

BOOST_AUTO_TEST_CASE(ends_its_runs_when_it_is_destroyed) {
  prepare();
  auto x = make("waiting", std::string{"await nango.log('waits');"} + pause_script);
  auto running = begin(x);
  await_log(x, "waits");
  engine.reset();
  auto result = end(std::move(running));
  BOOST_TEST((result.outcome == run_outcome::interrupted));
}

BOOST_AUTO_TEST_SUITE_END()
