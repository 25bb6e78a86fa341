#include "webhooks/js_json.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace varia;

namespace {

std::string stable(const std::string& text, key_order order = key_order::sorted) {
  auto result = stable_json(text, order);
  return result ? *result : "refused";
}

} // namespace

BOOST_AUTO_TEST_SUITE(js_json_test)

// The right-hand sides here are what `JSON.stringify(JSON.parse(x))` gave in Node 20.
BOOST_AUTO_TEST_CASE(numbers_have_the_form_that_javascript_gives_them) {
  const std::vector<std::pair<std::string, std::string>> goldens{
    {"0", "0"},
    {"-0", "0"},
    {"1", "1"},
    {"1.0", "1"},
    {"-1.50", "-1.5"},
    {"1e21", "1e+21"},
    {"1e20", "100000000000000000000"},
    {"123456789012345678901234567890", "1.2345678901234568e+29"},
    {"12345678901234567890", "12345678901234567000"},
    {"0.000001", "0.000001"},
    {"1e-7", "1e-7"},
    {"1.5e-7", "1.5e-7"},
    {"5e-324", "5e-324"},
    {"1.7976931348623157e308", "1.7976931348623157e+308"},
    {"1e400", "null"},
    {"0.1", "0.1"},
    {"9007199254740993", "9007199254740992"},
    {"100", "100"},
    {"1E3", "1000"},
    {"-1e-10", "-1e-10"},
    {"123.456e5", "12345600"},
    {"4.35", "4.35"},
    {"2e-6", "0.000002"}};
  for (auto& [text, wanted] : goldens)
    BOOST_TEST(stable(text) == wanted);
}

BOOST_AUTO_TEST_CASE(strings_have_as_few_escapes_as_javascript_gives_them) {
  BOOST_TEST(stable(R"("\/ \u0041 \u00e9 \ud83d\ude00 \ud800 \u0001 \u007f \b\f\n\r\t \\ \"")")
             == "\"/ A \u00e9 \U0001F600 \\ud800 \\u0001 \x7f \\b\\f\\n\\r\\t \\\\ \\\"\"");
  BOOST_TEST(stable("\"\\u2028\"") == "\"\u2028\"");
  BOOST_TEST(stable("\"\"") == "\"\"");
}

BOOST_AUTO_TEST_CASE(keys_are_sorted_at_every_level_by_utf_16_units) {
  BOOST_TEST(stable(R"( { "b" : 1 , "a" : [ 1.0 , { "d":null, "c":true } ] } )")
             == R"({"a":[1,{"c":true,"d":null}],"b":1})");
  BOOST_TEST(stable(R"({"\ue000":1,"\ud83d\ude00":2,"B":3,"a":4,"_":5})")
             == "{\"B\":3,\"_\":5,\"a\":4,\"\U0001F600\":2,\"\uE000\":1}");
}

BOOST_AUTO_TEST_CASE(of_a_key_that_is_repeated_the_last_one_counts) {
  BOOST_TEST(stable(R"({"a":1,"\u0061":2})") == R"({"a":2})");
}

BOOST_AUTO_TEST_CASE(what_is_read_again_has_indexes_first) {
  auto text = R"({"10":1,"9":2,"a":3,"01":4,"-1":5,"4294967294":6,"4294967295":7})";
  BOOST_TEST(stable(text, key_order::as_reread)
             == R"({"9":2,"10":1,"4294967294":6,"-1":5,"01":4,"4294967295":7,"a":3})");
  BOOST_TEST(stable(R"({"10":1,"9":2})") == R"({"10":1,"9":2})");
}

BOOST_AUTO_TEST_CASE(empty_values_stay_empty) {
  BOOST_TEST(stable("[]") == "[]");
  BOOST_TEST(stable(" {\n} ") == "{}");
  BOOST_TEST(stable("[1,[2,[3]]]") == "[1,[2,[3]]]");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_json) {
  for (auto text : {"", "{", "[1,]", "{\"a\"}", "01", "1.", "tru", "\"\\x\"", "\"\\u12g4\"", "1 2",
                    "\"a", "-", "{a:1}", "nul"})
    BOOST_TEST(stable(text) == "refused");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_nested_too_deeply) {
  BOOST_TEST(stable(std::string(500, '[') + std::string(500, ']')) != "refused");
  BOOST_TEST(stable(std::string(100'000, '[')) == "refused");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf_8_are_replaced) {
  BOOST_TEST(js_string("a\xff\xc3(\xed\xa0\x80") == "\"a\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD\"");
  BOOST_TEST(js_string("\xf0\x9f\x98\x80") == "\"\U0001F600\"");
}

BOOST_AUTO_TEST_SUITE_END()
