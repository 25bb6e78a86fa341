#include "api/providers.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
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

// The providers that stand for any API of their kind.
bool is_generic(const provider& x) {
  return x.categories.empty();
}

// Their lists are paged by what stands in the last entry or deep in an answer.
const std::set<std::string> without_pages{"dropbox", "linear", "quickbooks", "stripe-api-key"};

std::string missing_in(const provider& x) {
  auto has = [&](const char* key) { return member(x.settings, key) != nullptr; };
  if (x.docs.empty())
    return "docs";
  for (auto key : {"base_url", "auth_scheme"})
    if (!has(key))
      return key;
  if (x.auth_mode == "OAUTH2" && (x.authorization_url.empty() || !has("token_url")))
    return "authorization_url or token_url";
  if (!has("paginate") && without_pages.count(x.name) == 0)
    return "paginate";
  return "";
}

// What the pagination of that type cannot do without.
bool has_complete_pages(const json& pages) {
  auto has = [&](const char* key) { return member(pages, key) != nullptr; };
  auto type = text_at(pages, "type");
  if (has("limit") != has("limit_name_in_request"))
    return false;
  if (type == "cursor")
    return has("cursor_path_in_response") && has("cursor_name_in_request");
  if (type == "link")
    return has("link_rel_in_response_header") || has("link_path_in_response_body");
  return has("offset_name_in_request");
}

bool has_complete_webhook(const json& webhook) {
  auto needs_time = text_at(webhook, "signed").find("{timestamp}") != std::string::npos;
  auto has_time = member(webhook, "timestamp_header") != nullptr
                  || member(webhook, "timestamp_part") != nullptr;
  return text_at(webhook, "scheme") != "none" && needs_time == has_time;
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

BOOST_AUTO_TEST_CASE(knows_what_people_partition) {
  auto all = providers::load();
  BOOST_REQUIRE(all);
  std::set<std::string> categories;
  size_t count = 0;
  for (auto each : all->list()) {
    count += is_generic(*each) ? 0 : 1;
    categories.insert(each->categories.begin(), each->categories.end());
  }
  BOOST_TEST(count >= 30U);
  for (auto wanted : {"mail", "storage", "chat", "code", "crm", "tickets", "commerce"})
    BOOST_TEST(categories.count(wanted) == 1U, wanted);
}

BOOST_AUTO_TEST_CASE(has_complete_entries) {
  auto all = providers::load();
  BOOST_REQUIRE(all);
  for (auto each : all->list()) {
    if (is_generic(*each))
      continue;
    BOOST_TEST(missing_in(*each) == "", each->name);
    if (auto pages = member(each->settings, "paginate"))
      BOOST_TEST(has_complete_pages(*pages), each->name);
    if (auto webhook = member(each->settings, "webhook"))
      BOOST_TEST(has_complete_webhook(*webhook), each->name);
  }
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
    "limit_name_in_request":"top","response_path":"data.items","in_body":false},
    "webhook":{"scheme":"hmac","header":"X-Sig","algorithm":"sha512","encoding":"base64",
    "prefix":"v1=","part":"v1","signed":"{timestamp}.{body}","timestamp_header":"X-Time",
    "tolerance":"10m","type_path":"events.0.type","connection_path":"team_id"}})")
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
  BOOST_TEST(first_fault(R"({"webhook":{"scheme":"magic"}})") == "invalid_value/webhook/scheme");
  BOOST_TEST(first_fault(R"({"webhook":{"scheme":"hmac"}})") == "custom/webhook/header");
  BOOST_TEST(first_fault(R"({"webhook":{"scheme":"none","signed":"{time}"}})")
             == "custom/webhook/signed");
  BOOST_TEST(first_fault(R"({"webhook":{"scheme":"none","tolerance":"5"}})")
             == "custom/webhook/tolerance");
  BOOST_TEST(first_fault(R"({"baseUrl":"http://x"})") == "unrecognized_keys");
}

BOOST_AUTO_TEST_SUITE_END()
