#include "tests/support/upstream_asking.hpp"
#include "upstream/upstream_settings.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;
using namespace varia::test;

namespace {

void say_hello(const stub_request&, stub_response& response) {
  response.body() = "hello";
}

upstream_config config_with(const std::string& allowed, const std::string& refused = {}) {
  upstream_config result;
  result.egress = *egress_policy::make(allowed, refused);
  return result;
}

// Tells where it was asked, and where it should have been.
void tell_origin(const stub_request& request, stub_response& response) {
  if (request.target() == "/relative") {
    response.result(302);
    response.set("Location", "/end?a=1");
    return;
  }
  if (request.target() == "/away") {
    response.result(302);
    response.set("Location", "https://other.example:8443/end");
    return;
  }
  response.body() = std::string{request.target()} + " " + header_of(request, "X-Forwarded-Proto")
                    + " " + header_of(request, "X-Forwarded-Host")
                    + " key=" + header_of(request, "X-Api-Key");
}

std::string fault_of(const settings& x) {
  auto config = upstream_config_of(x);
  return config ? "" : detail_of(config.error());
}

} // namespace

BOOST_AUTO_TEST_SUITE(egress_test)

BOOST_AUTO_TEST_CASE(reaches_no_address_of_this_machine_unless_told_so) {
  provider_stub provider{say_hello};
  upstream out{{}};
  auto result = ask(out, get(provider.url() + "/?token=s3cret"));
  BOOST_TEST(result.failure == "ERR_EGRESS_REFUSED");
  BOOST_TEST(result.message.find("127.0.0.1") != std::string::npos);
  BOOST_TEST(result.message.find("s3cret") == std::string::npos);
  BOOST_TEST(provider.connections() == 0U);
  upstream allowed{config_with("127.0.0.1")};
  BOOST_TEST(ask(allowed, get(provider.url())).body == "hello");
}

BOOST_AUTO_TEST_CASE(judges_the_address_whatever_its_spelling) {
  provider_stub provider{say_hello, "127.0.0.2"};
  auto port = provider.url().substr(provider.url().rfind(':'));
  upstream out{config_with("127.0.0.1")};
  for (std::string host : {"127.0.0.2", "2130706434", "0x7f000002", "0177.0.0.2", "127.2",
                           "0x7f.0.0.2", "[::ffff:127.0.0.2]", "[::ffff:7f00:2]"})
    BOOST_TEST(ask(out, get("http://" + host + port + "/")).failure == "ERR_EGRESS_REFUSED", host);
  BOOST_TEST(provider.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(follows_no_redirect_to_a_refused_address) {
  provider_stub inner{say_hello, "127.0.0.2"};
  provider_stub provider{[&](const stub_request&, stub_response& response) {
    response.result(302);
    response.set("Location", inner.url() + "/metadata");
  }};
  upstream out{config_with("127.0.0.0/8", "127.0.0.2")};
  auto result = ask(out, get(provider.url()));
  BOOST_TEST(result.failure == "ERR_EGRESS_REFUSED");
  BOOST_TEST(result.message.find("127.0.0.2") != std::string::npos);
  BOOST_TEST(inner.connections() == 0U);
  upstream open{config_with("127.0.0.0/8")};
  BOOST_TEST(ask(open, get(provider.url())).body == "hello");
}

BOOST_AUTO_TEST_CASE(allows_a_host_by_its_name) {
  provider_stub provider{say_hello};
  auto port = provider.url().substr(provider.url().rfind(':'));
  upstream out{config_with("localhost")};
  BOOST_TEST(ask(out, get("http://LOCALHOST" + port)).body == "hello");
  BOOST_TEST(ask(out, get(provider.url())).failure == "ERR_EGRESS_REFUSED");
}

BOOST_AUTO_TEST_CASE(leads_everything_to_the_origin_that_stands_in) {
  provider_stub provider{tell_origin};
  upstream_config config;
  config.origin_override = provider.url();
  upstream out{config};
  auto request = get("https://api.example.com/items?x=1");
  request.auth.headers = {{"X-Api-Key", "k1"}};
  request.headers = {{"X-Forwarded-Host", "mine"}};
  auto result = ask(out, request);
  BOOST_TEST(result.body == "/items?x=1 https api.example.com key=k1");
  BOOST_TEST(result.url == "https://api.example.com/items?x=1");
  BOOST_TEST(ask(out, get("http://10.0.0.1:8080/")).body == "/ http 10.0.0.1:8080 key=(none)");
}

BOOST_AUTO_TEST_CASE(leads_redirects_there_too_and_keeps_the_rules_for_credentials) {
  provider_stub provider{tell_origin};
  upstream_config config;
  config.origin_override = provider.url();
  upstream out{config};
  auto request = get("https://api.example.com/relative");
  request.auth.headers = {{"X-Api-Key", "k1"}};
  auto home = ask(out, request);
  BOOST_TEST(home.body == "/end?a=1 https api.example.com key=k1");
  BOOST_TEST(home.url == "https://api.example.com/end?a=1");
  request.url = "https://api.example.com/away";
  auto away = ask(out, request);
  BOOST_TEST(away.body == "/end https other.example:8443 key=(none)");
  BOOST_TEST(away.url == "https://other.example:8443/end");
}

BOOST_AUTO_TEST_CASE(names_the_setting_that_is_wrong) {
  settings x;
  BOOST_TEST(fault_of(x) == "");
  x.upstream.allow = "127.0.0.1,nonsense!";
  BOOST_TEST(fault_of(x).find("upstream.allow: 'nonsense!'") == 0U);
  x.upstream.allow.clear();
  x.upstream.refuse = "1.2.3";
  BOOST_TEST(fault_of(x).find("upstream.refuse: '1.2.3'") == 0U);
  x.upstream.refuse.clear();
  for (auto text : {"127.0.0.1:9000", "ftp://a", "http://a/", "http://a/b", "http://a?b",
                    "http://u:p@a", "http://"}) {
    x.upstream.origin_override = text;
    BOOST_TEST(fault_of(x).find("upstream.origin_override: ") == 0U, text);
  }
  x.upstream.origin_override = "http://127.0.0.1:9000";
  BOOST_TEST(fault_of(x) == "");
}

BOOST_AUTO_TEST_SUITE_END()
