#include "core/text.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(text_test)

BOOST_AUTO_TEST_CASE(hashes_as_everybody_does) {
  BOOST_TEST(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(sha256_hex("abc")
             == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(base64_is_padded) {
  BOOST_TEST(base64("") == "");
  BOOST_TEST(base64("user:pass") == "dXNlcjpwYXNz");
  BOOST_TEST(base64("a") == "YQ==");
  BOOST_TEST(base64("\xfb\xff") == "+/8=");
}

BOOST_AUTO_TEST_CASE(base64url_is_unpadded_and_safe_in_urls) {
  BOOST_TEST(base64url("a") == "YQ");
  BOOST_TEST(base64url("\xfb\xff") == "-_8");
}

BOOST_AUTO_TEST_CASE(decodes_what_it_encoded) {
  std::string bytes;
  for (auto i = 0; i < 300; ++i) {
    auto decoded = parse_base64url(base64url(bytes));
    BOOST_TEST_REQUIRE(decoded.has_value());
    BOOST_TEST(*decoded == bytes);
    bytes += static_cast<char>(i * 7);
  }
}

BOOST_AUTO_TEST_CASE(refuses_text_that_is_no_base64url) {
  for (auto text : {"a", "YQ==", "a b", "+/8", "zzz*", "YR", "abcde"})
    BOOST_TEST(!parse_base64url(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(splits_at_every_mark) {
  BOOST_TEST((split("a,b,,c", ',') == std::vector<std::string>{"a", "b", "", "c"}));
  BOOST_TEST((split("", ',') == std::vector<std::string>{""}));
  BOOST_TEST((split(",", ',') == std::vector<std::string>{"", ""}));
}

BOOST_AUTO_TEST_CASE(lowers_ascii_letters_only) {
  BOOST_TEST(to_lower("BASE-1") == "base-1");
  BOOST_TEST(to_lower("\xc3\x84") == "\xc3\x84");
}

BOOST_AUTO_TEST_CASE(trims_both_sides) {
  BOOST_TEST(trim(" \t a b \r\n") == "a b");
  BOOST_TEST(trim(" \n ") == "");
  BOOST_TEST(trim("") == "");
}

BOOST_AUTO_TEST_SUITE_END()
