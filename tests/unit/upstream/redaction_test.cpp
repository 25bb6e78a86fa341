#include "upstream/redaction.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

BOOST_AUTO_TEST_SUITE(redaction_test)

BOOST_AUTO_TEST_CASE(knows_the_names_of_secrets_in_any_spelling) {
  for (auto name :
       {"access_token", "accessToken", "refresh-token", "api_key",       "X-Api-Key",
        "APIKEY",       "key",         "token",         "signature",     "X-Amz-Signature",
        "sig",          "password",    "client_secret", "Authorization", "Proxy-Authorization",
        "Cookie",       "Set-Cookie",  "code",          "X-Auth-Token",  "X-Amz-Security-Token",
        "jwt"})
    BOOST_TEST(is_secret_name(name), name);
  for (auto name : {"page", "cursor", "q", "limit", "keyword", "tokens_max", "Content-Type", "id"})
    BOOST_TEST(!is_secret_name(name), name);
}

BOOST_AUTO_TEST_CASE(replaces_secrets_however_they_are_encoded) {
  BOOST_TEST(without_secrets("a s3c/ret b s3c%2Fret c", {"s3c/ret"})
             == "a [redacted] b [redacted] c");
  BOOST_TEST(without_secrets("abcdef", {"abcd", "abcdef"}) == "[redacted]");
  BOOST_TEST(without_secrets("abc", {"abc", ""}) == "abc");
}

BOOST_AUTO_TEST_CASE(makes_urls_fit_for_logs) {
  BOOST_TEST(loggable_url("https://u:p@api.example/a?x=1&token=t&%6bey=k#f", {})
             == "https://api.example/a?x=1&token=[redacted]&%6bey=[redacted]");
  BOOST_TEST(loggable_url("https://api.example/a", {}) == "https://api.example/a");
  BOOST_TEST(loggable_url("https://api.example/long-secret/b", {"long-secret"})
             == "https://api.example/[redacted]/b");
  BOOST_TEST(loggable_url("https://api.example/%6cong-secret/b?q=lon%67-secret", {"long-secret"})
             == "https://api.example/[redacted]/b?q=[redacted]");
  BOOST_TEST(loggable_url("nonsense with s3cret", {}) == "(not a URL)");
}

BOOST_AUTO_TEST_SUITE_END()
