#include "store/environments.hpp"
#include "tests/integration/worker/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>

using namespace varia;
using namespace std::chrono_literals;

namespace {

struct fixture : test::engine_fixture {
  // Runs a script that saves one record with what it found, and returns the record's text.
  std::string found_by(const std::string& name, const std::string& expression) {
    auto x = make(name, "const found = " + expression
                          + "; await nango.batchSave([{ id: '1', found }], 'Order');");
    succeed(x);
    auto records = records_of(x);
    BOOST_REQUIRE_EQUAL(records.size(), 1U);
    return records.front().payload;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(script_context_calls_test, fixture)

BOOST_AUTO_TEST_CASE(a_script_replaces_and_merges_the_metadata_of_its_connection) {
  prepare();
  succeed(make("metadata", R"(
    await nango.setMetadata({ a: 1, b: 2 });
    await nango.updateMetadata({ b: 3 });
    const seen = await nango.getMetadata();
    if (JSON.stringify(seen) !== '{"a":1,"b":3}') throw new Error(JSON.stringify(seen));
  )"));
  BOOST_TEST(link().metadata == R"({"a":1,"b":3})");
}

BOOST_AUTO_TEST_CASE(a_script_reads_variables_integration_and_webhook_address) {
  BOOST_REQUIRE(environments{db}.set_variable("dev", {"TOKEN", "t"}));
  config.http.public_url = "https://sync.test";
  use(config);
  prepare();
  BOOST_TEST(found_by("variables", "await nango.getEnvironmentVariables()")
             == R"({"id":"1","found":[{"name":"TOKEN","value":"t"}]})");
  auto service = integrations{db}.find("dev", "orders");
  BOOST_REQUIRE(service && *service);
  (*service)->credentials = R"({"type":"OAUTH2","client_id":"us"})";
  BOOST_REQUIRE(integrations{db}.update("dev", **service));
  BOOST_TEST(found_by("client", "(await nango.getIntegration({ include: ['credentials'] }))"
                                ".credentials.client_id")
             == R"({"id":"1","found":"us"})");
  BOOST_TEST(found_by("shown", "'credentials' in await nango.getIntegration()")
             == R"({"id":"1","found":false})");
  BOOST_TEST(found_by("integration", "(await nango.getIntegration()).unique_key")
             == R"({"id":"1","found":"orders"})");
  auto id = environments{db}.id_of("dev");
  BOOST_REQUIRE(id);
  BOOST_TEST(found_by("webhook", "await nango.getWebhookURL()")
             == R"({"id":"1","found":"https://sync.test/webhook/)" + *id + R"(/orders"})");
  BOOST_TEST(found_by("environment", "nango.environmentId")
             == R"({"id":"1","found":")" + *id + R"("})");
}

BOOST_AUTO_TEST_CASE(a_script_reads_the_attributes_of_its_definition) {
  prepare();
  BOOST_TEST(found_by("plain", "await nango.getFlowAttributes()") == R"({"id":"1","found":null})");
  auto x = make("flow", "const found = (await nango.getFlowAttributes()).region;"
                        "await nango.batchSave([{ id: '1', found }], 'Order');");
  auto code = functions{db}.find("dev", "orders", "flow");
  BOOST_REQUIRE(code && *code);
  (*code)->attributes = R"({"region":"eu"})";
  BOOST_REQUIRE(functions{db}.deploy("dev", {**code}));
  succeed(x);
  BOOST_TEST(records_of(x).front().payload == R"({"id":"1","found":"eu"})");
}

BOOST_AUTO_TEST_CASE(locks_are_shared_by_variants_and_given_back_at_the_end_of_a_run) {
  prepare();
  auto x = make("holder", R"(
    if (!await nango.tryAcquireLock({ key: 'crm', ttlMs: 60000 })) throw new Error('not free');
    await nango.log('has it');
    while (!(await nango.getMetadata())?.go) {
      await nango.updateMetadata({ asked: Date.now() });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  )");
  auto holder = begin(x);
  await_log(x, "has it");
  BOOST_TEST(found_by("other", "await nango.tryAcquireLock({ key: 'crm', ttlMs: 1000 })")
             == R"({"id":"1","found":false})");
  BOOST_REQUIRE(
    connections{db}.change_metadata({link().number}, metadata_change::merge, R"({"go":true})"));
  BOOST_TEST((end(std::move(holder)).outcome == run_outcome::success));
  BOOST_TEST(found_by("third", "await nango.tryAcquireLock({ key: 'crm', ttlMs: 1000 })")
             == R"({"id":"1","found":true})");
  BOOST_TEST((run(make("wrong", "await nango.tryAcquireLock({ key: '', ttlMs: 1 })")).outcome
              == run_outcome::failed));
}

BOOST_AUTO_TEST_CASE(a_script_triggers_and_starts_other_variants_through_the_leader) {
  std::mutex mutex;
  std::vector<std::string> asked;
  auto note = [&](const std::string& what, const script_commands::keys& which) {
    std::lock_guard guard{mutex};
    for (auto& key : which)
      asked.push_back(what + ' ' + key.sync.name + ' ' + key.name);
  };
  engine->commands().connect(
    {[&](const script_commands::keys& which, trigger_options options, auto done) {
       note(options.reset ? "reset" : "trigger", which);
       done(caf::unit);
     },
     [&](const script_commands::keys& which, auto done) {
       note("start", which);
       done(caf::unit);
     }});
  prepare();
  succeed(make("caller", R"(
    await nango.triggerSync('orders', 'c1', 'orders');
    await nango.triggerSync('orders', 'c1', { name: 'orders', variant: 'eu' }, { reset: true });
    await nango.startSync('orders', ['orders', { name: 'orders', variant: 'eu' }], 'c1');
  )"));
  std::vector<std::string> wanted{"trigger orders base", "reset orders eu", "start orders base",
                                  "start orders eu"};
  BOOST_TEST(asked == wanted, boost::test_tools::per_element());
  BOOST_TEST((run(make("lost", "await nango.triggerSync('orders', 'nobody', 'orders')")).outcome
              == run_outcome::failed));
  engine->commands().disconnect();
  BOOST_TEST((run(make("alone", "await nango.triggerSync('orders', 'c1', 'orders')")).outcome
              == run_outcome::failed));
}

BOOST_AUTO_TEST_CASE(scripts_that_wait_for_the_leader_hold_nobody_up) {
  std::mutex mutex;
  std::vector<script_commands::done_handler> waiting;
  auto count = [&] {
    std::lock_guard guard{mutex};
    return waiting.size();
  };
  engine->commands().connect({[&](const script_commands::keys&, trigger_options, auto done) {
                                std::lock_guard guard{mutex};
                                waiting.push_back(std::move(done));
                              },
                              {}});
  prepare();
  std::vector<std::future<run_result>> runs;
  for (auto i = 0; i < 6; ++i)
    runs.push_back(begin(
      make("waits-" + std::to_string(i), "await nango.triggerSync('orders', 'c1', 'orders')")));
  for (auto i = 0; i < 2000 && count() < runs.size(); ++i)
    std::this_thread::sleep_for(5ms);
  BOOST_REQUIRE_EQUAL(count(), runs.size());
  succeed(make("other", "await nango.batchSave([{ id: '1' }], 'Order')"));
  for (auto& done : waiting)
    done(caf::unit);
  for (auto& run : runs)
    BOOST_TEST((end(std::move(run)).outcome == run_outcome::success));
}

BOOST_AUTO_TEST_CASE(a_long_run_ends_at_a_checkpoint_and_goes_on) {
  config.runtime.run_limit = 5000ms;
  use(config);
  prepare();
  auto x = make("long", R"(
    const { n = 0 } = (await nango.getCheckpoint()) ?? {};
    await new Promise((resolve) => setTimeout(resolve, n === 0 ? 4050 : 0));
    await nango.saveCheckpoint({ n: n + 1 });
    await nango.batchSave([{ id: String(n) }], 'Order');
  )");
  BOOST_TEST((run(x).outcome == run_outcome::interrupted));
  BOOST_TEST(state_of(x).checkpoint == R"({"n":1})");
  BOOST_TEST(records_of(x).empty());
  BOOST_TEST((run(x).outcome == run_outcome::success));
  BOOST_TEST(records_of(x).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_long_run_whose_checkpoint_does_not_move_fails_instead_of_looping) {
  config.runtime.run_limit = 5000ms;
  use(config);
  prepare();
  auto x = make("stuck", R"(
    await new Promise((resolve) => setTimeout(resolve, 4050));
    await nango.saveCheckpoint({ page: 1 });
  )");
  BOOST_TEST((run(x).outcome == run_outcome::interrupted));
  BOOST_TEST((run(x).outcome == run_outcome::failed));
  BOOST_TEST(state_of(x).error.find("has not moved") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_event_is_handled_by_the_scripts_webhook_handler) {
  prepare();
  auto x = make("hooked", "throw new Error('the sync must not run'); }, "
                          "onWebhook: async (nango, payload) => { "
                          "await nango.batchSave([payload.order], 'Order');");
  BOOST_REQUIRE(runs{db}.put_event(ref_of(x), R"({"order":{"id":"7","of":"event"}})"));
  auto handled = run_what_waits(x);
  BOOST_TEST_REQUIRE((handled.outcome == run_outcome::success), handled.error);
  BOOST_TEST(records_of(x).front().payload == R"({"id":"7","of":"event"})");
  BOOST_TEST(!state_of(x).last_outcome.has_value());
  BOOST_TEST(run_what_waits(x).idle);
}

BOOST_AUTO_TEST_SUITE_END()
