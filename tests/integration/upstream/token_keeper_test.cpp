#include "tests/support/token_provider.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace varia;
using namespace varia::test;

BOOST_FIXTURE_TEST_SUITE(token_keeper_test, token_fixture)

BOOST_AUTO_TEST_CASE(renews_a_token_that_has_expired_and_keeps_the_new_refresh_token) {
  BOOST_TEST(keeper.is_due(rules(), link));
  auto result = freshen();
  BOOST_TEST(result.failure == "");
  BOOST_TEST(result.link.credentials == stored().credentials);
  BOOST_TEST(stored().credentials.find(R"("access_token":"t1","refresh_token":"r1")")
             != std::string::npos);
  BOOST_TEST(!keeper.is_due(rules(), stored()));
  BOOST_TEST(
    provider.last_form()
    == "grant_type=refresh_token&refresh_token=r0&client_id=app&client_secret=app%20s3cret");
}

BOOST_AUTO_TEST_CASE(leaves_a_token_alone_that_is_good_for_longer_than_the_margin) {
  import(R"("access_token":"old","refresh_token":"r0")", 61000);
  BOOST_TEST(!keeper.is_due(rules(), link));
  BOOST_TEST(freshen().link.credentials == link.credentials);
  import(R"("access_token":"old","refresh_token":"r0")", 59000);
  BOOST_TEST(keeper.is_due(rules(), link));
  BOOST_TEST(provider.grants() == 0);
}

BOOST_AUTO_TEST_CASE(shows_the_client_in_a_header_if_the_provider_wants_that) {
  freshen();
  auto basic = rules(R"(,"token_auth":"basic","token_params":{"audience":"a&b"})");
  import(R"("access_token":"old","refresh_token":"r0")", -1);
  end(begin(keeper, link, basic));
  BOOST_TEST(provider.last_client() == "Basic YXBwOmFwcCUyMHMzY3JldA==");
  BOOST_TEST(provider.last_form() == "grant_type=refresh_token&refresh_token=r0&audience=a%26b");
}

BOOST_AUTO_TEST_CASE(gets_the_first_token_of_client_credentials) {
  import(R"("client_id":"own","client_secret":"mine")", 100000, "OAUTH2_CC");
  BOOST_TEST(keeper.is_due(rules(), link));
  auto result = end(begin(keeper, link, rules(R"(,"scopes":"a,b c")")));
  BOOST_TEST(result.failure == "");
  BOOST_TEST(stored().credentials.find(R"("token":"t1")") != std::string::npos);
  BOOST_TEST(stored().credentials.find("access_token\":\"t1\",\"refresh") == std::string::npos);
  BOOST_TEST(provider.last_form()
             == "grant_type=client_credentials&scope=a%20b%20c&client_id=own&client_secret=mine");
}

BOOST_AUTO_TEST_CASE(makes_one_flight_for_all_who_ask) {
  provider.delay_ms = 200;
  std::vector<std::future<token_result>> all;
  for (auto i = 0; i < 20; ++i)
    all.push_back(begin(keeper, link, rules()));
  for (auto& each : all)
    BOOST_TEST(end(std::move(each)).link.credentials.find(R"("t1")") != std::string::npos);
  BOOST_TEST(provider.grants() == 1);
}

BOOST_AUTO_TEST_CASE(makes_one_flight_for_all_processes) {
  provider.delay_ms = 300;
  redis_pool other_stores{{server.url(), std::chrono::seconds{2}}};
  upstream other_out{loopback_config()};
  token_keeper other{other_stores, other_out, std::chrono::seconds{60}};
  auto first = begin(keeper, link, rules());
  auto second = begin(other, link, rules());
  BOOST_TEST(end(std::move(first)).link.credentials == end(std::move(second)).link.credentials);
  BOOST_TEST(provider.grants() == 1);
}

BOOST_AUTO_TEST_CASE(takes_what_is_stored_meanwhile_in_place_of_refused_credentials) {
  auto refused = link;
  import(R"("access_token":"other","refresh_token":"r0")", 100000);
  auto result = end(begin(keeper, refused, rules(), token_need::refused));
  BOOST_TEST(result.link.credentials == link.credentials);
  BOOST_TEST(provider.grants() == 0);
  BOOST_TEST(freshen(token_need::refused).link.credentials.find(R"("t1")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(renews_a_good_token_if_it_is_forced_to) {
  import(R"("access_token":"old","refresh_token":"r0")", 3600000);
  BOOST_TEST(freshen(token_need::forced).link.credentials.find(R"("t1")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(leaves_a_provider_alone_that_has_refused) {
  provider.refuses = true;
  auto result = freshen();
  BOOST_TEST(result.failure == "invalid_credentials");
  BOOST_TEST(result.message.find("invalid_grant") != std::string::npos);
  BOOST_TEST(result.message.find("s3cret") == std::string::npos);
  BOOST_TEST(result.message.find("r0") == std::string::npos);
  for (auto need : {token_need::due, token_need::refused, token_need::forced})
    BOOST_TEST(freshen(need).failure == "connection_refresh_backoff");
  BOOST_TEST(provider.grants() == 1);
  BOOST_TEST(stored().credentials == link.credentials);
}

BOOST_AUTO_TEST_CASE(asks_again_at_once_after_new_credentials_were_imported) {
  provider.refuses = true;
  freshen();
  provider.refuses = false;
  import(R"("access_token":"old","refresh_token":"r9")", -1);
  BOOST_TEST(freshen().failure == "");
  BOOST_TEST(provider.last_form().find("refresh_token=r9") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(goes_on_with_a_token_that_has_some_seconds_left_when_it_cannot_be_renewed) {
  import(R"("access_token":"old","refresh_token":"r0")", 40000);
  provider.is_down = true;
  auto result = freshen();
  BOOST_TEST(result.failure == "");
  BOOST_TEST(result.link.credentials == link.credentials);
  BOOST_TEST(freshen(token_need::forced).failure == "connection_refresh_backoff");
}

BOOST_AUTO_TEST_CASE(overwrites_nothing_that_was_stored_during_its_flight) {
  provider.delay_ms = 400;
  auto flight = begin(keeper, link, rules());
  while (provider.grants() == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  import(R"("access_token":"imported","refresh_token":"r7")", 3600000);
  auto result = end(std::move(flight));
  BOOST_TEST(result.link.credentials == link.credentials);
  BOOST_TEST(stored().credentials == link.credentials);
}

BOOST_AUTO_TEST_CASE(tells_what_is_missing_to_renew_a_token) {
  auto without = rules();
  without.tokens.client_id.clear();
  auto result = end(begin(keeper, link, without));
  BOOST_TEST(result.failure == "invalid_credentials");
  BOOST_TEST(result.message.find("OAuth client") != std::string::npos);
  auto lost = link;
  lost.number = 99;
  BOOST_TEST(end(begin(keeper, lost, rules())).failure == "not_found");
}

BOOST_AUTO_TEST_CASE(answers_everybody_when_it_stops) {
  provider.delay_ms = 200;
  auto flight = begin(keeper, link, rules());
  while (provider.grants() == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  keeper.stop();
  BOOST_TEST(end(std::move(flight)).failure == "");
  BOOST_TEST(stored().credentials.find(R"("refresh_token":"r1")") != std::string::npos);
  BOOST_TEST(freshen().failure == "cancelled");
}

BOOST_AUTO_TEST_SUITE_END()
