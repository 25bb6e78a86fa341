#include "core/text.hpp"
#include "webhooks/signatures.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

constexpr auto key = "5f1c0d2e-6a1b-4f3c-9d8e-7b6a5c4d3e2f";

} // namespace

// What is compared with was computed by Node's crypto.
BOOST_AUTO_TEST_SUITE(signatures_test)

BOOST_AUTO_TEST_CASE(both_signatures_are_those_of_the_client) {
  auto body = "{\"a\":\"\u00e9\",\"b\":1}";
  BOOST_TEST(hmac_signature(key, body)
             == "1c04b5609a428e19dbac4950e2615b44950bbc7261a777e16cebe7f9f60d41c1");
  BOOST_TEST(legacy_signature(key, body)
             == "a0d0f60374b2987f658715d436430afefeda32a5eb8461b06395dd551f1e438d");
}

BOOST_AUTO_TEST_CASE(the_older_one_signs_what_javascript_makes_of_the_body) {
  BOOST_TEST(legacy_signature(key, R"({"10":1,"9":2})")
             == "95078299d00c1494142d785ee81d1305e52be82c43ff511b8966dbb75c09dedb");
}

BOOST_AUTO_TEST_CASE(knows_the_usual_digests) {
  auto body = R"({"type":"x"})";
  BOOST_TEST(base64(hmac(digest_kind::sha1, "shh", body)) == "nYOQ6+QojRTB81Utopjel/leiy4=");
  BOOST_TEST(to_hex(hmac(digest_kind::sha512, "shh", body)).substr(0, 32)
             == "de73a1d44c105d2f983ddd3ee3ba30dc");
}

BOOST_AUTO_TEST_CASE(compares_whole_texts) {
  BOOST_TEST(equal_in_constant_time("abc", "abc"));
  BOOST_TEST(!equal_in_constant_time("abc", "abd"));
  BOOST_TEST(!equal_in_constant_time("abc", "ab"));
  BOOST_TEST(equal_in_constant_time("", ""));
}

BOOST_AUTO_TEST_SUITE_END()
