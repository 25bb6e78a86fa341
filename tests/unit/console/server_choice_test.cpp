#include "console/server_choice.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <string>

using namespace varia;

namespace {

using variables = std::map<std::string, std::string>;

contexts known() {
  return {"prod",
          {{"prod", {"https://prod.example", "key-of-prod", ""}},
           {"lab", {"http://lab.example:3003", "", ""}}}};
}

chosen_server chosen(const server_choice& words, const variables& environment = {},
                     const contexts& from = known()) {
  auto result = choose_server(words, environment, from);
  BOOST_REQUIRE(result);
  return *result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_choice_test)

BOOST_AUTO_TEST_CASE(without_any_word_it_is_this_machine) {
  auto x = chosen({}, {}, {});
  BOOST_TEST(x.config.url == "http://127.0.0.1:3003");
  BOOST_TEST(x.config.api_key == "");
  BOOST_TEST(x.name == "127.0.0.1:3003");
}

BOOST_AUTO_TEST_CASE(words_stand_before_the_environment_and_that_before_the_file) {
  BOOST_TEST(chosen({}).config.url == "https://prod.example");
  BOOST_TEST(chosen({}).name == "prod");
  variables environment{{"VARIA_URL", "http://from.env"}, {"VARIA_API_KEY", "key-of-env"}};
  BOOST_TEST(chosen({}, environment).config.url == "http://from.env");
  BOOST_TEST(chosen({}, environment).config.api_key == "key-of-env");
  auto x = chosen({"", "http://from.words", "key-of-words", ""}, environment);
  BOOST_TEST(x.config.url == "http://from.words");
  BOOST_TEST(x.config.api_key == "key-of-words");
  BOOST_TEST(chosen({"lab", "", "", ""}, environment).config.url == "http://lab.example:3003");
  BOOST_TEST(chosen({"prod", "", "", ""}, environment).config.api_key == "key-of-prod");
  BOOST_TEST(chosen({}, {{"VARIA_CONTEXT", "lab"}}).name == "lab");
}

BOOST_AUTO_TEST_CASE(the_key_of_a_context_goes_nowhere_else) {
  BOOST_TEST(chosen({"", "http://evil.example", "", ""}).config.api_key == "");
  BOOST_TEST(chosen({"prod", "http://evil.example", "", ""}).config.api_key == "");
  BOOST_TEST(chosen({}, {{"VARIA_URL", "http://evil.example"}}).config.api_key == "");
  BOOST_TEST(chosen({"prod", "https://prod.example", "", ""}).config.api_key == "key-of-prod");
}

BOOST_AUTO_TEST_CASE(a_key_may_lie_in_a_file) {
  test::temporary_folder folder;
  auto file = folder.file("key");
  std::ofstream{file} << "key-in-file\n";
  BOOST_TEST(chosen({"", "", "", file}).config.api_key == "key-in-file");
  BOOST_TEST(chosen({}, {{"VARIA_API_KEY_FILE", file}}).config.api_key == "key-in-file");
  contexts all{"x", {{"x", {"http://x.example", "", file}}}};
  BOOST_TEST(chosen({}, {}, all).config.api_key == "key-in-file");
  auto missing = choose_server({"", "", "", file + ".not"}, {}, {});
  BOOST_REQUIRE(!missing);
  BOOST_TEST(detail_of(missing.error()) == file + ".not: there is no API key in it");
}

BOOST_AUTO_TEST_CASE(a_context_that_there_is_not_is_an_error) {
  auto x = choose_server({"moon", "", "", ""}, {}, known());
  BOOST_REQUIRE(!x);
  BOOST_TEST((code_of(x.error()) == errc::not_found));
  BOOST_TEST(detail_of(x.error()) == "there is no context moon");
}

BOOST_AUTO_TEST_CASE(a_name_is_never_a_secret) {
  BOOST_TEST(chosen({"", "http://user:secret@host:80/path", "", ""}).name == "host:80");
}

BOOST_AUTO_TEST_SUITE_END()
