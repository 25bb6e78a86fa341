#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  fixture() { handler = make_handler(limited(20)); }

  static std::string header_of(const api_answer& x, const std::string& name) {
    for (auto& [key, value] : x.whole.headers)
      if (key == name)
        return value;
    return "none";
  }

  size_t passed(size_t calls, const std::string& header = "x-none") {
    size_t result = 0;
    for (size_t i = 0; i < calls; ++i)
      result += ask_with({{header, "true"}}, "GET", "/connections").status == 200 ? 1 : 0;
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(limits_test, fixture)

BOOST_AUTO_TEST_CASE(tells_of_the_limit_on_every_answer) {
  auto first = ask("GET", "/connections");
  BOOST_TEST(header_of(first, "x-ratelimit-limit") == "20");
  BOOST_TEST(header_of(first, "x-ratelimit-remaining") == "19");
  auto reset = std::stoll(header_of(first, "x-ratelimit-reset"));
  BOOST_TEST(reset > now_ms() / 1000 + 50);
  BOOST_TEST(reset <= now_ms() / 1000 + 61);
  auto refused = ask("GET", "/connections?nothing=1");
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(header_of(refused, "x-ratelimit-remaining") == "18");
}

BOOST_AUTO_TEST_CASE(refuses_calls_over_the_limit) {
  BOOST_TEST(passed(30) == 20U);
  auto late = ask("GET", "/sync/status?syncs=*&provider_config_key=orders");
  BOOST_TEST(
    late.line()
    == R"(429 {"error":{"code":"too_many_request","method":"GET","path":"/sync/status"}})");
  BOOST_TEST(header_of(late, "x-ratelimit-remaining") == "0");
  auto wait = std::stoi(header_of(late, "retry-after"));
  BOOST_TEST(wait >= 1);
  BOOST_TEST(wait <= 60);
  BOOST_TEST(ask("GET", "/health").status == 200);
}

BOOST_AUTO_TEST_CASE(scripts_have_a_limit_of_their_own) {
  BOOST_TEST(passed(30) == 20U);
  BOOST_TEST(passed(30, "nango-is-script") == 20U);
}

BOOST_AUTO_TEST_CASE(environments_have_limits_of_their_own) {
  BOOST_TEST(passed(30) == 20U);
  key = "a6b0a0b4-36bf-4d3a-8b3f-0f7f2f5f6c11";
  BOOST_REQUIRE(api_keys{db}.add(key, "prod"));
  BOOST_TEST(passed(30) == 20U);
}

BOOST_AUTO_TEST_CASE(a_stranger_pays_tenfold_and_not_for_others) {
  auto own = std::exchange(key, "a6b0a0b4-36bf-4d3a-8b3f-0f7f2f5f6c11");
  auto first = ask("GET", "/connections");
  BOOST_TEST(first.status == 401);
  BOOST_TEST(header_of(first, "x-ratelimit-limit") == "none");
  BOOST_TEST(ask("GET", "/connections").status == 401);
  BOOST_TEST(ask("GET", "/connections").status == 429);
  key = own;
  BOOST_TEST(ask("GET", "/connections").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
