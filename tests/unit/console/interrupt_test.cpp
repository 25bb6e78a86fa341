#include "console/interrupt.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>

using namespace varia;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(interrupt_test)

BOOST_AUTO_TEST_CASE(ctrl_c_ends_a_wait_and_not_the_process) {
  interrupt_guard guard;
  BOOST_TEST(guard.wait(1ms));
  std::raise(SIGINT);
  BOOST_TEST(is_interrupted());
  BOOST_TEST(!guard.wait(10min));
}

BOOST_AUTO_TEST_CASE(is_noted_until_the_outermost_guard_is_gone) {
  {
    interrupt_guard outer;
    {
      interrupt_guard inner;
      std::raise(SIGINT);
    }
    BOOST_TEST(is_interrupted());
    BOOST_TEST(!outer.wait(10min));
  }
  BOOST_TEST(!is_interrupted());
}

BOOST_AUTO_TEST_SUITE_END()
