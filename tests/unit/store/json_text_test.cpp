#include "store/content_hash.hpp"
#include "store/json_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

std::string canonical(const std::string& text) {
  auto result = canonical_json(text);
  return result ? *result : "refused";
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_text_test)

BOOST_AUTO_TEST_CASE(splits_an_object_into_its_fields) {
  auto fields = fields_of(R"( { "a" : [1, {"x":"}"}] , "b\"":-1.5e+3,"":null } )");
  BOOST_TEST_REQUIRE(!!fields);
  BOOST_TEST_REQUIRE(fields->size() == 3u);
  BOOST_TEST((*fields)[0].name == "a");
  BOOST_TEST((*fields)[0].value == R"([1, {"x":"}"}])");
  BOOST_TEST((*fields)[1].name == R"(b\")");
  BOOST_TEST((*fields)[1].value == "-1.5e+3");
  BOOST_TEST((*fields)[2].value == "null");
}

BOOST_AUTO_TEST_CASE(takes_all_that_javascript_writes) {
  for (auto text :
       {"{}", " {\n} ", R"({"a":123456789012345680000})", R"({"a":1e+300})", R"({"a":"\ud83d"})",
        R"({"a":"\u0000\b\f\n\r\t\/\\"})", R"({"a":-0})", R"({"a":[[],{},true,false,null,0.5,10]})",
        R"({"a":1,"a":2})", "{\"\xf0\x9f\x98\x80\":\"\x7f\"}"})
    BOOST_TEST(!!fields_of(text), text);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_object) {
  for (auto text : {"",
                    " ",
                    "[]",
                    "1",
                    "null",
                    "\"a\"",
                    "{",
                    "}",
                    "{}{}",
                    "{} x",
                    "{,}",
                    "{a:1}",
                    R"({"a"})",
                    R"({"a":})",
                    R"({"a":1,})",
                    R"({"a":1 "b":2})",
                    R"({"a" 1})",
                    R"({"a":[1,]})",
                    R"({"a":[1 2]})",
                    R"({"a":[})",
                    R"({"a":01})",
                    R"({"a":+1})",
                    R"({"a":1.})",
                    R"({"a":.5})",
                    R"({"a":1e})",
                    R"({"a":-})",
                    R"({"a":NaN})",
                    R"({"a":tru})",
                    R"({"a":truex})",
                    R"({"a":"x)",
                    R"({"a":"\x"})",
                    R"({"a":"\u12g4"})",
                    R"({"a":"\u12)",
                    R"({"a":"\)",
                    "{\"a\":\"\n\"}",
                    "{\"a\":\"\xff\"}",
                    "{\"a\":\"\xed\xa0\x80\"}",
                    "{'a':1}",
                    "{\"a\":1}\x01"})
    BOOST_TEST(!fields_of(text), text);
  BOOST_TEST(!fields_of(std::string_view{"{}\0", 3}));
}

BOOST_AUTO_TEST_CASE(depth_has_a_limit) {
  auto nested = [](size_t levels) {
    return R"({"a":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  BOOST_TEST(!!fields_of(nested(500)));
  BOOST_TEST(!fields_of(nested(501)));
  BOOST_TEST(!fields_of(nested(200000)));
}

BOOST_AUTO_TEST_CASE(the_canonical_text_has_sorted_keys_and_no_blanks) {
  BOOST_TEST(canonical(R"({ "b" : [ 1 , {"z":1,"y":"  "} ], "a" : { "d":1 , "c" : 2 } })")
             == R"({"a":{"c":2,"d":1},"b":[1,{"y":"  ","z":1}]})");
  BOOST_TEST(canonical("{}") == "{}");
  BOOST_TEST(canonical(R"({"a":[ ],"b":{ }})") == R"({"a":[],"b":{}})");
  BOOST_TEST(canonical("[]") == "refused");
}

BOOST_AUTO_TEST_CASE(numbers_are_compared_as_written) {
  BOOST_TEST(canonical(R"({"a":1.0})") != canonical(R"({"a":1})"));
  BOOST_TEST(canonical(R"({"a":9007199254740993})") != canonical(R"({"a":9007199254740992})"));
}

BOOST_AUTO_TEST_CASE(a_hash_has_16_bytes_and_ignores_the_order_of_keys) {
  auto hash = content_hash(R"({"a":1,"b":2})");
  BOOST_TEST_REQUIRE(!!hash);
  BOOST_TEST(hash->size() == 16u);
  BOOST_TEST(*hash == *content_hash(R"({"b":2,"a":1})"));
  BOOST_TEST(*hash != *content_hash(R"({"a":2,"b":1})"));
  BOOST_TEST(!content_hash("[]"));
}

BOOST_AUTO_TEST_CASE(a_length_is_that_of_javascript) {
  BOOST_TEST(length_of("") == 0u);
  BOOST_TEST(length_of("abc") == 3u);
  BOOST_TEST(length_of("\xc3\xa4") == 1u);
  BOOST_TEST(length_of("\xf0\x9f\x98\x80") == 2u);
  BOOST_TEST(length_of(R"(\ud83d\ude00)") == 2u);
  BOOST_TEST(length_of(R"(a\n\"b)") == 4u);
}

BOOST_AUTO_TEST_CASE(a_merge_keeps_order_and_numbers) {
  BOOST_TEST(*merge_fields(R"({"b":1.0, "a": {"x":[]}})", R"({"c":9007199254740993,"b":null})")
             == R"({"b":null,"a":{"x":[]},"c":9007199254740993})");
  BOOST_TEST(*merge_fields("", R"({"a":1})") == R"({"a":1})");
  BOOST_TEST(*merge_fields(R"({"a":1})", "{}") == R"({"a":1})");
  BOOST_TEST(!merge_fields("{}", "[]"));
}

BOOST_AUTO_TEST_CASE(two_spellings_of_one_name_are_one_field) {
  BOOST_TEST(*merge_fields("{\"\xc3\xa4\":1}", R"({"\u00e4":2})") == "{\"\xc3\xa4\":2}");
}

BOOST_AUTO_TEST_SUITE_END()
