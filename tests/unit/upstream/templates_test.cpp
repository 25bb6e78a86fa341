#include "upstream/templates.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

connection link_with(const std::string& config) {
  connection x;
  x.connection_config = config;
  x.metadata = R"({"team":{"id":7},"on":true})";
  x.credentials = R"({"type":"API_KEY","apiKey":"k1","user":"me"})";
  return x;
}

std::string filled(const std::string& text, const std::string& config = "{}") {
  auto result = fill_template(text, link_with(config));
  return result ? *result : "! " + detail_of(result.error());
}

std::string url(const std::string& text, const std::string& config = "{}") {
  auto result = fill_url_template(text, link_with(config));
  return result ? *result : "!";
}

} // namespace

BOOST_AUTO_TEST_SUITE(templates_test)

BOOST_AUTO_TEST_CASE(fills_in_what_the_connection_has) {
  BOOST_TEST(filled("plain $ {text}") == "plain $ {text}");
  BOOST_TEST(filled("${connectionConfig.a}-${ metadata.team.id }-${metadata.on}", R"({"a":"x"})")
             == "x-7-true");
  BOOST_TEST(filled("${apiKey}/${credentials.user}") == "k1/me");
  connection oauth;
  oauth.credentials = R"({"type":"OAUTH2_CC","token":"t1"})";
  BOOST_TEST(*fill_template("${accessToken}", oauth) == "t1");
}

BOOST_AUTO_TEST_CASE(names_the_placeholder_that_has_no_value) {
  for (std::string name : {"connectionConfig.a", "metadata.team", "metadata.team.id.x",
                           "accessToken", "nonsense", "other.a", "credentials."})
    BOOST_TEST(filled("a${" + name + "}b") == "! the connection has no value for ${" + name + "}");
}

BOOST_AUTO_TEST_CASE(lets_no_value_lead_a_url_to_another_host) {
  BOOST_TEST(url("https://${connectionConfig.a}.example.com/x", R"({"a":"shop-1"})")
             == "https://shop-1.example.com/x");
  for (std::string value :
       {"evil.com/", "evil.com#", "evil.com?", "me@evil.com", "evil.com:80", "a b", "evil.com\\\\"})
    BOOST_TEST(url("https://${connectionConfig.a}.example.com", R"({"a":")" + value + R"("})")
                 == "!",
               value);
}

BOOST_AUTO_TEST_CASE(takes_a_whole_url_where_a_url_begins) {
  BOOST_TEST(url("${connectionConfig.a}/v1", R"({"a":"https://na1.example.com"})")
             == "https://na1.example.com/v1");
  for (std::string value : {"na1.example.com", "file:///etc", "https://u@h"})
    BOOST_TEST(url("${connectionConfig.a}/v1", R"({"a":")" + value + R"("})") == "!", value);
}

BOOST_AUTO_TEST_SUITE_END()
