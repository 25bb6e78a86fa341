#include "tests/integration/api/api_fixture.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/token_provider.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct proxy_fixture : api_fixture {
  proxy_fixture() {
    add_integration(provider.url() + "/v1");
    BOOST_REQUIRE_EQUAL(ask("POST", "/connections",
                            {{"provider_config_key", "shop"},
                             {"connection_id", "c1"},
                             {"credentials", {{"type", "API_KEY"}, {"apiKey", "k1"}}}})
                          .status,
                        201);
  }

  void add_integration(const std::string& base_url) {
    BOOST_REQUIRE_EQUAL(
      ask("POST", "/integrations",
          {{"provider", "api-key"},
           {"unique_key", "shop"},
           {"custom", {{"base_url", base_url}, {"retry", {{"after", "x-wait"}}}}}})
        .status,
      200);
  }

  api_answer proxy(const std::string& method, const std::string& target, header_map more = {},
                   const std::string& body = {}) {
    more.emplace("provider-config-key", "shop");
    more.emplace("connection-id", "c1");
    return send(method, "/proxy" + target, body, std::move(more));
  }

  std::string code_of(const api_answer& x) { return x.body()["error"]["code"]; }

  std::atomic<int> asked{0};
  std::atomic<unsigned> status{200};
  provider_stub provider{[this](const stub_request& request, stub_response& response) {
    ++asked;
    response.result(status.load());
    response.set("Content-Type", "text/plain");
    response.set("X-Request-Id", "r1");
    response.set("Set-Cookie", "secret=1");
    response.set("X-Wait", "0");
    response.body() = std::string{request.method_string()} + " " + std::string{request.target()}
                      + " key=" + header_of(request, "X-Api-Key")
                      + " mine=" + header_of(request, "X-Mine")
                      + " auth=" + header_of(request, "Authorization")
                      + " type=" + header_of(request, "Content-Type") + " " + request.body();
  }};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(proxy_routes_test, proxy_fixture)

BOOST_AUTO_TEST_CASE(passes_a_request_on_with_the_credentials_of_the_connection) {
  auto got = proxy("GET", "/a%20b/?x=1&y=%2F", {{"nango-proxy-x-mine", "m"}, {"x-mine", "no"}});
  BOOST_TEST(got.line() == "200 GET /v1/a%20b/?x=1&y=%2F key=k1 mine=m auth=(none) type=(none) ");
  auto posted = proxy("POST", "/items", {{"content-type", "text/csv"}}, "a,b");
  BOOST_TEST(posted.line()
             == "200 POST /v1/items key=k1 mine=(none) auth=(none) type=text/csv a,b");
  BOOST_TEST(proxy("PROPFIND", "/x").text.find("PROPFIND /v1/x ") == 0U);
}

BOOST_AUTO_TEST_CASE(answers_with_status_and_body_of_the_provider_and_few_of_its_headers) {
  status = 422;
  auto got = proxy("DELETE", "/items/7");
  BOOST_TEST(got.status == 422);
  BOOST_TEST(got.whole.content_type == "text/plain");
  std::string names;
  for (auto& [name, value] : got.whole.headers)
    names += name + " ";
  BOOST_TEST(names.find("x-request-id ") != std::string::npos);
  BOOST_TEST(names.find("access-control-allow-origin ") != std::string::npos);
  BOOST_TEST(names.find("set-cookie") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(retries_as_often_as_asked) {
  status = 500;
  BOOST_TEST(proxy("GET", "/a", {{"retries", "2"}}).status == 500);
  BOOST_TEST(asked == 3);
  status = 404;
  BOOST_TEST(proxy("GET", "/a", {{"retries", "1"}, {"retry-on", "404,410"}}).status == 404);
  BOOST_TEST(asked == 5);
}

BOOST_AUTO_TEST_CASE(asks_another_base_url_and_takes_an_empty_one_for_none) {
  auto other = proxy("GET", "/a", {{"base-url-override", provider.url() + "/v2"}});
  BOOST_TEST(other.text.find("GET /v2/a ") == 0U);
  BOOST_TEST(proxy("GET", "/a", {{"base-url-override", ""}}).text.find("GET /v1/a ") == 0U);
  for (std::string refused : {"nonsense", "ftp://127.0.0.1", "http://127.0.0.2:1"})
    BOOST_TEST(code_of(proxy("GET", "/a", {{"base-url-override", refused}}))
                 == "base_url_override_not_allowed",
               refused);
  BOOST_TEST(code_of(proxy("GET", "/http://127.0.0.2:1/a")) == "base_url_override_not_allowed");
}

BOOST_AUTO_TEST_CASE(refuses_what_it_cannot_pass_on) {
  auto refusal = [&](header_map headers) {
    auto answer = send("GET", "/proxy/a", "", std::move(headers));
    BOOST_TEST(answer.status == 400);
    return code_of(answer);
  };
  BOOST_TEST(refusal({{"connection-id", "c1"}}) == "invalid_headers");
  BOOST_TEST(refusal({{"provider-config-key", "shop"}}) == "invalid_headers");
  BOOST_TEST(refusal({{"provider-config-key", "nope"}, {"connection-id", "c1"}})
             == "unknown_provider_config");
  BOOST_TEST(refusal({{"provider-config-key", "shop"}, {"connection-id", "nope"}})
             == "unknown_connection");
  for (auto [name, value] : {std::pair{"retries", "many"},
                             {"retries", "101"},
                             {"retry-on", "4o4"},
                             {"decompress", "maybe"},
                             {"forward-headers-on-redirect", "1"}})
    BOOST_TEST(code_of(proxy("GET", "/a", {{name, value}})) == "invalid_headers", name);
  BOOST_TEST(asked == 0);
}

BOOST_AUTO_TEST_CASE(tells_that_a_provider_is_out_of_reach) {
  auto answer = proxy("GET", "/a", {{"base-url-override", "http://127.0.0.1:1"}});
  BOOST_TEST(answer.status == 500);
  BOOST_TEST(code_of(answer) == "server_error");
  BOOST_TEST(answer.text.find("ECONNREFUSED") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bounds_how_many_are_under_way) {
  gate held;
  provider_stub slow{[&](const stub_request&, stub_response&) { held.pass(); }};
  auto begin = [&] {
    auto request = parse_target("/proxy/a");
    BOOST_REQUIRE(request);
    request->method = "GET";
    request->headers = {{"authorization", "Bearer " + key},
                        {"provider-config-key", "shop"},
                        {"connection-id", "c1"},
                        {"base-url-override", slow.url()}};
    return handler(std::move(*request));
  };
  std::vector<std::future<http_response>> all;
  for (size_t i = 0; i < proxy_calls_max; ++i) {
    auto answer = begin();
    BOOST_REQUIRE(answer.deferred != nullptr);
    auto given = std::make_shared<std::promise<http_response>>();
    all.push_back(given->get_future());
    answer.deferred->begin([given](http_response x) { given->set_value(std::move(x)); });
  }
  held.await(proxy_calls_max);
  BOOST_TEST(begin().status == 503);
  held.open();
  for (auto& each : all)
    BOOST_TEST(each.get().status == 200);
  BOOST_TEST(wait_for(begin()).status == 200);
}

BOOST_AUTO_TEST_CASE(renews_tokens_with_the_client_of_the_integration) {
  token_provider oauth;
  auto made = ask(
    "POST", "/integrations",
    {{"provider", "oauth2"},
     {"unique_key", "crm"},
     {"credentials", {{"type", "OAUTH2"}, {"client_id", "app"}, {"client_secret", "app-s3cret"}}},
     {"custom", {{"base_url", oauth.url()}, {"token_url", oauth.url() + "/token"}}}});
  BOOST_REQUIRE_EQUAL(made.status, 200);
  BOOST_TEST(made.text.find("app-s3cret") == std::string::npos);
  BOOST_TEST(ask("GET", "/integrations/crm?include=credentials").text.find("app-s3cret")
             != std::string::npos);
  BOOST_TEST(ask("GET", "/integrations").text.find("app-s3cret") == std::string::npos);
  auto import = [&](const std::string& end) {
    return ask("POST", "/connections",
               {{"provider_config_key", "crm"},
                {"connection_id", "u1"},
                {"credentials",
                 {{"type", "OAUTH2"},
                  {"access_token", "old"},
                  {"refresh_token", "r0"},
                  {"expires_at", end}}}})
      .status;
  };
  BOOST_REQUIRE_EQUAL(import("2020-01-01T00:00:00.000Z"), 201);
  auto read = "/connections/u1?provider_config_key=crm";
  BOOST_TEST(ask("GET", read).body()["credentials"]["access_token"] == "t1");
  BOOST_TEST(ask("GET", read).body()["credentials"]["access_token"] == "t1");
  BOOST_TEST(ask("GET", std::string{read} + "&force_refresh=true")
               .body()["credentials"]["raw"]["access_token"]
             == "t2");
  BOOST_TEST(proxy("GET", "/me", {{"provider-config-key", "crm"}, {"connection-id", "u1"}}).line()
             == "200 Bearer t2");
  oauth.refuses = true;
  BOOST_REQUIRE_EQUAL(import("2020-01-01T00:00:00.000Z"), 201);
  auto dead = ask("GET", read);
  BOOST_TEST(dead.status == 400);
  BOOST_TEST(code_of(dead) == "invalid_credentials");
  BOOST_TEST(code_of(proxy("GET", "/me", {{"provider-config-key", "crm"}, {"connection-id", "u1"}}))
             == "connection_refresh_backoff");
}

BOOST_AUTO_TEST_CASE(refuses_oauth_settings_that_make_no_sense) {
  auto status_of = [&](const char* kind, json more) {
    auto body = json{{"provider", kind}, {"unique_key", "crm"}};
    body.update(more);
    return ask("POST", "/integrations", body).status;
  };
  json client{{"type", "OAUTH2_CC"}, {"client_id", "a"}, {"client_secret", "b"}};
  BOOST_TEST(status_of("api-key", {{"credentials", client}}) == 400);
  BOOST_TEST(status_of("oauth2", {{"credentials", client}}) == 400);
  BOOST_TEST(status_of("oauth2-cc", {{"credentials", {{"type", "OAUTH2_CC"}}}}) == 400);
  BOOST_TEST(status_of("oauth2-cc", {{"custom", {{"token_url", "nonsense"}}}}) == 400);
  BOOST_TEST(status_of("oauth2-cc", {{"custom", {{"token_auth", "magic"}}}}) == 400);
  BOOST_TEST(status_of("oauth2-cc", {{"credentials", client},
                                     {"custom",
                                      {{"token_url", "https://${connectionConfig.domain}/token"},
                                       {"token_auth", "basic"},
                                       {"scopes", {"a", "b"}}}}})
             == 200);
}

BOOST_AUTO_TEST_SUITE_END()
