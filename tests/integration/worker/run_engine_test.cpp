#include "store/checkpoints.hpp"
#include "tests/integration/worker/engine_fixture.hpp"
#include "tests/support/provider_stub.hpp"

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(run_engine_test, engine_fixture)

BOOST_AUTO_TEST_CASE(brings_the_records_of_a_script_into_the_store) {
  prepare();
  auto x = make("orders", R"js(
    const row = (_, i) => ({ id: i + 1, name: 'n' + i, price: 1.50 });
    const rows = Array.from({ length: 2500 }, row);
    await nango.batchSave(rows, 'Order');
    await nango.batchDelete([{ id: 1 }], 'Order');
  )js");
  auto result = succeed(x);
  BOOST_TEST(result.began);
  BOOST_TEST(!result.fenced);
  auto stored = records_of(x);
  BOOST_REQUIRE_EQUAL(stored.size(), 2500U);
  BOOST_TEST(stored.front().payload == R"({"id":2,"name":"n1","price":1.5})");
  auto state = state_of(x);
  BOOST_TEST((state.last_outcome == run_outcome::success));
  BOOST_TEST(state.result["Order"].added == 2500);
  BOOST_TEST(state.result["Order"].deleted == 1);
}

BOOST_AUTO_TEST_CASE(tells_a_script_who_it_is) {
  prepare();
  auto x = make("facts", R"js(
    const link = await nango.getConnection();
    await nango.batchSave([{ id: 'x', variant: nango.variant, c: nango.connectionId,
      k: nango.providerConfigKey, m: await nango.getMetadata(), key: link.credentials.apiKey,
      last: nango.lastSyncDate instanceof Date }], 'Order');
  )js",
                "eu");
  succeed(x);
  BOOST_TEST(records_of(x).at(0).payload
             == R"({"id":"x","variant":"eu","c":"c1","k":"orders","m":{"threshold":10},)"
                R"("key":"k1","last":false})");
  succeed(x);
  BOOST_TEST(records_of(x).at(0).payload.find(R"("last":true)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(keeps_a_checkpoint_from_run_to_run) {
  prepare();
  auto x = make("counting", R"js(
    const seen = await nango.getCheckpoint();
    if (seen && seen.n >= 2) return nango.clearCheckpoint();
    await nango.saveCheckpoint({ n: (seen ? seen.n : 0) + 1 });
  )js");
  succeed(x);
  BOOST_TEST(**checkpoints{db}.read(ref_of(x)) == R"({"n":1})");
  succeed(x);
  BOOST_TEST(**checkpoints{db}.read(ref_of(x)) == R"({"n":2})");
  succeed(x);
  BOOST_TEST(!checkpoints{db}.read(ref_of(x))->has_value());
}

BOOST_AUTO_TEST_CASE(fails_a_throwing_script_and_lives_on) {
  prepare();
  auto bad
    = make("bad", "await nango.batchSave([{ id: '1' }], 'Order'); throw new Error('oh no');");
  auto result = run(bad);
  BOOST_TEST((result.outcome == run_outcome::failed));
  BOOST_TEST(result.error == "oh no");
  auto state = state_of(bad);
  BOOST_TEST(state.error.find(R"({"type":"script_internal_error","description":"oh no","stack":)")
             == 0U);
  BOOST_TEST(records_of(bad).size() == 1U);
  BOOST_TEST((run(make("worse", "this is no script")).outcome == run_outcome::failed));
  BOOST_TEST((run(make("model", "await nango.batchSave([{ id: '1' }], 'Nope')")).outcome
              == run_outcome::failed));
  succeed(make("good", "await nango.log('fine');"));
}

BOOST_AUTO_TEST_CASE(keeps_what_a_script_logs) {
  prepare();
  auto x = make("logging", "await nango.log('hello', { a: 1 }, { level: 'warn' });");
  succeed(x);
  await_log(x, "hello");
}

BOOST_AUTO_TEST_CASE(asks_providers_with_the_credentials_of_the_connection) {
  std::atomic<int> asked{0};
  test::provider_stub provider{[&](const test::stub_request& request, test::stub_response& answer) {
    if (++asked == 1) {
      answer.result(429);
      answer.set("Retry-After", "0");
      return;
    }
    answer.set("Content-Type", "application/json");
    answer.body() = "{\"target\":\"" + std::string{request.target()} + "\",\"key\":\""
                    + std::string{request["X-Api-Key"]} + "\"}";
  }};
  auto service = integrations{db}.find("dev", "orders");
  BOOST_REQUIRE(service);
  (*service)->settings = "{\"base_url\":\"" + provider.url() + "/v1\"}";
  BOOST_REQUIRE(integrations{db}.update("dev", **service));
  prepare();
  auto x = make("asking", R"js(
    const request = { endpoint: '/items', params: { page: 2 }, retries: 1 };
    const { data, status } = await nango.get(request);
    await nango.batchSave([{ id: 'x', status, ...data }], 'Order');
  )js");
  succeed(x);
  BOOST_TEST(asked == 2);
  BOOST_TEST(records_of(x).at(0).payload
             == R"({"id":"x","status":200,"target":"/v1/items?page=2","key":"k1"})");
}

BOOST_AUTO_TEST_CASE(tells_the_failure_of_a_provider_without_its_answer) {
  test::provider_stub provider{[](const test::stub_request&, test::stub_response& answer) {
    answer.result(404);
    answer.body() = "s3cret";
  }};
  prepare();
  auto x = make("missing",
                "await nango.get({ endpoint: '/a', baseUrlOverride: '" + provider.url() + "' });");
  BOOST_TEST((run(x).outcome == run_outcome::failed));
  auto error = state_of(x).error;
  BOOST_TEST(error.find(R"("type":"script_http_error")") != std::string::npos);
  BOOST_TEST(error.find(R"("upstream_response":{"status":404})") != std::string::npos);
  BOOST_TEST(error.find("s3cret") == std::string::npos);
  auto gone
    = make("gone", "await nango.get({ endpoint: '/', baseUrlOverride: 'http://127.0.0.1:1' });");
  BOOST_TEST((run(gone).outcome == run_outcome::failed));
  BOOST_TEST(state_of(gone).error.find("script_network_error") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(makes_as_many_runs_at_once_as_there_are_slots) {
  prepare();
  BOOST_TEST(engine->slots() == 8U);
  auto first = make("many", "await nango.batchSave([{ id: nango.variant }], 'Order');");
  std::vector<assignment> all{first};
  for (auto i = 1; i < 8; ++i) {
    variant_key key{first.key.sync, "v" + std::to_string(i)};
    auto entry = variants{db}.add(1, key, false, 100);
    BOOST_REQUIRE(entry);
    all.push_back(place({key, entry->id, {}, false, 0, {}}));
  }
  for (auto round = 0; round < 5; ++round) {
    std::vector<std::future<run_result>> running;
    for (const auto& x : all)
      running.push_back(begin(x));
    for (auto& x : running)
      BOOST_TEST((end(std::move(x)).outcome == run_outcome::success));
  }
  for (const auto& x : all)
    BOOST_TEST(records_of(x).size() == 1U);
}

BOOST_AUTO_TEST_CASE(serves_one_environment_after_the_other_with_a_single_process) {
  config.runtime.processes = 1;
  use(config);
  prepare();
  auto ours = make("shared", "await nango.batchSave([{ id: nango.environmentName }], 'Order');");
  succeed(ours);
  add_integration("prod");
  auto other = link();
  other.environment = "prod";
  auto stored = connections{db}.put(other);
  BOOST_REQUIRE(stored);
  auto code = functions{db}.find("dev", "orders", "shared");
  BOOST_REQUIRE(functions{db}.deploy("prod", {**code}));
  variant_key key{{stored->number, "shared"}, base_variant};
  auto entry = variants{db}.add(1, key, false, 100);
  BOOST_REQUIRE(entry);
  auto theirs = place({key, entry->id, {}, false, 0, {}});
  succeed(theirs);
  succeed(ours);
  BOOST_TEST(records_of(ours).at(0).id == "dev");
  BOOST_TEST(records_of(theirs).at(0).id == "prod");
}

BOOST_AUTO_TEST_CASE(fails_runs_whose_connection_or_function_is_gone) {
  prepare();
  auto x = make("going", "");
  BOOST_REQUIRE(functions{db}.remove("dev", "orders", "going"));
  auto result = run(x);
  BOOST_TEST((result.outcome == run_outcome::failed));
  BOOST_TEST(result.error == "the function going is not deployed any more");
  BOOST_TEST((state_of(x).last_outcome == run_outcome::failed));
}

BOOST_AUTO_TEST_SUITE_END()
