#include "worker/run_queue.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

struct fixture {
  void push(connection_number connection, const std::string& id, time_ms since = 0) {
    queue.push(connection, id, since, id);
  }

  std::string drain() {
    std::string order;
    while (auto next = queue.pop())
      order += next->what + " ";
    return order;
  }

  void park(const std::string& gate, time_ms until = 100) {
    auto next = queue.pop();
    BOOST_REQUIRE(next);
    queue.park(std::move(*next), gate, "full", until);
  }

  std::string overdue(time_ms before, size_t count = 10) {
    std::string result;
    for (auto& x : queue.take_overdue(before, count))
      result += x.what + ":" + x.reason + " ";
    return result;
  }

  run_queue<std::string> queue;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(run_queue_test, fixture)

BOOST_AUTO_TEST_CASE(is_empty_at_first) {
  BOOST_TEST(!queue.pop().has_value());
  BOOST_TEST(!queue.oldest().has_value());
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
  BOOST_TEST(queue.pop()->what == "a1");
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

BOOST_AUTO_TEST_CASE(a_parked_connection_holds_no_other_up) {
  push(1, "a1");
  push(1, "a2");
  push(2, "b1");
  park("gate");
  push(1, "a3");
  BOOST_TEST(queue.parked_at("gate") == 1u);
  BOOST_TEST(drain() == "b1 ");
  BOOST_TEST(queue.size() == 3u);
  queue.wake_due(99);
  BOOST_TEST(drain().empty());
  queue.wake_due(100);
  BOOST_TEST(queue.parked_at("gate") == 0u);
  BOOST_TEST(drain() == "a1 a2 a3 ");
}

BOOST_AUTO_TEST_CASE(wakes_those_at_a_gate_that_have_waited_longest) {
  push(1, "a", 30);
  push(2, "b", 10);
  push(3, "c", 20);
  push(4, "d", 5);
  park("gate");
  park("gate");
  park("gate");
  park("other");
  queue.wake("gate", 2);
  BOOST_TEST(drain() == "b c ");
  queue.wake("gate", 2);
  BOOST_TEST(drain() == "a ");
  queue.wake("nowhere", 2);
  BOOST_TEST(drain().empty());
}

BOOST_AUTO_TEST_CASE(parks_again_what_was_woken_in_vain) {
  push(1, "a");
  park("gate", 100);
  queue.wake_due(100);
  park("gate", 200);
  queue.wake_due(199);
  BOOST_TEST(drain().empty());
  queue.wake_due(200);
  BOOST_TEST(drain() == "a ");
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_those_that_come_back_together) {
  for (auto id : {"a1", "a2", "a3"})
    push(1, id);
  auto first = queue.pop();
  auto second = queue.pop();
  queue.park(std::move(*first), "gate", "full", 100);
  queue.park(std::move(*second), "gate", "full", 200);
  BOOST_TEST(queue.parked_at("gate") == 1u);
  queue.wake_due(200);
  BOOST_TEST(drain() == "a1 a2 a3 ");
}

BOOST_AUTO_TEST_CASE(forgets_a_parked_connection_emptied_by_removal) {
  push(1, "a");
  park("gate");
  BOOST_TEST(*queue.remove("a") == "a");
  BOOST_TEST(queue.parked_at("gate") == 0u);
  push(1, "b");
  BOOST_TEST(drain() == "b ");
  queue.wake_due(1000);
}

BOOST_AUTO_TEST_CASE(tells_once_of_each_that_waits_for_long) {
  push(1, "a", 10);
  push(2, "b", 20);
  push(3, "c", 30);
  BOOST_TEST(overdue(9).empty());
  park("gate");
  BOOST_TEST(overdue(20) == "a:full b: ");
  BOOST_TEST(overdue(20).empty());
  queue.wake_due(100);
  park("gate");
  BOOST_TEST(overdue(29, 10).empty());
  BOOST_TEST(overdue(30, 10) == "c: ");
}

BOOST_AUTO_TEST_CASE(tells_of_no_more_than_asked) {
  push(1, "a", 10);
  push(2, "b", 20);
  BOOST_TEST(overdue(20, 1) == "a: ");
  BOOST_TEST(overdue(20, 1) == "b: ");
}

BOOST_AUTO_TEST_CASE(knows_since_when_the_first_waits) {
  push(1, "a", 20);
  push(2, "b", 10);
  BOOST_TEST(*queue.oldest() == 10);
  queue.remove("b");
  BOOST_TEST(*queue.oldest() == 20);
}

BOOST_AUTO_TEST_SUITE_END()
