#include "api/live/live_board.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

constexpr size_t all = 100;

std::string told(const live_board::difference& x) {
  auto result = std::string{x.is_full ? "full" : ""};
  for (auto& each : x.rows)
    result += " " + each;
  for (auto& each : x.gone)
    result += " -" + each;
  return result + (x.has_more ? " ..." : "");
}

} // namespace

BOOST_AUTO_TEST_SUITE(live_board_test)

BOOST_AUTO_TEST_CASE(tells_nothing_before_anybody_has_looked) {
  live_board board;
  BOOST_TEST(board.since(0, all).is_empty());
}

BOOST_AUTO_TEST_CASE(tells_the_whole_table_to_who_knows_nothing) {
  live_board board;
  BOOST_TEST(board.put({{"a", "1"}, {"b", "2"}}));
  auto first = board.since(0, all);
  BOOST_TEST(told(first) == "full 1 2");
  BOOST_TEST(board.since(first.revision, all).is_empty());
}

BOOST_AUTO_TEST_CASE(an_empty_table_is_told_once) {
  live_board board;
  BOOST_TEST(board.put({}));
  auto first = board.since(0, all);
  BOOST_TEST(told(first) == "full");
  BOOST_TEST(board.since(first.revision, all).is_empty());
  BOOST_TEST(!board.put({}));
}

BOOST_AUTO_TEST_CASE(tells_what_changed_and_what_went) {
  live_board board;
  board.put({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  auto known = board.since(0, all).revision;
  BOOST_TEST(!board.put({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  BOOST_TEST(board.put({{"a", "1"}, {"b", "4"}, {"d", "5"}}));
  auto news = board.since(known, all);
  BOOST_TEST(told(news) == " 4 5 -c");
  BOOST_TEST(board.since(news.revision, all).is_empty());
  BOOST_TEST(told(board.since(0, all)) == "full 1 4 5");
}

BOOST_AUTO_TEST_CASE(tells_of_one_row_whoever_wants_no_other) {
  live_board board;
  board.put({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  auto first = board.since(0, all, "b");
  BOOST_TEST(told(first) == "full 2");
  board.put({{"a", "4"}, {"b", "2"}, {"c", "5"}});
  auto news = board.since(first.revision, all, "b");
  BOOST_TEST(news.is_empty());
  board.put({{"a", "4"}, {"c", "5"}});
  BOOST_TEST(told(board.since(news.revision, all, "b")) == " -b");
}

BOOST_AUTO_TEST_CASE(what_comes_back_is_told_again) {
  live_board board;
  board.put({{"a", "1"}});
  board.put({});
  auto known = board.since(0, all).revision;
  BOOST_TEST(board.put({{"a", "1"}}));
  BOOST_TEST(told(board.since(known, all)) == " 1");
}

BOOST_AUTO_TEST_CASE(tells_long_tables_in_parts_that_miss_nothing) {
  live_board board;
  std::map<std::string, std::string> rows;
  for (auto i = 0; i < 25; ++i)
    rows["v" + std::to_string(100 + i)] = std::to_string(i);
  board.put(rows);
  auto part = board.since(0, 10);
  BOOST_TEST(part.is_full);
  BOOST_TEST(part.has_more);
  rows["v100"] = "new";
  board.put(rows);
  std::string seen;
  for (auto rounds = 0; part.has_more && rounds < 10; ++rounds) {
    part = board.since(part.revision, 10);
    BOOST_TEST(!part.is_full);
    for (auto& each : part.rows)
      seen += each + " ";
  }
  BOOST_TEST(seen == "10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 new ");
}

BOOST_AUTO_TEST_CASE(who_comes_from_elsewhere_is_told_everything) {
  live_board board;
  board.put({{"a", "1"}});
  BOOST_TEST(told(board.since(1000, all)) == "full 1");
}

BOOST_AUTO_TEST_CASE(who_missed_what_nobody_remembers_is_told_everything) {
  live_board board;
  board.put({{"a", "1"}, {"b", "2"}});
  auto known = board.since(0, all).revision;
  std::map<std::string, std::string> many;
  for (size_t i = 0; i < live_board::gone_max + 1; ++i)
    many[std::to_string(i)] = "x";
  board.put(many);
  board.put({{"z", "9"}});
  BOOST_TEST(told(board.since(known, all)) == "full 9");
}

BOOST_AUTO_TEST_SUITE_END()
