#include "api/session_rules.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace varia;

namespace {

http_request request_with(std::map<std::string, std::string> headers,
                          const std::string& method = "POST") {
  http_request result;
  result.method = method;
  result.headers = std::move(headers);
  result.headers.emplace("host", "varia.example:3003");
  return result;
}

http_request by_page(const std::string& csrf, const std::string& method = "POST") {
  return request_with({{"cookie", "varia_session=abc"},
                       {"origin", "http://varia.example:3003"},
                       {"x-varia-csrf", csrf}},
                      method);
}

std::string token_in(const std::string& cookie) {
  return session_token_of(request_with({{"cookie", cookie}}));
}

bool is_own(std::map<std::string, std::string> headers, const std::string& public_url = {},
            bool is_proof = true) {
  return is_from_own_page(request_with(std::move(headers)), public_url, is_proof);
}

} // namespace

BOOST_AUTO_TEST_SUITE(session_rules_test)

BOOST_AUTO_TEST_CASE(finds_the_token_among_the_cookies) {
  BOOST_TEST(token_in("varia_session=abc") == "abc");
  BOOST_TEST(token_in("a=b; varia_session=abc; c=d") == "abc");
  BOOST_TEST(token_in("a=b;varia_session=a=b") == "a=b");
  BOOST_TEST(token_in("my_varia_session=abc") == "");
  BOOST_TEST(token_in("varia_session") == "");
  BOOST_TEST(token_in("varia_session=") == "");
  BOOST_TEST(token_in("") == "");
  BOOST_TEST(token_in("varia_session=" + std::string(200, 'x')) == "");
}

BOOST_AUTO_TEST_CASE(a_key_wins_over_a_session) {
  BOOST_TEST(is_by_session(request_with({{"cookie", "varia_session=abc"}})));
  BOOST_TEST(
    !is_by_session(request_with({{"cookie", "varia_session=abc"}, {"authorization", "Bearer x"}})));
  BOOST_TEST(!is_by_session(request_with({{"cookie", "other=abc"}})));
}

BOOST_AUTO_TEST_CASE(every_token_is_another_one_of_256_bits) {
  std::set<std::string> seen;
  for (auto i = 0; i < 100; ++i) {
    auto token = make_session_token();
    BOOST_TEST(token.size() == 43U);
    BOOST_TEST(token_in("varia_session=" + token) == token);
    seen.insert(token);
  }
  BOOST_TEST(seen.size() == 100U);
}

BOOST_AUTO_TEST_CASE(knows_its_own_pages_by_their_origin) {
  BOOST_TEST(is_own({{"origin", "http://varia.example:3003"}}));
  BOOST_TEST(is_own({{"origin", "https://VARIA.example:3003"}}));
  BOOST_TEST(!is_own({{"origin", "http://varia.example:3004"}}));
  BOOST_TEST(!is_own({{"origin", "http://evil.example"}}));
  BOOST_TEST(!is_own({{"origin", "http://evil.example/varia.example:3003"}}));
  BOOST_TEST(!is_own({{"origin", "null"}}));
  BOOST_TEST(!is_own({}));
  BOOST_TEST(is_own({}, {}, false));
  BOOST_TEST(is_own({{"origin", "https://sync.example"}}, "https://sync.example/"));
  BOOST_TEST(!is_own({{"origin", "https://sync.example"}}, ""));
}

BOOST_AUTO_TEST_CASE(knows_its_own_pages_by_what_the_browser_says_of_the_site) {
  BOOST_TEST(is_own({{"sec-fetch-site", "same-origin"}}));
  BOOST_TEST(is_own({{"sec-fetch-site", "none"}}));
  BOOST_TEST(!is_own({{"sec-fetch-site", "cross-site"}}, {}, false));
  BOOST_TEST(!is_own({{"sec-fetch-site", "same-site"}}, {}, false));
  BOOST_TEST(!is_own({{"sec-fetch-site", "cross-site"}, {"origin", "http://varia.example:3003"}}));
  BOOST_TEST(!is_own({{"sec-fetch-site", "same-origin"}, {"origin", "http://evil.example"}}));
}

BOOST_AUTO_TEST_CASE(what_changes_something_needs_the_word_of_the_page) {
  BOOST_TEST(may_session_send(by_page(csrf_of("abc")), {}));
  BOOST_TEST(!may_session_send(by_page(csrf_of("abd")), {}));
  BOOST_TEST(!may_session_send(by_page(""), {}));
  BOOST_TEST(!may_session_send(by_page("abc", "DELETE"), {}));
  auto elsewhere = by_page(csrf_of("abc"));
  elsewhere.headers["origin"] = "http://evil.example";
  BOOST_TEST(!may_session_send(elsewhere, {}));
  auto silent = by_page(csrf_of("abc"));
  silent.headers.erase("origin");
  BOOST_TEST(!may_session_send(silent, {}));
}

BOOST_AUTO_TEST_CASE(reading_needs_no_word_but_must_not_come_from_elsewhere) {
  BOOST_TEST(may_session_send(request_with({{"cookie", "varia_session=abc"}}, "GET"), {}));
  BOOST_TEST(!may_session_send(
    request_with({{"cookie", "varia_session=abc"}, {"sec-fetch-site", "same-site"}}, "GET"), {}));
}

BOOST_AUTO_TEST_CASE(the_word_of_a_page_tells_nothing_of_the_token) {
  BOOST_TEST(csrf_of("abc").find("abc") == std::string::npos);
  BOOST_TEST(csrf_of("abc") != csrf_of("abd"));
}

BOOST_AUTO_TEST_CASE(cookies_are_out_of_reach_for_scripts_and_other_sites) {
  const milliseconds hour{3600 * 1000};
  BOOST_TEST(session_cookie(request_with({}), "abc", hour)
             == "varia_session=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=3600");
  BOOST_TEST(session_cookie(request_with({{"x-forwarded-proto", "https, http"}}), "abc", hour)
             == "varia_session=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=3600; Secure");
  BOOST_TEST(session_cookie(request_with({{"origin", "https://x.example"}}), "abc", hour)
             == "varia_session=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=3600; Secure");
  BOOST_TEST(session_cookie(request_with({}), "", hour)
             == "varia_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
}

BOOST_AUTO_TEST_SUITE_END()
