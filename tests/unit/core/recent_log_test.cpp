#include "core/recent_log.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

BOOST_AUTO_TEST_SUITE(recent_log_test)

BOOST_AUTO_TEST_CASE(remembers_the_last_lines_in_order) {
  for (size_t i = 0; i < recent_lines_max + 5; ++i)
    keep_log_line("line " + std::to_string(i) + "\n");
  auto all = recent_log_lines();
  BOOST_TEST(all.size() == recent_lines_max);
  BOOST_TEST(all.front() == "line 5");
  BOOST_TEST(all.back() == "line " + std::to_string(recent_lines_max + 4));
}

BOOST_AUTO_TEST_CASE(long_lines_are_cut) {
  keep_log_line(std::string(recent_line_bytes_max + 10, 'x'));
  BOOST_TEST(recent_log_lines().back().size() == recent_line_bytes_max);
}

BOOST_AUTO_TEST_SUITE_END()
