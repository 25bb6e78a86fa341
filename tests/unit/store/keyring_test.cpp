#include "store/keyring.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace varia;

namespace {

std::string line(char first) {
  return std::string(64, first) + std::string(64, '0') + "\n";
}

keyring ring(const std::string& text) {
  auto result = keyring::parse(text);
  BOOST_REQUIRE(result);
  return *result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(keyring_test)

BOOST_AUTO_TEST_CASE(opens_what_it_has_sealed_at_the_same_place_only) {
  auto keys = ring(line('a'));
  auto sealed = keys.seal("variable/prod/TOKEN", "s3cret");
  BOOST_TEST(sealed.find("s3cret") == std::string::npos);
  BOOST_TEST(*keys.open("variable/prod/TOKEN", sealed) == "s3cret");
  BOOST_TEST(!keys.open("variable/dev/TOKEN", sealed));
}

BOOST_AUTO_TEST_CASE(seals_a_secret_into_the_same_text_each_time) {
  auto keys = ring(line('a'));
  BOOST_TEST(keys.seal("p", "x") == keys.seal("p", "x"));
  BOOST_TEST(keys.seal("p", "x") != keys.seal("q", "x"));
}

BOOST_AUTO_TEST_CASE(opens_with_a_key_of_the_past_and_seals_with_the_first) {
  auto sealed = ring(line('a')).seal("p", "x");
  auto both = ring("# new\n" + line('b') + "\n" + line('a'));
  BOOST_TEST(*both.open("p", sealed) == "x");
  BOOST_TEST(both.seal("p", "x") == ring(line('b')).seal("p", "x"));
  BOOST_TEST(!ring(line('b')).open("p", sealed));
}

BOOST_AUTO_TEST_CASE(leaves_plain_texts_and_empty_ones_as_they_are) {
  auto keys = ring(line('a'));
  BOOST_TEST(*keys.open("p", R"({"type":"NONE"})") == R"({"type":"NONE"})");
  BOOST_TEST(keys.seal("p", "").empty());
  BOOST_TEST(keyring{}.seal("p", "x") == "x");
  BOOST_TEST(*keyring{}.open("p", "x") == "x");
}

BOOST_AUTO_TEST_CASE(opens_no_sealed_text_without_a_key_or_that_was_changed) {
  auto keys = ring(line('a'));
  // With the tag 30 bytes, so that no bit of the text is without meaning.
  auto sealed = keys.seal("p", "fourteen bytes");
  BOOST_TEST(!keyring{}.open("p", sealed));
  for (size_t i = sealed.find_last_of(':') + 1; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    BOOST_TEST(!keys.open("p", changed));
  }
  BOOST_TEST(!keys.open("p", "sealed:1:"));
  BOOST_TEST(!keys.open("p", sealed.substr(0, sealed.size() - 20)));
}

BOOST_AUTO_TEST_CASE(knows_every_text_that_may_stand_for_a_secret) {
  auto both = ring(line('b') + line('a'));
  auto forms = both.forms_of("p", "x");
  auto has
    = [&](const std::string& text) { return std::count(forms.begin(), forms.end(), text) == 1; };
  BOOST_TEST(has("x"));
  BOOST_TEST(has(ring(line('a')).seal("p", "x")));
  BOOST_TEST(has(ring(line('b')).seal("p", "x")));
}

BOOST_AUTO_TEST_CASE(refuses_files_with_a_fault_without_telling_what_they_hold) {
  for (auto text : {std::string{}, std::string{"# nothing\n"}, std::string(127, 'c'),
                    std::string(128, 'x'), line('a') + "abcd\n"}) {
    auto result = keyring::parse(text);
    BOOST_REQUIRE(!result);
    BOOST_TEST(describe(result.error()).find("aaaa") == std::string::npos);
  }
  BOOST_TEST(!keyring::load("/nowhere/keys"));
  BOOST_TEST(!!keyring::load(""));
}

BOOST_AUTO_TEST_SUITE_END()
