#include "store/outbox.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  json settings() { return ask("GET", "/varia/webhooks/settings").body(); }

  api_answer set(const json& changes) { return ask("PUT", "/varia/webhooks/settings", changes); }

  // What is told next, as JSON.
  std::vector<json> told() {
    std::vector<json> result;
    auto found = outbox{db}.claim("test", 100, milliseconds{60000});
    BOOST_REQUIRE(found);
    for (auto& each : found->all) {
      result.push_back(json::parse(each.event.body));
      BOOST_REQUIRE(outbox{db}.settle("test", each, {}));
    }
    return result;
  }

  std::string bury(const std::string& id) {
    BOOST_REQUIRE(outbox{db}.put({"dev", "c1", {}, "", id, R"({"type":"forward"})"}));
    auto found = outbox{db}.claim("test", 1, milliseconds{60000});
    BOOST_REQUIRE(found && found->all.size() == 1);
    BOOST_REQUIRE(outbox{db}.settle(
      "test", found->all[0],
      {delivery_verdict::dead, {}, "status 400", R"({"event":")" + id + R"(","status":400})"}));
    return outbox{db}.dead("dev", {}, 1)->front().id;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_routes_test, fixture)

BOOST_AUTO_TEST_CASE(settings_begin_with_defaults_and_change_one_by_one) {
  BOOST_TEST(settings().dump()
             == R"({"primary_url":"","secondary_url":"","on_sync_completion_always":true,)"
                R"("on_sync_error":true,"on_auth_creation":true,"on_auth_refresh_error":true,)"
                R"("on_async_action_completion":true,"on_variant_change":false})");
  BOOST_TEST(set({{"primary_url", "https://app.example.com/hooks"}}).status == 200);
  BOOST_TEST(set({{"on_sync_error", false}}).status == 200);
  BOOST_TEST(settings()["primary_url"].get<std::string>() == "https://app.example.com/hooks");
  BOOST_TEST(!settings()["on_sync_error"].get<bool>());
  BOOST_TEST(
    ask("POST", "/varia/webhooks/set", {{"name", "on_sync_error"}, {"value", "true"}}).status
    == 200);
  BOOST_TEST(settings()["on_sync_error"].get<bool>());
}

BOOST_AUTO_TEST_CASE(refuses_settings_that_make_no_sense_and_changes_nothing) {
  auto before = settings();
  BOOST_TEST(set({{"primary_url", "ftp://app"}}).status == 400);
  BOOST_TEST(set({{"primary_url", "https://api.nango.dev/x"}}).status == 400);
  BOOST_TEST(set({{"on_sync_error", "yes"}}).status == 400);
  BOOST_TEST(set({{"on_moon", true}}).status == 400);
  BOOST_TEST(set({{"signing_key", "short"}}).status == 400);
  BOOST_TEST(ask("POST", "/varia/webhooks/set", {{"name", "on_moon"}, {"value", "true"}}).status
             == 400);
  BOOST_TEST(settings() == before);
}

BOOST_AUTO_TEST_CASE(the_signing_key_can_be_read_set_and_rotated) {
  auto read = [&] {
    return ask("GET", "/varia/webhooks/signing-key")
      .body()["data"]["webhook_signing_key"]
      .get<std::string>();
  };
  auto first = read();
  BOOST_TEST(read() == first);
  auto rotated = ask("POST", "/environment/webhook-signing-key/rotate", json::object());
  BOOST_TEST(rotated.status == 200);
  BOOST_TEST(rotated.body()["data"]["webhook_signing_key"].get<std::string>() == read());
  BOOST_TEST(read() != first);
  BOOST_TEST(set({{"signing_key", "a key of sixteen"}}).status == 200);
  BOOST_TEST(read() == "a key of sixteen");
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_made_or_made_again_is_told_of) {
  set({{"primary_url", "https://app.example.com/hooks"}});
  import("c2");
  auto first = told();
  BOOST_REQUIRE_EQUAL(first.size(), 1U);
  BOOST_TEST(first[0]["operation"].get<std::string>() == "creation");
  BOOST_TEST(first[0]["connectionId"].get<std::string>() == "c2");
  BOOST_TEST(first[0]["authMode"].get<std::string>() == "NONE");
  import("c2");
  BOOST_TEST(told()[0]["operation"].get<std::string>() == "override");
  set({{"on_auth_creation", false}});
  import("c3");
  BOOST_TEST(told().empty());
}

BOOST_AUTO_TEST_CASE(dead_letters_are_listed_and_sent_again) {
  set({{"primary_url", "https://app.example.com/hooks"}});
  auto letter = bury("e1");
  auto other = bury("e2");
  auto listed = ask("GET", "/varia/webhooks/dead?limit=1").body();
  BOOST_TEST(listed["dead"].get<int>() == 2);
  BOOST_TEST(listed["letters"][0]["event"].get<std::string>() == "e2");
  BOOST_TEST(listed["letters"][0]["why"].get<std::string>() == "status 400");
  auto older = ask("GET", "/varia/webhooks/dead?before=" + other).body();
  BOOST_TEST(older["letters"][0]["id"].get<std::string>() == letter);
  BOOST_TEST(ask("POST", "/varia/webhooks/resend", {{"ids", {letter}}}).line()
             == R"(200 {"sent":1})");
  BOOST_TEST(ask("POST", "/varia/webhooks/resend", {{"id", "all"}}).line() == R"(200 {"sent":1})");
  BOOST_TEST(ask("POST", "/varia/webhooks/resend", {{"id", "all"}}).line() == R"(200 {"sent":0})");
  BOOST_TEST(told().size() == 1U);
  BOOST_TEST(ask("POST", "/varia/webhooks/resend", json::object()).status == 400);
  BOOST_TEST(ask("POST", "/varia/webhooks/resend", {{"ids", {"x"}}}).status == 400);
  BOOST_TEST(ask("GET", "/varia/webhooks/dead?before=x").status == 400);
}

BOOST_AUTO_TEST_CASE(deliveries_are_listed_by_event) {
  set({{"primary_url", "https://app.example.com/hooks"}});
  bury("e1");
  bury("e2");
  auto all = ask("GET", "/varia/webhooks/deliveries").body()["deliveries"];
  BOOST_TEST(all.size() == 2U);
  BOOST_TEST(all[0]["event"].get<std::string>() == "e2");
  auto one = ask("GET", "/varia/webhooks/deliveries?event=e1").body()["deliveries"];
  BOOST_TEST(one.dump() == R"([{"event":"e1","status":400}])");
}

BOOST_AUTO_TEST_SUITE_END()
