#include "store/leases.hpp"
#include "store/outbox.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

struct fixture : ready_api {
  std::function<http_response(http_request)> with(metrics_access access) {
    auto other = context;
    other.metrics = access;
    return make_handler(other);
  }

  static http_response stranger(const std::function<http_response(http_request)>& to,
                                const std::string& target) {
    auto request = *parse_target(target);
    request.method = "GET";
    return to(std::move(request));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(health_routes_test, fixture)

BOOST_AUTO_TEST_CASE(probes_need_no_key_and_say_what_they_saw) {
  BOOST_TEST(stranger(handler, "/livez").status == 200);
  BOOST_TEST(stranger(handler, "/readyz").body == R"({"result":"ok"})");
  BOOST_TEST(stranger(handler, "/readyz?verbose").body
             == R"({"result":"ok","checks":[{"name":"redis","ok":true,"required":true},)"
                R"({"name":"leader","ok":false,"required":false,)"
                R"("detail":"no coordinator leads"}]})");
  leases{db}.take_lead({"c1/17", "10.0.0.1:7103", 60000});
  auto checks = json::parse(stranger(handler, "/readyz?verbose").body)["checks"];
  BOOST_TEST(checks[1].dump()
             == R"({"name":"leader","ok":true,"required":false,"detail":"c1/17"})");
  BOOST_TEST(stranger(handler, "/readyz?other").status == 400);
}

BOOST_AUTO_TEST_CASE(lives_without_redis_but_is_not_ready) {
  redis_config nowhere;
  nowhere.url = "unix:///nowhere/redis.sock";
  auto other = context;
  other.stores = std::make_shared<store_pool>(nowhere);
  auto alone = make_handler(other);
  BOOST_TEST(stranger(alone, "/livez").status == 200);
  BOOST_TEST(stranger(alone, "/startupz").status == 503);
  auto answer = stranger(alone, "/readyz?verbose");
  BOOST_TEST(answer.status == 503);
  auto checks = json::parse(answer.body)["checks"];
  BOOST_TEST(checks[0]["ok"] == false);
  BOOST_TEST(!checks[0]["detail"].get<std::string>().empty());
}

BOOST_AUTO_TEST_CASE(tells_metrics_to_whoever_has_a_key_for_them) {
  auto answer = ask("GET", "/metrics");
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.whole.content_type == "text/plain; version=0.0.4; charset=utf-8");
  BOOST_TEST(has_line(answer.text, "varia_redis_up 1"));
  BOOST_TEST(answer.text.find("varia_redis_memory_used_bytes ") != std::string::npos);
  BOOST_TEST(stranger(handler, "/metrics").status == 401);
  auto weak = ask("POST", "/varia/keys",
                  {{"environment", "dev"}, {"name", "app"}, {"scopes", "environment:*"}});
  BOOST_TEST_REQUIRE(weak.status == 200);
  key = weak.body()["secret"].get<std::string>();
  BOOST_TEST(ask("GET", "/metrics").status == 403);
}

BOOST_AUTO_TEST_CASE(opens_or_shuts_metrics_as_the_settings_have_it) {
  BOOST_TEST(stranger(with(metrics_access::open), "/metrics").status == 200);
  BOOST_TEST(stranger(with(metrics_access::off), "/metrics").status == 404);
}

BOOST_AUTO_TEST_CASE(measures_the_webhooks_that_wait_now) {
  BOOST_TEST(has_line(ask("GET", "/metrics").text, "varia_webhooks_waiting 0"));
  ask("PUT", "/varia/webhooks/settings", {{"primary_url", "http://app/hooks"}});
  BOOST_REQUIRE(outbox{db}.put({"dev", "c1", "", "on_sync_completion_always", "1", "{}"}));
  BOOST_TEST(has_line(ask("GET", "/metrics").text, "varia_webhooks_waiting 1"));
  auto claims = outbox{db}.claim("me", 1, milliseconds{60'000});
  BOOST_REQUIRE(claims && claims->all.size() == 1U);
  BOOST_REQUIRE(
    outbox{db}.settle("me", claims->all[0], {delivery_verdict::dead, {}, "status 400", {}}));
  auto text = ask("GET", "/metrics").text;
  BOOST_TEST(has_line(text, "varia_webhooks_waiting 0"));
  BOOST_TEST(has_line(text, "varia_webhooks_dead_letters 1"));
}

BOOST_AUTO_TEST_CASE(counts_requests_by_the_pattern_of_their_route) {
  ask("GET", "/sync/orders/variants?provider_config_key=orders&connection_id=c1");
  ask("GET", "/nowhere/at/all");
  auto text = ask("GET", "/metrics").text;
  auto counted = [&](const std::string& labels) {
    return text.find("varia_http_requests_total{" + labels + "} ") != std::string::npos;
  };
  BOOST_TEST(counted(R"(method="GET",route="/sync/:name/variants",status="2xx")"), text);
  BOOST_TEST(counted(R"(method="any",route="none",status="4xx")"), text);
  BOOST_TEST(text.find("/nowhere") == std::string::npos);
  BOOST_TEST(text.find("c1") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
