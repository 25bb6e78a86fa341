#include "webhooks/payloads.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

constexpr time_ms began = 1'763'829'658'838;

sync_facts facts() {
  sync_facts x;
  x.success = true;
  x.connection_id = "c1";
  x.provider_config_key = "orders";
  x.sync = "sync-orders";
  x.variant = "emea";
  x.model = "Order";
  x.sync_type = "INCREMENTAL";
  x.started_at = began;
  x.finished_at = began + 1000;
  x.added = 3;
  x.deleted = 1;
  return x;
}

std::string payload(const sync_facts& x) {
  outbox_event event;
  event.kind = "sync";
  event.body = pack(x);
  auto result = payload_of(event);
  return result ? *result : describe(result.error());
}

connection link() {
  connection x;
  x.environment = "dev";
  x.provider_config_key = "orders";
  x.connection_id = "c1";
  x.provider = "github";
  x.credentials = R"({"type":"OAUTH2","access_token":"secret"})";
  x.tags = R"({"team":"a"})";
  return x;
}

} // namespace

BOOST_AUTO_TEST_SUITE(payloads_test)

BOOST_AUTO_TEST_CASE(a_success_is_told_with_sorted_keys) {
  BOOST_TEST(payload(facts())
             == R"({"connectionId":"c1","from":"nango","model":"Order",)"
                R"("modifiedAfter":"2025-11-22T16:40:58.838Z","providerConfigKey":"orders",)"
                R"("queryTimeStamp":"2025-11-22T16:40:58.838Z",)"
                R"("responseResults":{"added":3,"deleted":1,"updated":0},"success":true,)"
                R"("syncName":"sync-orders","syncType":"INCREMENTAL","syncVariant":"emea",)"
                R"("type":"sync"})");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_told_if_the_run_used_one) {
  auto x = facts();
  x.used_checkpoint = 1;
  x.checkpoint_to = R"({"page":1e21,"b":"\u00e9","a":1.0})";
  BOOST_TEST(payload(x).rfind("{\"checkpoints\":{\"from\":null,\"to\":"
                              "{\"a\":1,\"b\":\"\u00e9\",\"page\":1e+21}},\"connectionId\"",
                              0)
             == 0U);
}

BOOST_AUTO_TEST_CASE(an_error_is_told_without_its_stack) {
  auto x = facts();
  x.success = false;
  x.model = "Order,Mark";
  x.last_sync = began - 60'000;
  x.report = R"({"type":"script_http_error","description":"no/way","stack":"at secret.ts",)"
             R"("additional_properties":{"upstream_response":{"status":500}}})";
  BOOST_TEST(payload(x)
             == R"({"connectionId":"c1","error":{"additional_properties":)"
                R"({"upstream_response":{"status":500}},"description":"no/way",)"
                R"("type":"script_http_error"},"failedAt":"2025-11-22T16:40:59.838Z",)"
                R"("from":"nango","model":"Order,Mark","providerConfigKey":"orders",)"
                R"("startedAt":"2025-11-22T16:39:58.838Z","success":false,)"
                R"("syncName":"sync-orders","syncType":"INCREMENTAL","syncVariant":"emea",)"
                R"("type":"sync"})");
}

BOOST_AUTO_TEST_CASE(a_sync_that_never_succeeded_started_when_it_failed) {
  auto x = facts();
  x.success = false;
  BOOST_TEST(payload(x).find(R"("startedAt":"2025-11-22T16:40:59.838Z")") != std::string::npos);
  BOOST_TEST(payload(x).find(R"("error":{})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(credentials_are_told_of_but_not_told) {
  auto x = link();
  x.end_user = R"({"id":"u1","email":"u@example.com","tags":{"plan":"x"}})";
  BOOST_TEST(auth_payload(x, {"creation", {}, {}})
             == R"({"authMode":"OAUTH2","connectionId":"c1","endUser":{"endUserEmail":)"
                R"("u@example.com","endUserId":"u1","tags":{"plan":"x"}},"environment":"dev",)"
                R"("from":"nango","operation":"creation","provider":"github",)"
                R"("providerConfigKey":"orders","success":true,"tags":{"team":"a"},)"
                R"("type":"auth"})");
  BOOST_TEST(auth_payload(link(), {"refresh", "refresh_token_external_error", "status 400"})
             == R"({"authMode":"OAUTH2","connectionId":"c1","environment":"dev","error":)"
                R"({"description":"status 400","type":"refresh_token_external_error"},)"
                R"("from":"nango","operation":"refresh","provider":"github",)"
                R"("providerConfigKey":"orders","success":false,"tags":{"team":"a"},)"
                R"("type":"auth"})");
}

BOOST_AUTO_TEST_CASE(what_is_forwarded_is_json_or_text) {
  BOOST_TEST(forward_payload({"github", "gh", "c1", R"({"b":1.0,"a":"/"})"})
             == R"({"connectionId":"c1","from":"github","payload":{"a":"/","b":1},)"
                R"("providerConfigKey":"gh","type":"forward"})");
  BOOST_TEST(forward_payload({"github", "gh", {}, "a=1&b=\"x\""})
             == R"({"from":"github","payload":"a=1&b=\"x\"","providerConfigKey":"gh",)"
                R"("type":"forward"})");
}

BOOST_AUTO_TEST_CASE(an_action_that_ended_says_where_its_result_is) {
  BOOST_TEST(async_action_payload(link(), "a1", "/action/a1")
             == R"({"connectionId":"c1","from":"nango","payload":{"id":"a1","statusUrl":)"
                R"("/action/a1"},"providerConfigKey":"orders","type":"async_action"})");
}

BOOST_AUTO_TEST_CASE(a_variant_that_changed_is_told_of) {
  outbox_event event;
  event.kind = "variant";
  event.body = pack(variant_facts{"c1", "orders", "sync-orders", "emea", "paused", began});
  BOOST_TEST(*payload_of(event)
             == R"({"at":"2025-11-22T16:40:58.838Z","connectionId":"c1","from":"nango",)"
                R"("operation":"paused","providerConfigKey":"orders","syncName":"sync-orders",)"
                R"("syncVariant":"emea","type":"variant"})");
  BOOST_TEST(subject_of(event).size() == 6U);
}

BOOST_AUTO_TEST_CASE(what_is_ready_is_sent_as_it_is) {
  outbox_event event;
  event.kind = "json";
  event.body = R"({"type":"forward"})";
  BOOST_TEST(*payload_of(event) == event.body);
  event.kind = "other";
  BOOST_TEST(!payload_of(event));
}

BOOST_AUTO_TEST_SUITE_END()
