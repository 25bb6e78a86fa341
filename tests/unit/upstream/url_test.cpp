#include "upstream/url.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(url_test)

BOOST_AUTO_TEST_CASE(joins_base_and_path_with_one_slash) {
  BOOST_TEST(join_url("https://a.b/v1", "items?x=1") == "https://a.b/v1/items?x=1");
  BOOST_TEST(join_url("https://a.b/v1/", "/items") == "https://a.b/v1/items");
  BOOST_TEST(join_url("https://a.b", "") == "https://a.b");
  BOOST_TEST(join_url("https://a.b/v1", "?x=1") == "https://a.b/v1?x=1");
}

BOOST_AUTO_TEST_CASE(knows_absolute_urls) {
  BOOST_TEST(is_absolute_url("http://a"));
  BOOST_TEST(is_absolute_url("HTTPS://a"));
  BOOST_TEST(!is_absolute_url("/items"));
  BOOST_TEST(!is_absolute_url("ftp://a"));
}

BOOST_AUTO_TEST_CASE(gives_one_origin_to_all_spellings) {
  BOOST_TEST(*origin_of("https://API.example.com/x") == *origin_of("https://api.example.com:443"));
  BOOST_TEST(*origin_of("http://a/") != *origin_of("https://a/"));
  BOOST_TEST(*origin_of("http://a:81/") != *origin_of("http://a/"));
  BOOST_TEST(*origin_of("https://good.com@evil.com/") == *origin_of("https://evil.com"));
  BOOST_TEST(!origin_of("file:///etc/passwd"));
  BOOST_TEST(!origin_of("gopher://a/"));
  BOOST_TEST(!origin_of("http://"));
}

BOOST_AUTO_TEST_CASE(adds_parameters_in_place_of_those_of_the_same_name) {
  BOOST_TEST(*with_query("http://a/x?p=1&key=old#f", {{"key", "a&b=c"}})
             == "http://a/x?p=1&key=a%26b%3dc#f");
  BOOST_TEST(*with_query("http://a/x", {{"key", "k"}}) == "http://a/x?key=k");
  BOOST_TEST(*with_query("http://a/x?y", {}) == "http://a/x?y");
}

BOOST_AUTO_TEST_CASE(removes_a_parameter_however_it_is_spelled) {
  header_list key{{"api key", ""}};
  BOOST_TEST(without_query("http://a/x?p=1&api%20key=s&q=2", key) == "http://a/x?p=1&q=2");
  BOOST_TEST(without_query("http://a/x?api+key=s", key) == "http://a/x");
  BOOST_TEST(without_query("http://a/x?%61pi%20key=s&apikey=t", key) == "http://a/x?apikey=t");
}

BOOST_AUTO_TEST_SUITE_END()
