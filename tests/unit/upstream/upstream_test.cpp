#include "tests/support/upstream_asking.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>

using namespace varia;
using namespace std::chrono_literals;

namespace {

using namespace varia::test;

// Answers with what came in.
void echo(const stub_request& request, stub_response& response) {
  response.set("X-Seen", "1");
  response.insert("X-Seen", "2");
  response.body()
    = std::string{request.method_string()} + " " + std::string{request.target()} + " key="
      + header_of(request, "X-Api-Key") + " auth=" + header_of(request, "Authorization") + " type="
      + header_of(request, "Content-Type") + " length=" + header_of(request, "Content-Length")
      + " agent=" + header_of(request, "User-Agent") + " body=" + request.body();
}

} // namespace

BOOST_AUTO_TEST_SUITE(upstream_test)

BOOST_AUTO_TEST_CASE(brings_back_status_headers_and_body) {
  test::provider_stub provider{echo};
  upstream out{loopback_config()};
  auto request = get(provider.url() + "/items?x=1");
  request.auth.headers = {{"X-Api-Key", "k1"}};
  auto result = ask(out, request);
  BOOST_TEST(result.failure == "");
  BOOST_TEST(result.status == 200);
  BOOST_TEST(value_of(result.headers, "x-seen") == "1, 2");
  BOOST_TEST(result.url == provider.url() + "/items?x=1");
  BOOST_TEST(result.body
             == "GET /items?x=1 key=k1 auth=(none) type=(none) length=(none) agent=varia/0.1.0"
                " body=");
}

BOOST_AUTO_TEST_CASE(sends_bodies_as_they_are) {
  test::provider_stub provider{echo};
  upstream out{loopback_config()};
  auto request = get(provider.url() + "/");
  request.method = "POST";
  BOOST_TEST(ask(out, request).body.find("type=(none) length=0 ") != std::string::npos);
  request.body = "{}";
  request.headers = {{"content-type", "application/json"}, {"Host", "evil"}, {"User-Agent", "me"}};
  auto seen = ask(out, request).body;
  BOOST_TEST(seen.find("type=application/json length=2 agent=varia/0.1.0 body={}")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lets_the_headers_of_the_request_win_over_the_credentials) {
  test::provider_stub provider{echo};
  upstream out{loopback_config()};
  auto request = get(provider.url() + "/");
  request.auth.headers = {{"Authorization", "Bearer ours"}};
  request.headers = {{"authorization", "Bearer theirs"}};
  BOOST_TEST(ask(out, request).body.find("auth=Bearer theirs ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_headers_with_line_ends) {
  upstream out{loopback_config()};
  auto request = get("http://127.0.0.1:9/");
  request.headers = {{"X-A", "b\r\nX-C: d"}};
  BOOST_TEST(ask(out, request).failure == "ERR_INVALID_HEADER");
}

BOOST_AUTO_TEST_CASE(speaks_http_and_https_only) {
  upstream out{loopback_config()};
  for (auto url : {"file:///etc/passwd", "ftp://127.0.0.1/", "nonsense", "http://"})
    BOOST_TEST(ask(out, get(url)).failure == "ERR_INVALID_URL");
}

BOOST_AUTO_TEST_CASE(keeps_a_key_in_the_query_out_of_the_address_it_reports) {
  test::provider_stub provider{echo};
  upstream out{loopback_config()};
  auto request = get(provider.url() + "/items?x=1");
  request.auth.query = {{"token", "s3cret"}};
  auto result = ask(out, request);
  BOOST_TEST(result.body.find("/items?x=1&token=s3cret ") != std::string::npos);
  BOOST_TEST(result.url == provider.url() + "/items?x=1");
}

BOOST_AUTO_TEST_CASE(takes_credentials_along_on_redirects_within_the_origin_only) {
  test::provider_stub elsewhere{echo};
  test::provider_stub provider{[&](const stub_request& request, stub_response& response) {
    auto is_home = request.target() == "/home";
    if (is_home || request.target().starts_with("/away")) {
      response.result(302);
      response.set("Location", is_home ? "/end" : elsewhere.url() + "/end?token=s3cret");
      return;
    }
    echo(request, response);
  }};
  upstream out{loopback_config()};
  auto request = get(provider.url() + "/home");
  request.auth.headers = {{"X-Api-Key", "k1"}};
  BOOST_TEST(ask(out, request).body.find("GET /end key=k1 ") != std::string::npos);
  request.url = provider.url() + "/away";
  request.headers = {{"Authorization", "Bearer theirs"}};
  request.auth.query = {{"token", "s3cret"}};
  auto away = ask(out, request);
  BOOST_TEST(away.body.find("GET /end key=(none) auth=(none) ") != std::string::npos);
  BOOST_TEST(away.url == elsewhere.url() + "/end");
}

BOOST_AUTO_TEST_CASE(stops_after_five_redirects) {
  std::atomic<int> asked{0};
  test::provider_stub provider{[&](const stub_request&, stub_response& response) {
    ++asked;
    response.result(307);
    response.set("Location", "/again");
  }};
  upstream out{loopback_config()};
  BOOST_TEST(ask(out, get(provider.url() + "/")).failure == "ERR_FR_TOO_MANY_REDIRECTS");
  BOOST_TEST(asked == 6);
}

BOOST_AUTO_TEST_CASE(turns_a_redirected_post_into_a_get_unless_the_status_forbids) {
  test::provider_stub provider{[&](const stub_request& request, stub_response& response) {
    if (request.target() == "/end")
      return echo(request, response);
    response.result(request.target() == "/302" ? 302U : 308U);
    response.set("Location", "/end");
  }};
  upstream out{loopback_config()};
  auto request = get(provider.url() + "/302");
  request.method = "POST";
  request.body = "x";
  BOOST_TEST(ask(out, request).body.find("GET /end") == 0U);
  request.url = provider.url() + "/308";
  BOOST_TEST(ask(out, request).body.find("POST /end") == 0U);
}

BOOST_AUTO_TEST_CASE(refuses_an_answer_that_is_too_large) {
  test::provider_stub provider{
    [](const stub_request&, stub_response& response) { response.body() = std::string(5000, 'x'); }};
  auto config = loopback_config();
  config.response_bytes_max = 4999;
  upstream out{config};
  BOOST_TEST(ask(out, get(provider.url() + "/")).failure == "response_too_large");
}

BOOST_AUTO_TEST_CASE(names_network_failures_as_node_does) {
  auto config = loopback_config();
  config.timeout = 100ms;
  upstream out{config};
  BOOST_TEST(ask(out, get("http://127.0.0.1:1/")).failure == "ECONNREFUSED");
  test::provider_stub slow{
    [](const stub_request&, stub_response&) { std::this_thread::sleep_for(500ms); }};
  BOOST_TEST(ask(out, get(slow.url() + "/")).failure == "ETIMEDOUT");
}

BOOST_AUTO_TEST_CASE(uses_a_connection_again) {
  test::provider_stub provider{echo};
  upstream out{loopback_config()};
  for (auto i = 0; i < 10; ++i)
    BOOST_TEST(ask(out, get(provider.url() + "/")).status == 200);
  BOOST_TEST(provider.connections() == 1U);
}

BOOST_AUTO_TEST_CASE(ignores_a_proxy_of_the_environment) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  test::provider_stub provider{echo};
  upstream out{loopback_config()};
  BOOST_TEST(ask(out, get(provider.url() + "/")).status == 200);
  ::unsetenv("http_proxy");
}

BOOST_AUTO_TEST_CASE(cancels_what_waits_and_what_runs_of_one_owner_only) {
  std::promise<void> release;
  auto released = release.get_future().share();
  test::provider_stub provider{[&](const stub_request&, stub_response&) { released.wait(); }};
  upstream out{loopback_config()};
  auto waiting = get(provider.url() + "/");
  waiting.delay = 1h;
  auto first = begin(out, waiting);
  auto second = begin(out, get(provider.url() + "/"));
  auto other = get(provider.url() + "/");
  other.owner = 2;
  auto third = begin(out, other);
  out.cancel(1);
  BOOST_TEST(wait_for(std::move(first)).failure == "cancelled");
  BOOST_TEST(wait_for(std::move(second)).failure == "cancelled");
  release.set_value();
  BOOST_TEST(wait_for(std::move(third)).status == 200);
}

BOOST_AUTO_TEST_CASE(answers_everything_when_it_stops) {
  upstream out{loopback_config()};
  auto waiting = get("http://127.0.0.1:1/");
  waiting.delay = 1h;
  auto before = begin(out, waiting);
  out.stop();
  BOOST_TEST(wait_for(std::move(before)).failure == "cancelled");
  BOOST_TEST(ask(out, get("http://127.0.0.1:1/")).failure == "cancelled");
}

BOOST_AUTO_TEST_SUITE_END()
