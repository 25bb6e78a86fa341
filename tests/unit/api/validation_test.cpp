#include "api/schemas.hpp"
#include "api/validation.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

// One line per issue: code, message and path.
std::string judge(const schema& rules, const char* text) {
  auto value = text == nullptr ? json{} : json::parse(text);
  std::string result;
  for (auto& x : check(rules, text == nullptr ? nullptr : &value)) {
    result += x.code + "|" + x.message + "|";
    for (auto& step : x.path)
      result += "/" + step;
    result += "\n";
  }
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(validation_test)

BOOST_AUTO_TEST_CASE(takes_what_follows_the_rules) {
  BOOST_TEST(judge(connection_body(), R"({"provider_config_key":"a b","connection_id":"x[1]"})")
             == "");
}

BOOST_AUTO_TEST_CASE(names_what_is_missing_in_the_order_of_the_fields) {
  BOOST_TEST(judge(connection_body(), "{}")
             == "invalid_type|Invalid input: expected string, received "
                "undefined|/provider_config_key\n"
                "invalid_type|Invalid input: expected string, received undefined|/connection_id\n");
}

BOOST_AUTO_TEST_CASE(names_the_type_that_came) {
  BOOST_TEST(judge(connection_body(), R"({"provider_config_key":1,"connection_id":null})")
             == "invalid_type|Invalid input: expected string, received "
                "number|/provider_config_key\n"
                "invalid_type|Invalid input: expected string, received null|/connection_id\n");
  BOOST_TEST(judge(connection_body(), "[]")
             == "invalid_type|Invalid input: expected object, received array|\n");
  BOOST_TEST(judge(connection_body(), nullptr)
             == "invalid_type|Invalid input: expected object, received undefined|\n");
}

BOOST_AUTO_TEST_CASE(refuses_unknown_keys_after_everything_else) {
  BOOST_TEST(judge(connection_body(), R"({"foo":1,"provider_config_key":"a","bar":2})")
             == "invalid_type|Invalid input: expected string, received undefined|/connection_id\n"
                "unrecognized_keys|Unrecognized keys: \"foo\", \"bar\"|\n");
  BOOST_TEST(judge(nothing(), R"({"x":"1"})") == "unrecognized_keys|Unrecognized key: \"x\"|\n");
}

BOOST_AUTO_TEST_CASE(quotes_the_pattern_that_a_text_breaks) {
  BOOST_TEST(judge(connection_id(), R"("a\nb")")
             == "invalid_format|Invalid string: must match pattern "
                "/^[a-zA-Z0-9,.;:=+~[\\]|@${}\"'\\\\/_ -]+$/|\n");
  BOOST_TEST(judge(model_name(), R"("order")")
             == "invalid_format|Invalid string: must match pattern /^[A-Z][a-zA-Z0-9_-]+$/|\n");
  BOOST_TEST(judge(sync_name(), R"("été")")
             == "invalid_format|Invalid string: must match pattern /^[a-zA-Z0-9_-]+$/|\n");
}

BOOST_AUTO_TEST_CASE(measures_texts_in_characters) {
  auto longest = std::string(255, 'x');
  BOOST_TEST(judge(sync_name(), ("\"" + longest + "\"").c_str()) == "");
  BOOST_TEST(judge(sync_name(), ("\"x" + longest + "\"").c_str())
             == "too_big|Too big: expected string to have <=255 characters|\n");
  BOOST_TEST(judge(text({at_most(3)}), R"("äöü")") == "");
}

BOOST_AUTO_TEST_CASE(says_once_what_a_list_of_syncs_may_hold) {
  auto rules = object({{"syncs", sync_list(other_keys::ignored)}});
  BOOST_TEST(judge(rules, R"({"syncs":["a","a::b",{"name":"a","variant":"b","more":1}]})") == "");
  BOOST_TEST(judge(rules, R"({"syncs":[1]})")
             == "invalid_union|Each sync must be either a string or a { name: string, variant: "
                "string } object|/syncs/0\n");
  BOOST_TEST(judge(rules, "{}")
             == "invalid_type|Invalid input: expected array, received undefined|/syncs\n");
}

BOOST_AUTO_TEST_CASE(limits_the_length_of_a_list) {
  BOOST_TEST(judge(sync_list(other_keys::refused, 1), R"(["a","b"])")
             == "too_big|Too big: expected array to have <=1 items|\n");
}

BOOST_AUTO_TEST_CASE(tells_the_fault_of_the_option_that_was_meant) {
  auto rules = either({connection_id(), list_of(connection_id())});
  BOOST_TEST(judge(rules, R"("a\tb")").find("invalid_format|") == 0U);
  BOOST_TEST(judge(rules, "1") == "invalid_union|Invalid input|\n");
}

BOOST_AUTO_TEST_CASE(reads_numbers_out_of_texts) {
  auto rules = number_text(1, 10000);
  BOOST_TEST(judge(rules, R"("17")") == "");
  BOOST_TEST(judge(rules, R"("1.5")") == "");
  BOOST_TEST(judge(rules, R"("0")") == "too_small|Too small: expected number to be >=1|\n");
  BOOST_TEST(judge(rules, R"("10001")") == "too_big|Too big: expected number to be <=10000|\n");
  BOOST_TEST(judge(rules, R"("abc")")
             == "invalid_type|Invalid input: expected number, received NaN|\n");
  BOOST_TEST(judge(rules, R"("1e999")")
             == "invalid_type|Invalid input: expected number, received NaN|\n");
}

BOOST_AUTO_TEST_CASE(judges_each_part_of_a_comma_list) {
  auto rules = comma_list_of(one_of({"added", "updated"}));
  BOOST_TEST(judge(rules, R"("added,updated")") == "");
  BOOST_TEST(judge(rules, R"("added,foo")")
             == "invalid_value|Invalid option: expected one of \"added\"|\"updated\"|/1\n");
}

BOOST_AUTO_TEST_CASE(knows_absent_from_null) {
  BOOST_TEST(judge(object({{"a", optional(text())}}), "{}") == "");
  BOOST_TEST(judge(object({{"a", optional(text())}}), R"({"a":null})")
             == "invalid_type|Invalid input: expected string, received null|/a\n");
  BOOST_TEST(judge(object({{"a", nullable(text())}}), R"({"a":null})") == "");
  BOOST_TEST(judge(object({{"a", nullable(text())}}), "{}")
             == "invalid_type|Invalid input: expected string, received undefined|/a\n");
}

BOOST_AUTO_TEST_CASE(speaks_of_records_where_keys_are_free) {
  BOOST_TEST(judge(record_of(any_value()), "[1]")
             == "invalid_type|Invalid input: expected record, received array|\n");
  BOOST_TEST(judge(record_of(text()), R"({"a":1})")
             == "invalid_type|Invalid input: expected string, received number|/a\n");
}

BOOST_AUTO_TEST_CASE(turns_a_query_into_an_object) {
  auto value = query_object({{"a", "1"},
                             {"ids", "x"},
                             {"ids", "y"},
                             {"ids", "z"},
                             {"l[]", "1"},
                             {"m[0]", "p"},
                             {"m[1]", "q"},
                             {"tags[team]", "t"}});
  BOOST_TEST(value.dump()
             == R"({"a":"1","ids":["x","y","z"],"l":["1"],"m":["p","q"],"tags":{"team":"t"}})");
}

BOOST_AUTO_TEST_CASE(tells_urls_from_other_texts) {
  BOOST_TEST(is_http_url("https://example.org"));
  BOOST_TEST(is_http_url("HTTP://127.0.0.1:80/x?y"));
  for (auto text :
       {"", "ftp://x", "https://", "http:///x", "example.org", "http://a b", "http://user\n"})
    BOOST_TEST(!is_http_url(text), text);
}

BOOST_AUTO_TEST_CASE(protects_base_in_any_case) {
  BOOST_TEST(is_reserved_variant("BaSe"));
  BOOST_TEST(!is_reserved_variant("base2"));
}

BOOST_AUTO_TEST_SUITE_END()
