#include "api/providers.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

std::string first_fault(const char* settings) {
  auto value = json::parse(settings);
  auto found = check(integration_settings(), &value);
  if (found.empty())
    return "";
  auto result = found.front().code;
  for (auto& step : found.front().path)
    result += "/" + step;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(providers_test)

BOOST_AUTO_TEST_CASE(knows_the_generic_providers) {
  auto all = providers::load();
  BOOST_REQUIRE(all);
  BOOST_TEST(all->find("unauthenticated")->auth_mode == "NONE");
  BOOST_TEST(all->find("api-key")->auth_mode == "API_KEY");
  BOOST_TEST(all->find("basic")->auth_mode == "BASIC");
  BOOST_TEST(all->find("bearer")->settings.dump() == R"({"auth_scheme":"bearer"})");
  BOOST_TEST(all->find("nope") == nullptr);
}

BOOST_AUTO_TEST_CASE(adds_what_an_operator_adds) {
  auto all = providers::load("[shop]\ndisplay_name = \"Shop\"\nauth_mode = \"API_KEY\"\n"
                             "settings = { base_url = \"https://shop.example\" }\n");
  BOOST_REQUIRE(all);
  BOOST_TEST(all->find("shop")->settings["base_url"] == "https://shop.example");
  BOOST_TEST(all->find("basic") != nullptr);
}

BOOST_AUTO_TEST_CASE(names_the_line_of_a_fault) {
  auto syntax = providers::parse("\n[a\n");
  BOOST_REQUIRE(!syntax);
  BOOST_TEST(detail_of(syntax.error()).find("providers, line 2") == 0U);
  auto value = providers::parse("\n[a]\ndisplay_name = \"A\"\nauth_mode = \"MAGIC\"\n");
  BOOST_REQUIRE(!value);
  BOOST_TEST(detail_of(value.error()).find("providers, line 2, a.auth_mode: ") == 0U);
}

BOOST_AUTO_TEST_CASE(takes_settings_of_an_integration) {
  BOOST_TEST(first_fault(R"({"base_url":"http://127.0.0.1:8080","auth_scheme":"api_key",
    "auth_header":"X-Key","auth_prefix":"Token ","headers":{"Accept":"text/plain"},
    "retry":{"after":"Retry-After","at":"X-Reset","codes":[429,"5xx","500-502"]},
    "rate":{"requests":10,"per":"1s"},"runs":{"per_connection":2,"total":0},
    "paginate":{"type":"offset","offset_name_in_request":"skip",
    "offset_start_value":1,"offset_calculation_method":"per-page","limit":50,
    "limit_name_in_request":"top","response_path":"data.items","in_body":false}})")
             == "");
}

BOOST_AUTO_TEST_CASE(refuses_settings_that_make_no_sense) {
  BOOST_TEST(first_fault(R"({"base_url":"ftp://x"})") == "invalid_format/base_url");
  BOOST_TEST(first_fault(R"({"auth_scheme":"magic"})") == "invalid_value/auth_scheme");
  BOOST_TEST(first_fault(R"({"auth_header":"a b"})") == "custom/auth_header");
  BOOST_TEST(first_fault(R"({"headers":{"A":"x\r\ny: z"}})") == "custom/headers/A");
  BOOST_TEST(first_fault(R"({"retry":{"codes":[42]}})") == "too_small/retry/codes/0");
  BOOST_TEST(first_fault(R"({"retry":{"codes":"6xx"}})") == "custom/retry/codes");
  BOOST_TEST(first_fault(R"({"rate":{"requests":1.5}})") == "invalid_type/rate/requests");
  BOOST_TEST(first_fault(R"({"rate":{"requests":1,"per":"0s"}})") == "custom/rate/per");
  BOOST_TEST(first_fault(R"({"rate":{"requests":10,"per":"1"}})") == "custom/rate/per");
  BOOST_TEST(first_fault(R"({"rate":{}})") == "invalid_type/rate/requests");
  BOOST_TEST(first_fault(R"({"paginate":{"limit":10}})") == "invalid_value/paginate/type");
  BOOST_TEST(first_fault(R"({"paginate":{"type":"link","limit":0}})")
             == "too_small/paginate/limit");
  BOOST_TEST(first_fault(R"({"paginate":{"type":"link","on_page":"x"}})")
             == "unrecognized_keys/paginate");
  BOOST_TEST(first_fault(R"({"runs":{"total":-1}})") == "too_small/runs/total");
  BOOST_TEST(first_fault(R"({"runs":{"per_variant":1}})") == "unrecognized_keys/runs");
  BOOST_TEST(first_fault(R"({"baseUrl":"http://x"})") == "unrecognized_keys");
}

BOOST_AUTO_TEST_SUITE_END()
