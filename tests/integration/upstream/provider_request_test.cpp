#include "tests/support/token_provider.hpp"
#include "upstream/provider_request.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

using namespace varia;
using namespace varia::test;

namespace {

struct request_fixture : token_fixture {
  upstream_result request(provider_order order, const provider_rules& of) {
    auto promise = std::make_shared<std::promise<upstream_result>>();
    request_hooks hooks;
    hooks.note = [this](const request_trace& x) {
      std::lock_guard guard{mutex};
      traces.push_back(x);
    };
    hooks.renewed = [this](const connection& x) {
      std::lock_guard guard{mutex};
      renewed = x.credentials;
    };
    order.owner = 1;
    start_provider_request(out, keeper, {link, of}, std::move(order), std::move(hooks),
                           [promise](upstream_result x) { promise->set_value(std::move(x)); });
    auto result = promise->get_future();
    BOOST_REQUIRE((result.wait_for(std::chrono::seconds{50}) == std::future_status::ready));
    return result.get();
  }

  upstream_result get(const std::string& url, const provider_rules& of, int retries = 0) {
    provider_order order;
    order.method = "GET";
    order.url = url;
    order.retry.retries = retries;
    return request(std::move(order), of);
  }

  // A connection with a key, on a provider that answers these statuses one after the other.
  provider_rules with_key(const std::string& more = {}, const std::string& path = {}) {
    link.credentials = R"({"type":"API_KEY","apiKey":"k1-s3cret"})";
    link.connection_config = R"({"region":"eu","host":"evil.example/x"})";
    link.metadata = R"({"team":{"id":7}})";
    auto stored = connections{db}.put(link);
    BOOST_REQUIRE(stored);
    auto result = read_provider_rules("api-key", R"({"base_url":")" + script.url() + path + R"(")"
                                                   + more + "}");
    BOOST_REQUIRE(result);
    return *result;
  }

  std::vector<unsigned> statuses{200};
  std::string extra_header;
  std::string extra_value;
  std::atomic<size_t> asked{0};
  provider_stub script{[this](const stub_request& request, stub_response& response) {
    auto number = asked++;
    response.result(statuses[std::min(number, statuses.size() - 1)]);
    if (!extra_header.empty())
      response.set(extra_header, extra_value);
    response.body() = std::string{request.target()} + " " + header_of(request, "X-Api-Key") + " "
                      + header_of(request, "X-Team");
  }};
  std::mutex mutex;
  std::vector<request_trace> traces;
  std::string renewed;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(provider_request_test, request_fixture)

BOOST_AUTO_TEST_CASE(renews_an_expired_token_before_the_request) {
  auto result = get("/items", rules());
  BOOST_TEST(result.status == 200);
  BOOST_TEST(result.body == "Bearer t1");
  BOOST_TEST(renewed == stored().credentials);
  BOOST_TEST(traces.size() == 1U);
}

BOOST_AUTO_TEST_CASE(renews_a_refused_token_once_without_costing_a_retry) {
  import(R"("access_token":"old","refresh_token":"r0")", 3600000);
  BOOST_TEST(get("/items", rules()).status == 200);
  BOOST_REQUIRE(traces.size() == 2U);
  BOOST_TEST(traces[0].status == 401);
  BOOST_TEST(traces[0].is_repeated);
  BOOST_TEST(traces[1].attempt == 2);
  link = stored();
  provider.revoked = 99;
  BOOST_TEST(get("/items", rules()).status == 401);
  BOOST_TEST(provider.grants() == 2);
}

BOOST_AUTO_TEST_CASE(tells_a_dead_connection_from_a_dead_provider) {
  provider.refuses = true;
  auto result = get("/items", rules());
  BOOST_TEST(result.failure == "invalid_credentials");
  BOOST_TEST(get("/items", rules()).failure == "connection_refresh_backoff");
  BOOST_TEST(provider.grants() == 1);
}

BOOST_AUTO_TEST_CASE(repeats_what_failed_for_a_while) {
  statuses = {500, 429, 200};
  extra_header = "X-Wait";
  extra_value = "0.01";
  auto result = get("/items", with_key(R"(,"retry":{"after":"x-wait"})"), 5);
  BOOST_TEST(result.status == 200);
  BOOST_TEST(asked == 3U);
  BOOST_REQUIRE(traces.size() == 3U);
  BOOST_TEST(traces[0].is_repeated);
  BOOST_TEST(traces[0].wait.count() == 10);
  BOOST_TEST(!traces[2].is_repeated);
}

BOOST_AUTO_TEST_CASE(repeats_a_refusal_whose_budget_is_spent) {
  statuses = {403, 200};
  extra_header = "X-Remaining";
  extra_value = "0";
  auto of = with_key(R"(,"retry":{"remaining":"x-remaining","after":"x-remaining"})");
  BOOST_TEST(get("/items", of, 1).status == 200);
  asked = 0;
  extra_value = "1";
  BOOST_TEST(get("/items", of, 1).status == 403);
}

BOOST_AUTO_TEST_CASE(repeats_nothing_unless_asked_and_no_more_than_asked) {
  statuses = {500};
  extra_header = "X-Wait";
  extra_value = "0";
  auto of = with_key(R"(,"retry":{"after":"x-wait"})");
  BOOST_TEST(get("/items", of).status == 500);
  BOOST_TEST(asked == 1U);
  BOOST_TEST(get("/items", of, 3).status == 500);
  BOOST_TEST(asked == 5U);
}

BOOST_AUTO_TEST_CASE(does_not_repeat_what_the_egress_policy_refuses) {
  auto result = get("http://127.0.0.2:1/", with_key(), 5);
  BOOST_TEST(result.failure == "ERR_EGRESS_REFUSED");
  BOOST_TEST(traces.size() == 1U);
}

BOOST_AUTO_TEST_CASE(fills_the_placeholders_of_url_and_headers) {
  auto of
    = with_key(R"(,"headers":{"X-Team":"${metadata.team.id}"})", "/${connectionConfig.region}");
  BOOST_TEST(get("/items", of).body == "/eu/items k1-s3cret 7");
  of.base_url = "http://${connectionConfig.nothing}/";
  auto missing = get("/items", of);
  BOOST_TEST(missing.failure == "invalid_request");
  BOOST_TEST(missing.message.find("${connectionConfig.nothing}") != std::string::npos);
  of.base_url = "http://${connectionConfig.host}.example.com";
  BOOST_TEST(get("/items", of).failure == "invalid_request");
  of.base_url.clear();
  BOOST_TEST(get("/items", of).failure == "invalid_request");
}

BOOST_AUTO_TEST_CASE(leaves_no_secret_in_what_it_notes) {
  auto of = with_key(R"(,"auth_query":"appid")", "/bot${apiKey}");
  auto port = script.url().substr(script.url().rfind(':'));
  statuses = {302, 302, 500};
  extra_header = "Location";
  extra_value = "/next?access_token=hidden1&page=2&sig=hidden2&echo=k1%2Ds3cret";
  get("/items?api_key=hidden3&q=1&password=hidden4", of);
  get("http://user:hidden5@127.0.0.1" + port + "/x?X-Amz-Signature=hidden6#hidden7", of);
  BOOST_REQUIRE(traces.size() == 2U);
  for (auto& x : traces)
    for (auto& text : {x.url, x.redirected}) {
      BOOST_TEST(text.find("hidden") == std::string::npos, text);
      BOOST_TEST(text.find("k1-s3cret") == std::string::npos, text);
      BOOST_TEST(text.find("s3cret") == std::string::npos, text);
    }
  BOOST_TEST(traces[0].url.find("/bot[redacted]/items?api_key=[redacted]&q=1&password=[redacted]")
               != std::string::npos,
             traces[0].url);
  BOOST_TEST(traces[0].redirected.find("page=2") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
