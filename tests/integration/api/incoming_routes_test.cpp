#include "store/environments.hpp"
#include "store/keys.hpp"
#include "store/outbox.hpp"
#include "tests/integration/api/api_fixture.hpp"
#include "webhooks/signatures.hpp"

#include <boost/test/unit_test.hpp>
#include <hiredis/hiredis.h>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  fixture() {
    auto hooked = flow("hooked", true);
    hooked["webhookSubscriptions"] = {"order.created"};
    deploy({hooked}, false);
    cluster.take_notes();
    door = "/webhook/" + *environments{db}.id_of("dev") + "/orders";
  }

  api_answer set(json rules, const std::string& secret = {}) {
    return ask(
      "PUT", "/varia/webhooks/incoming",
      {{"provider_config_key", "orders"}, {"rules", std::move(rules)}, {"secret", secret}});
  }

  // What a provider sends: it has no key of the API.
  api_answer hook(const std::string& body, header_map headers = {}) {
    headers.emplace("authorization", "none");
    return send("POST", door, body, std::move(headers));
  }

  // The events that wait for a variant, oldest first.
  std::vector<std::string> inbox(const std::string& variant = "base") {
    auto waiting = keys::inbox(ref("hooked", variant));
    auto reply = db.run({"LRANGE", waiting, "0", "-1"});
    BOOST_REQUIRE(reply);
    std::vector<std::string> result;
    for (size_t i = 0; i < (*reply)->elements; ++i)
      result.push_back(text_of(*(*reply)->element[i]));
    return result;
  }

  std::vector<outbox_claim> told() {
    auto found = outbox{db}.claim("test", 100, milliseconds{60000});
    BOOST_REQUIRE(found);
    return found->all;
  }

  std::string door;
};

const std::string created = R"({"type":"order.created","n":1.0})";

} // namespace

BOOST_FIXTURE_TEST_SUITE(incoming_routes_test, fixture)

BOOST_AUTO_TEST_CASE(an_integration_takes_no_webhooks_until_it_says_how_they_are_checked) {
  BOOST_TEST(hook(created).status == 404);
  BOOST_TEST(hook(created).body()["error"]["code"].get<std::string>() == "feature_disabled");
  BOOST_TEST(set({{"scheme", "hmac"}, {"header", "X-Signature"}}).status == 200);
  BOOST_TEST(hook(created).status == 404);
}

BOOST_AUTO_TEST_CASE(a_webhook_reaches_the_base_variant_that_subscribes_to_it) {
  set({{"scheme", "none"}, {"type_path", "type"}});
  BOOST_TEST(hook(created).line() == R"(200 {"success":true})");
  BOOST_TEST(cluster.take_notes() == "wake 1/hooked::base\n");
  BOOST_TEST(inbox() == std::vector{created}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_nobody_handles_is_answered_with_nothing) {
  set({{"scheme", "none"}, {"type_path", "type"}});
  auto answer = hook(R"({"type":"order.deleted"})");
  BOOST_TEST(answer.status == 204);
  BOOST_TEST(answer.text == "");
  BOOST_TEST(cluster.take_notes() == "");
}

BOOST_AUTO_TEST_CASE(only_what_is_signed_comes_in) {
  set({{"scheme", "hmac"}, {"header", "X-Signature"}, {"type_path", "type"}}, "shh");
  auto good = to_hex(hmac(digest_kind::sha256, "shh", created));
  BOOST_TEST(hook(created, {{"x-signature", good}}).status == 200);
  auto bad = hook(created, {{"x-signature", "00"}});
  BOOST_TEST(bad.status == 401);
  BOOST_TEST(bad.text.find("shh") == std::string::npos);
  BOOST_TEST(inbox().size() == 1U);
}

BOOST_AUTO_TEST_CASE(names_that_do_not_exist_are_refused_as_the_contract_has_it) {
  auto code = [&](const std::string& target) {
    auto answer = send("POST", target, "{}");
    return std::to_string(answer.status) + " " + answer.body()["error"]["code"].get<std::string>();
  };
  BOOST_TEST(code("/webhook/no-uuid/orders") == "400 invalid_uri_params");
  BOOST_TEST(code("/webhook/5f2c6b9e-52a1-4c39-9a39-6e4e8f3c1d2b/orders")
             == "404 unknown_environment");
  BOOST_TEST(code(door + "-no") == "404 unknown_provider_config");
}

BOOST_AUTO_TEST_CASE(a_webhook_finds_its_connection_by_id_by_configuration_or_by_metadata) {
  import("c2");
  auto woken_by = [&](json rules, const std::string& body) {
    rules["scheme"] = "none";
    rules["type_header"] = "x-type";
    BOOST_REQUIRE_EQUAL(set(rules).status, 200);
    cluster.take_notes();
    hook(body, {{"x-type", "order.created"}});
    return cluster.take_notes();
  };
  BOOST_TEST(
    woken_by({{"connection_path", "who"}, {"connection_by", "connection_id"}}, R"({"who":"c2"})")
    == "wake 2/hooked::base\n");
  BOOST_TEST(
    woken_by({{"connection_path", "who"}, {"connection_by", "connection_id"}}, R"({"who":"c9"})")
    == "");
  BOOST_REQUIRE_EQUAL(
    ask("PATCH", "/connections/metadata",
        {{"connection_id", "c1"}, {"provider_config_key", "orders"}, {"metadata", {{"team", 7}}}})
      .status,
    200);
  BOOST_TEST(woken_by({{"connection_path", "team.id"}, {"connection_by", "metadata.team"}},
                      R"({"team":{"id":"7"}})")
             == "wake 1/hooked::base\n");
  BOOST_TEST(woken_by({{"connection_path", "team"}}, R"({"team":"7"})") == "");
  BOOST_TEST(woken_by({{"connection_path", "team"}}, "{}")
             == "wake 1/hooked::base\nwake 2/hooked::base\n");
}

BOOST_AUTO_TEST_CASE(a_rule_routes_events_to_a_variant) {
  BOOST_REQUIRE_EQUAL(ask("POST", "/sync/hooked/variant/eu", ids()).status, 200);
  json rules{{"scheme", "none"}, {"type_path", "type"}, {"variant_path", "region"}};
  set(rules);
  auto event = [](const char* region) {
    return R"({"type":"order.created","region":")" + std::string{region} + R"("})";
  };
  hook(event("eu"));
  BOOST_TEST(inbox("eu").size() == 1U);
  BOOST_TEST(inbox().empty());
  hook(event("us"));
  BOOST_TEST(inbox().size() == 1U);
  rules["variant_missing"] = "drop";
  set(rules);
  BOOST_TEST(hook(event("us")).status == 204);
  BOOST_TEST(inbox().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_is_passed_on_to_the_application) {
  ask("PUT", "/varia/webhooks/settings", {{"primary_url", "https://app.example.com/hooks"}});
  set({{"scheme", "none"}, {"type_path", "type"}});
  BOOST_TEST(hook(R"({"type":"other","n":1.0})").status == 200);
  auto events = told();
  BOOST_REQUIRE_EQUAL(events.size(), 1U);
  BOOST_TEST(events[0].event.body
             == R"({"connectionId":"c1","from":"unauthenticated","payload":{"n":1,"type":"other"},)"
                R"("providerConfigKey":"orders","type":"forward"})");
  ask("PUT", "/varia/webhooks/incoming",
      {{"provider_config_key", "orders"}, {"forward_webhooks", false}});
  BOOST_TEST(hook(R"({"type":"other"})").status == 204);
}

BOOST_AUTO_TEST_CASE(a_challenge_is_answered_with_itself) {
  set({{"scheme", "none"}, {"challenge_path", "challenge"}});
  auto answer = hook(R"({"challenge":"xyz"})");
  BOOST_TEST(answer.line() == "200 xyz");
  BOOST_TEST(answer.whole.content_type == "text/plain; charset=utf-8");
}

BOOST_AUTO_TEST_CASE(too_large_and_too_many_webhooks_are_refused) {
  set({{"scheme", "none"}});
  BOOST_TEST(hook(std::string(1001, 'x')).status == 413);
  for (uint32_t i = 0; i < incoming_per_minute; ++i)
    hook("{}");
  // A minute may have turned meanwhile.
  auto last = hook("{}");
  for (uint32_t i = 0; last.status != 429 && i < incoming_per_minute; ++i)
    last = hook("{}");
  BOOST_TEST(last.status == 429);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_finds_a_full_inbox_is_to_come_again) {
  set({{"scheme", "none"}, {"type_path", "type"}});
  for (auto i = 0; i < 1000; ++i)
    BOOST_REQUIRE(runs{db}.put_event(ref("hooked", "base"), "1"));
  auto answer = hook(created);
  BOOST_TEST(answer.status == 429);
  BOOST_TEST(answer.whole.headers.front().first == "retry-after");
}

BOOST_AUTO_TEST_CASE(rules_can_be_read_without_their_secret) {
  set({{"scheme", "token"}, {"header", "X-Token"}}, "very-secret");
  auto read = ask("GET", "/varia/webhooks/incoming?provider_config_key=orders");
  BOOST_TEST(read.text.find("very-secret") == std::string::npos);
  BOOST_TEST(read.body()["takes"].get<std::string>() == "token");
  BOOST_TEST(read.body()["has_secret"].get<bool>());
  BOOST_TEST(read.body()["webhook_url"].get<std::string>() == "http://varia" + door);
  BOOST_TEST(ask("GET", "/integrations/orders?include=webhook")
               .body()["data"]["webhook_url"]
               .get<std::string>()
             == "http://varia" + door);
  BOOST_TEST(ask("GET", "/integrations/orders?include=credentials").text.find("very-secret")
             == std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_rules_that_make_no_sense) {
  BOOST_TEST(set({{"scheme", "magic"}}).status == 400);
  BOOST_TEST(set({{"header", "a b"}}).status == 400);
  BOOST_TEST(set({{"signed", "x"}}).status == 400);
  BOOST_TEST(set({{"connection_by", "name"}}).status == 400);
  BOOST_TEST(set({{"tolerance", "5"}}).status == 400);
  BOOST_TEST(set({{"unknown", "x"}}).status == 400);
  BOOST_TEST(ask("PUT", "/varia/webhooks/incoming", {{"provider_config_key", "no"}}).status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
