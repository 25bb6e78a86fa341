#include "console/table.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace varia;

namespace {

size_t columns_of(const std::string& line) {
  size_t result = 0;
  for (auto c : line)
    result += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(table_test)

BOOST_AUTO_TEST_CASE(sets_words_to_the_left_and_numbers_to_the_right) {
  table x{{"NAME", "COUNT"}};
  x.add({"eu", "5"});
  x.add({"eu-west", "1200"});
  BOOST_TEST(x.render({0})
             == "NAME     COUNT\n"
                "eu           5\n"
                "eu-west   1200\n");
}

BOOST_AUTO_TEST_CASE(without_rows_shows_the_titles) {
  table x{{"NAME", "COUNT"}};
  BOOST_TEST(x.empty());
  BOOST_TEST(x.render({0}) == "NAME  COUNT\n");
}

BOOST_AUTO_TEST_CASE(fills_rows_up_and_drops_what_is_too_much) {
  table x{{"A", "B"}};
  x.add({"one"});
  x.add({"one", "two", "three"});
  BOOST_TEST(!x.empty());
  BOOST_TEST(x.render({0}) == "A    B\none\none  two\n");
}

BOOST_AUTO_TEST_CASE(fits_a_terminal_by_cutting_the_widest_columns) {
  table x{{"A", "B", "C"}};
  x.add({"short", std::string(60, 'x'), std::string(40, 'y')});
  std::istringstream lines{x.render({40})};
  for (std::string line; std::getline(lines, line);)
    BOOST_TEST(columns_of(line) <= 40u, line);
  BOOST_TEST(x.render({40}).find("short  ") != std::string::npos);
  BOOST_TEST(x.render({40}).find("xxx…") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(fits_even_a_terminal_of_a_few_columns) {
  table x{{"A", "B", "C", "D"}};
  x.add({"wide word", "wide word", "wide word", "wide word"});
  std::istringstream lines{x.render({10})};
  for (std::string line; std::getline(lines, line);)
    BOOST_TEST(columns_of(line) <= 10u, line);
}

BOOST_AUTO_TEST_CASE(counts_characters_and_never_cuts_one_in_two) {
  table x{{"A"}};
  x.add({"äöüäöüäöü"});
  BOOST_TEST(x.render({0}) == "A\näöüäöüäöü\n");
  BOOST_TEST(x.render({5}) == "A\näöüä…\n");
}

BOOST_AUTO_TEST_CASE(gives_letters_as_much_room_as_they_take) {
  table x{{"A", "B"}};
  x.add({"日本", "x"});
  x.add({"abcd", "y"});
  BOOST_TEST(x.render({0}) == "A     B\n日本  x\nabcd  y\n");
  table narrow{{"A"}};
  narrow.add({"日本語日本語"});
  BOOST_TEST(narrow.render({6}) == "A\n日本…\n");
  table broken{{"A", "B"}};
  broken.add({"\xff\xfe", "x"});
  BOOST_TEST(broken.render({0}) == "A   B\n\xff\xfe  x\n");
}

BOOST_AUTO_TEST_CASE(lets_no_cell_steer_the_terminal) {
  table x{{"A"}};
  x.add({"a\x1b[2Jb\nc\x7f\xc2\x9b"
         "d"});
  BOOST_TEST(x.render({0}) == "A\na [2Jb c  d\n");
}

BOOST_AUTO_TEST_SUITE_END()
