#include "store/action_orders.hpp"
#include "store/action_waits.hpp"
#include "tests/integration/worker/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <string>

using namespace varia;
using namespace varia::test;

namespace {

std::string action_script(const std::string& body) {
  return "exports.default = { type: 'action', exec: async (nango, input) => {" + body + "} };";
}

struct fixture : engine_fixture {
  fixture() { config.actions.slots = 2; }

  ~fixture() { waits.stop(); }

  void begin() {
    use(config);
    prepare();
    engine->take_actions("w1");
  }

  action_order order(const std::string& name, const std::string& body,
                     const std::string& kind = function_kind::action) {
    auto code = kind == function_kind::action
                  ? action_script(body)
                  : "exports.default = { type: 'onEvent', exec: async (nango) => {" + body + "} };";
    auto sha = functions{db}.put_code(code);
    BOOST_REQUIRE(sha);
    function x;
    x.kind = kind;
    x.provider_config_key = "orders";
    x.name = name;
    x.sha = *sha;
    BOOST_REQUIRE(functions{db}.deploy("dev", {x}));
    return order_call(link(), x, {});
  }

  std::future<action_state> put(const action_order& x) {
    auto promise = std::make_shared<std::promise<action_state>>();
    waits.wait(x, [promise](expected<action_state> how) {
      promise->set_value(how ? std::move(*how) : action_state{});
    });
    BOOST_REQUIRE(actions{db}.put(x, {}));
    return promise->get_future();
  }

  static action_state outcome_of(std::future<action_state> outcome) {
    BOOST_REQUIRE((outcome.wait_for(30s) == std::future_status::ready));
    return outcome.get();
  }

  action_state call(const std::string& name, const std::string& body,
                    const std::string& input = {}) {
    auto x = order(name, body);
    x.input = input;
    return outcome_of(put(x));
  }

  void await_phase(const std::string& id, action_phase wanted) {
    for (auto i = 0; i < 2000; ++i) {
      auto found = actions{db}.find(id);
      BOOST_REQUIRE(found);
      if (*found && (*found)->phase == wanted)
        return;
      std::this_thread::sleep_for(5ms);
    }
    BOOST_FAIL("never " << to_string(wanted));
  }

  std::string checkpoint_of(const action_order& x) {
    auto place = "{a}:ckpt:" + std::to_string(x.connection);
    auto field = x.kind + ':' + x.name;
    auto reply = db.run({"HGET", place, field});
    return reply ? text_of(**reply) : std::string{};
  }

  action_waits waits{{server.url()}};
};

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(action_runs_test, fixture)

BOOST_AUTO_TEST_CASE(an_action_is_run_and_its_output_kept) {
  begin();
  auto state
    = call("twice", "return { twice: input.n * 2, of: nango.connectionId };", R"({"n":4})");
  BOOST_TEST(state.output == R"({"twice":8,"of":"c1"})");
  BOOST_TEST(state.worker == "w1");
  BOOST_TEST(answer_of(state).status == 200);
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_as_the_contract_has_it) {
  begin();
  auto failed = answer_of(call("fails", "throw new Error('no');"));
  BOOST_TEST(failed.status == 500);
  BOOST_TEST(failed.body
             == R"({"error":{"message":"no","code":"script_internal_error","payload":{}}})");
  auto own = answer_of(call("own", "throw new nango.ActionError({ message: 'mine', a: [1] });"));
  BOOST_TEST(own.status == 500);
  BOOST_TEST(own.body
             == R"({"error":{"message":"mine","code":"action_script_runtime_error",)"
                R"("payload":{"message":"mine","a":[1]}}})");
}

BOOST_AUTO_TEST_CASE(an_action_has_metadata_logs_and_a_checkpoint_of_its_own) {
  begin();
  auto body = "const before = await nango.getCheckpoint();"
              "await nango.saveCheckpoint({ n: (before?.n ?? 0) + 1 });"
              "await nango.updateMetadata({ seen: true }); await nango.log('said');"
              "return before;";
  BOOST_TEST(call("counts", body).output == "null");
  auto second = call("counts", body);
  BOOST_TEST(second.output == R"({"n":1})");
  BOOST_TEST(mentions(link().metadata, R"("seen":true)"));
  auto lines = actions{db}.read_log(second.order.id, {});
  BOOST_REQUIRE(lines && lines->size() == 1U);
  BOOST_TEST(mentions(lines->front().text, R"("said")"));
}

BOOST_AUTO_TEST_CASE(an_on_event_function_is_run) {
  begin();
  auto outcome
    = outcome_of(put(order("greets", "await nango.updateMetadata({ greeted: nango.scriptType });",
                           function_kind::on_event)));
  BOOST_TEST((outcome.phase == action_phase::success));
  BOOST_TEST(mentions(link().metadata, R"("greeted":"on-event")"));
}

BOOST_AUTO_TEST_CASE(an_action_that_takes_too_long_fails) {
  begin();
  auto x = order("slow", pause_script);
  x.run_max = 300ms;
  BOOST_TEST(mentions(outcome_of(put(x)).error, "execution_timeout"));
}

BOOST_AUTO_TEST_CASE(actions_call_each_other_without_waiting_for_places_or_processes) {
  config.runtime.processes = 1;
  config.runtime.slots = 1;
  begin();
  order("leaf", "return input + 1;");
  order("branch", "return await nango.triggerAction('orders', 'c1', 'leaf', input + 1);");
  auto root = order("root", "return await nango.triggerAction('orders', 'c1', 'branch', input);");
  root.input = "1";
  std::vector<std::future<action_state>> all;
  // More than there are places, and each needs three of them.
  for (auto i = 0; i < 5; ++i) {
    root.id = make_uuid();
    all.push_back(put(root));
  }
  for (auto& each : all)
    BOOST_TEST(outcome_of(std::move(each)).output == "3");
}

BOOST_AUTO_TEST_CASE(a_sync_calls_an_action) {
  begin();
  order("answers", "return { got: input };");
  auto sync = make("asks", "const out = await nango.triggerAction('orders', 'c1', 'answers', 7);"
                           "await nango.batchSave([{ id: 'a', out }], 'Order');");
  succeed(sync);
  BOOST_TEST(mentions(records_of(sync).at(0).payload, R"("out":{"got":7})"));
}

BOOST_AUTO_TEST_CASE(actions_do_not_call_each_other_for_ever) {
  begin();
  auto state = call("loops", "try { return await nango.triggerAction('orders', 'c1', 'loops'); }"
                             "catch (error) { return error.message; }");
  BOOST_TEST(mentions(state.output, "deep at most"));
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_is_told_to_the_caller) {
  begin();
  auto body = "const of = async (...args) => { try { await nango.triggerAction(...args); }"
              "catch ({ response }) { return [response.status, response.data.error.code]; } };"
              "return [await of('orders', 'none', 'x'), await of('orders', 'c1', 'none')];";
  BOOST_TEST(call("asks", body).output == R"([[400,"unknown_connection"],[404,"not_found"]])");
}

BOOST_AUTO_TEST_CASE(a_queued_action_is_tried_again) {
  begin();
  auto x = order("second-try", "const at = await nango.getCheckpoint();"
                               "if (at) return at.n; await nango.saveCheckpoint({ n: 1 });"
                               "throw new Error('first');");
  queue(x, 2);
  auto state = outcome_of(put(x));
  BOOST_TEST(state.output == "1");
  BOOST_TEST(state.tries == 2U);
}

BOOST_AUTO_TEST_CASE(a_worker_that_stops_gives_queued_actions_back_and_fails_the_others) {
  begin();
  auto waited = order("waits", pause_script);
  auto queued = order("goes-on", "if (await nango.getCheckpoint()) return 'again';"
                                 "await nango.saveCheckpoint({ n: 1 });"
                                   + std::string{pause_script});
  queue(queued, 0);
  auto first = put(waited);
  auto second = put(queued);
  await_phase(waited.id, action_phase::running);
  await_phase(queued.id, action_phase::running);
  for (auto i = 0; i < 2000 && !mentions(checkpoint_of(queued), "1"); ++i)
    std::this_thread::sleep_for(5ms);
  begin();
  BOOST_TEST(mentions(outcome_of(std::move(first)).error, "script_aborted"));
  BOOST_TEST(outcome_of(std::move(second)).output == R"("again")");
}

BOOST_AUTO_TEST_CASE(a_script_that_kills_its_process_fails_alone) {
  begin();
  auto state = call("kills", "const all = []; for (;;) all.push(new Array(1e6).fill(1));");
  BOOST_TEST((state.phase == action_phase::failed));
  BOOST_TEST(call("lives", "return 1;").output == "1");
}

BOOST_AUTO_TEST_SUITE_END()
