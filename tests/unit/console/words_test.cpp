#include "console/words.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace varia;

namespace {

using strings = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(words_test)

BOOST_AUTO_TEST_CASE(blanks_separate_words) {
  auto line = split("  workers\tlist ");
  BOOST_TEST(line.words == (strings{"workers", "list"}), boost::test_tools::per_element());
  BOOST_TEST(!line.has_begun);
  BOOST_TEST(line.begun_at == 15u);
}

BOOST_AUTO_TEST_CASE(the_last_word_is_the_one_that_is_being_typed) {
  auto line = split("workers li");
  BOOST_TEST(line.words == strings{"workers"}, boost::test_tools::per_element());
  BOOST_TEST(line.begun == "li");
  BOOST_TEST(line.begun_at == 8u);
}

BOOST_AUTO_TEST_CASE(quotes_and_backslashes_keep_words_together) {
  BOOST_TEST(all_words(split(R"(a 'b c' "d \"e\" \n" f\ g "")"))
               == (strings{"a", "b c", "d \"e\" \\n", "f g", ""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_quote_without_end_is_told) {
  BOOST_TEST(split("a 'b c").is_open);
  BOOST_TEST(split("a 'b c").begun == "b c");
  BOOST_TEST(!split("a 'b c'").is_open);
}

BOOST_AUTO_TEST_CASE(what_is_quoted_is_read_as_it_was) {
  for (std::string word : {"plain", "", "two words", "it's", "\"", "back\\slash", "ä ö"})
    BOOST_TEST(all_words(split(quote_word(word))) == strings{word},
               boost::test_tools::per_element());
  BOOST_TEST(quote_word("plain") == "plain");
}

BOOST_AUTO_TEST_SUITE_END()
