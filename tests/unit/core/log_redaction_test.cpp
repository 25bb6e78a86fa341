#include "core/log_redaction.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

using namespace varia;

BOOST_AUTO_TEST_SUITE(log_redaction_test)

BOOST_AUTO_TEST_CASE(takes_the_values_of_secret_names_out) {
  const std::pair<const char*, const char*> rows[] = {
    {"GET /a?access_token=abc&page=2", "GET /a?access_token=[redacted]&page=2"},
    {"key=abc, other=1", "key=[redacted], other=1"},
    {R"({"password":"a\"b","user":"u"})", R"({"password":"[redacted]","user":"u"})"},
    {R"({"client_secret": "abc"})", R"({"client_secret": "[redacted]"})"},
    {"X-Api-Key: abc", "X-Api-Key: [redacted]"},
    {"cookie: a=b", "cookie: [redacted]"},
    {"refresh_token='a b' x", "refresh_token='[redacted]' x"},
    {"apiKey=\"never closed", "apiKey=\"[redacted]"},
  };
  for (auto& [given, wanted] : rows)
    BOOST_TEST(without_log_secrets(given) == wanted);
}

BOOST_AUTO_TEST_CASE(takes_credentials_of_requests_out) {
  BOOST_TEST(without_log_secrets("Authorization: Bearer abc.def-123 sent")
             == "Authorization: [redacted] [redacted] sent");
  BOOST_TEST(without_log_secrets("with basic dXNlcjpwYXNz") == "with basic [redacted]");
  BOOST_TEST(without_log_secrets("got \"Bearer abcdefgh\"") == "got \"Bearer [redacted]\"");
}

BOOST_AUTO_TEST_CASE(takes_the_user_of_a_url_out) {
  BOOST_TEST(without_log_secrets("redis://u:p@ss@host:6379/1 and https://a.example/x@y")
             == "redis://[redacted]@host:6379/1 and https://a.example/x@y");
  BOOST_TEST(without_log_secrets("at https://h") == "at https://h");
}

BOOST_AUTO_TEST_CASE(leaves_what_is_no_secret_alone) {
  for (std::string text :
       {"worker w1 has joined with 3 variants", "run of 14/orders::eu ended: failed (timeout)",
        "the key: it is wrong", "wants one of basic, full", "page=2&limit=100", "", "a=", "http://",
        "leading with epoch 3, 12 variants"})
    BOOST_TEST(without_log_secrets(text) == text);
}

BOOST_AUTO_TEST_CASE(keeps_out_what_it_was_told_to) {
  keep_out_of_log("5d7f0d4e-secret");
  keep_out_of_log("short");
  BOOST_TEST(without_log_secrets("a 5d7f0d4e-secret b short") == "a [redacted] b short");
  BOOST_TEST(without_log_secrets("api_key=5d7f0d4e-secret") == "api_key=[redacted]");
}

BOOST_AUTO_TEST_SUITE_END()
