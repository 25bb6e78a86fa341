#include "worker/fair_queue.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

struct fixture {
  void push(connection_number connection, const std::string& id) { queue.push(connection, id, id); }

  std::string drain() {
    std::string order;
    while (auto next = queue.pop())
      order += *next + " ";
    return order;
  }

  fair_queue<std::string> queue;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(fair_queue_test, fixture)

BOOST_AUTO_TEST_CASE(is_empty_at_first) {
  BOOST_TEST(!queue.pop().has_value());
}

BOOST_AUTO_TEST_CASE(serves_one_connection_in_order) {
  push(1, "a");
  push(1, "b");
  push(1, "c");
  BOOST_TEST(drain() == "a b c ");
}

BOOST_AUTO_TEST_CASE(lets_connections_take_turns) {
  for (auto id : {"a1", "a2", "a3", "a4"})
    push(1, id);
  push(2, "b1");
  push(3, "c1");
  push(3, "c2");
  BOOST_TEST(drain() == "a1 b1 c1 a2 c2 a3 a4 ");
}

BOOST_AUTO_TEST_CASE(does_not_let_a_returning_connection_jump_the_line) {
  push(1, "a1");
  push(2, "b1");
  BOOST_TEST(*queue.pop() == "a1");
  push(1, "a2");
  BOOST_TEST(drain() == "b1 a2 ");
}

BOOST_AUTO_TEST_CASE(takes_one_out_of_the_middle) {
  push(1, "a1");
  push(1, "a2");
  push(2, "b1");
  BOOST_TEST(*queue.remove("a1") == "a1");
  BOOST_TEST(!queue.remove("a1").has_value());
  BOOST_TEST(queue.size() == 2u);
  BOOST_TEST(drain() == "a2 b1 ");
}

BOOST_AUTO_TEST_CASE(gives_no_turn_to_a_connection_emptied_by_removal) {
  push(1, "a1");
  push(2, "b1");
  queue.remove("a1");
  push(1, "a2");
  BOOST_TEST(drain() == "b1 a2 ");
  BOOST_TEST(queue.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
