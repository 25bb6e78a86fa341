#include "api/auth.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

std::string refusal_of(const char* authorization) {
  // Nothing listens there: whoever gets as far as the lookup is told to try again.
  redis_config nowhere;
  nowhere.url = "unix:///nowhere/redis.sock";
  authenticator keys{std::make_shared<store_pool>(nowhere)};
  http_request request;
  if (authorization != nullptr)
    request.headers["authorization"] = authorization;
  auto answer = std::get<http_response>(keys.admit(request));
  return std::to_string(answer.status) + " "
         + json::parse(answer.body)["error"]["code"].get<std::string>();
}

} // namespace

BOOST_AUTO_TEST_SUITE(auth_test)

BOOST_AUTO_TEST_CASE(takes_the_key_after_the_last_bearer) {
  BOOST_TEST(key_of("Bearer abc") == "abc");
  BOOST_TEST(key_of("Bearer x Bearer abc ") == "abc");
  BOOST_TEST(key_of("abc") == "abc");
  BOOST_TEST(key_of("Bearer ") == "");
}

BOOST_AUTO_TEST_CASE(names_what_is_wrong_with_a_header) {
  BOOST_TEST(refusal_of(nullptr) == "401 missing_auth_header");
  BOOST_TEST(refusal_of("") == "401 malformed_auth_header");
  BOOST_TEST(refusal_of("Bearer") == "401 invalid_secret_key_format");
  BOOST_TEST(refusal_of("Bearer not-a-key") == "401 invalid_secret_key_format");
  BOOST_TEST(refusal_of("Basic 11111111-2222-4333-8444-555555555555")
             == "401 invalid_secret_key_format");
  BOOST_TEST(refusal_of("Bearer 11111111-2222-1333-8444-555555555555")
             == "401 invalid_secret_key_format");
}

BOOST_AUTO_TEST_CASE(says_try_again_while_keys_cannot_be_looked_up) {
  BOOST_TEST(refusal_of("Bearer 11111111-2222-4333-8444-555555555555")
             == "503 service_unavailable");
  BOOST_TEST(refusal_of("11111111-2222-4333-8444-555555555555") == "503 service_unavailable");
}

BOOST_AUTO_TEST_SUITE_END()
