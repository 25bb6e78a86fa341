#include "upstream/auth.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

request_auth auth_for(const std::string& provider, const std::string& settings,
                      const std::string& credentials) {
  auto rules = read_provider_rules(provider, settings);
  BOOST_REQUIRE(rules);
  auto auth = make_auth(*rules, credentials);
  BOOST_REQUIRE(auth);
  return *auth;
}

std::string header_for(const std::string& provider, const std::string& settings,
                       const std::string& credentials) {
  auto auth = auth_for(provider, settings, credentials);
  BOOST_REQUIRE_EQUAL(auth.headers.size(), 1U);
  return auth.headers[0].first + ": " + auth.headers[0].second;
}

std::string fault_of(const std::string& settings) {
  auto rules = read_provider_rules("api-key", settings);
  return rules ? "none" : detail_of(rules.error());
}

constexpr auto key = R"({"type":"API_KEY","apiKey":"k1"})";
constexpr auto login = R"({"type":"BASIC","username":"Aladdin","password":"open sesame"})";
constexpr auto access_token = R"({"type":"OAUTH2","access_token":"t1"})";

} // namespace

BOOST_AUTO_TEST_SUITE(auth_test)

BOOST_AUTO_TEST_CASE(follows_the_generic_providers) {
  BOOST_TEST(header_for("api-key", "", key) == "X-Api-Key: k1");
  BOOST_TEST(header_for("bearer", "", key) == "Authorization: Bearer k1");
  BOOST_TEST(header_for("basic", "", login) == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  BOOST_TEST(auth_for("unauthenticated", "", key).headers.empty());
}

BOOST_AUTO_TEST_CASE(follows_the_credentials_if_the_provider_says_nothing) {
  BOOST_TEST(header_for("acme", "{}", key) == "X-Api-Key: k1");
  BOOST_TEST(header_for("acme", "{}", access_token) == "Authorization: Bearer t1");
  BOOST_TEST(auth_for("acme", "{}", R"({"type":"NONE"})").headers.empty());
}

BOOST_AUTO_TEST_CASE(lets_settings_override_the_provider) {
  BOOST_TEST(header_for("api-key", R"({"auth_header":"X-Token","auth_prefix":"Token"})", key)
             == "X-Token: Token k1");
  BOOST_TEST(header_for("api-key", R"({"auth_prefix":"key="})", key) == "X-Api-Key: key=k1");
  BOOST_TEST(header_for("api-key", R"({"auth_scheme":"bearer"})", key)
             == "Authorization: Bearer k1");
}

BOOST_AUTO_TEST_CASE(puts_a_key_into_the_query_if_told_so) {
  auto auth = auth_for("api-key", R"({"auth_query":"api_key"})", key);
  BOOST_TEST(auth.headers.empty());
  BOOST_TEST((auth.query == header_list{{"api_key", "k1"}}));
}

BOOST_AUTO_TEST_CASE(uses_an_api_key_as_the_name_of_basic_authentication) {
  BOOST_TEST(header_for("basic", "", key) == "Authorization: Basic azE6");
}

BOOST_AUTO_TEST_CASE(refuses_credentials_that_do_not_fit_without_telling_them) {
  auto rules = read_provider_rules("bearer", "");
  auto without = make_auth(*rules, R"({"type":"API_KEY","apiKey":""})");
  BOOST_TEST((code_of(without.error()) == errc::invalid));
  auto split = make_auth(*rules, R"({"type":"API_KEY","apiKey":"s3cret\r\nX-Evil: 1"})");
  BOOST_REQUIRE(!split);
  BOOST_TEST(describe(split.error()).find("s3cret") == std::string::npos);
  BOOST_TEST(!make_auth(*rules, "no json"));
}

BOOST_AUTO_TEST_CASE(reads_the_hints_of_an_integration) {
  auto rules = read_provider_rules("api-key", R"({
    "base_url": "https://api.example.com", "headers": {"Accept-Version": "2"},
    "retry": {"after": "x-wait", "at": ["x-reset"], "codes": [429, "5xx"]},
    "rate": {"requests": 5, "per": "2s"}})");
  BOOST_REQUIRE(rules);
  BOOST_TEST(rules->base_url == "https://api.example.com");
  BOOST_TEST((rules->headers == header_list{{"Accept-Version", "2"}}));
  BOOST_TEST((rules->retry.after == std::vector<std::string>{"x-wait"}));
  BOOST_TEST((rules->retry.at == std::vector<std::string>{"x-reset"}));
  BOOST_TEST((rules->retry_statuses == std::vector<std::string>{"429", "5xx"}));
  BOOST_TEST(rules->rate.requests == 5U);
  BOOST_TEST(rules->rate.per.count() == 2000);
}

BOOST_AUTO_TEST_CASE(names_the_setting_that_is_wrong) {
  BOOST_TEST(fault_of("[]").find("no JSON object") != std::string::npos);
  for (std::string field : {"base_url", "auth_scheme", "headers", "retry", "rate"})
    BOOST_TEST(fault_of("{\"" + field + "\": 5}").find(field) != std::string::npos);
  BOOST_TEST(fault_of(R"({"rate":{"requests":0}})") != "none");
  BOOST_TEST(fault_of(R"({"rate":{"requests":1,"per":"1 fortnight"}})") != "none");
  BOOST_TEST(fault_of(R"({"headers":{"A":"b\r\nC: d"}})") != "none");
  BOOST_TEST(fault_of(R"({"auth_scheme":"magic"})") != "none");
}

BOOST_AUTO_TEST_CASE(sends_no_header_that_could_smuggle_in_another) {
  BOOST_TEST(is_sendable_header("X-Ok", "a b"));
  BOOST_TEST(!is_sendable_header("", "a"));
  BOOST_TEST(!is_sendable_header("X Ok", "a"));
  BOOST_TEST(!is_sendable_header("X-Ok:", "a"));
  BOOST_TEST(!is_sendable_header("X-Ok", "a\nb"));
  BOOST_TEST(!is_sendable_header("X-Ok\r\n", "a"));
}

BOOST_AUTO_TEST_CASE(passes_pagination_on_as_long_as_it_is_flat) {
  auto rules = read_provider_rules("bearer", R"({"paginate":{"type":"offset","limit":50}})");
  BOOST_REQUIRE(rules);
  BOOST_TEST(rules->paginate == R"({"limit":50,"type":"offset"})");
  BOOST_TEST(!read_provider_rules("bearer", R"({"paginate":{"type":["offset"]}})"));
  BOOST_TEST(!read_provider_rules("bearer", R"({"paginate":"offset"})"));
}

BOOST_AUTO_TEST_SUITE_END()
