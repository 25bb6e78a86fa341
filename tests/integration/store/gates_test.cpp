#include "store/gates.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using namespace std::chrono_literals;

namespace {

struct fixture : test::store_fixture {
  static gate_pass pass(const std::string& run, run_limits limits = {1, 0},
                        connection_number connection = 14) {
    return {run, connection, "dev", "orders", limits};
  }

  bool enters(const gate_pass& x, milliseconds span = 1h) {
    auto found = all.enter(x, span);
    BOOST_REQUIRE(found);
    return *found == gate::none;
  }

  void leave(const gate_pass& x) { BOOST_REQUIRE(all.leave(x)); }

  gates all{db};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(gates_test, fixture)

BOOST_AUTO_TEST_CASE(lets_as_many_in_as_the_limit_says) {
  BOOST_TEST(enters(pass("a", {2, 0})));
  BOOST_TEST(enters(pass("b", {2, 0})));
  BOOST_TEST((*all.enter(pass("c", {2, 0}), 1h) == gate::connection));
  leave(pass("a"));
  BOOST_TEST(enters(pass("c", {2, 0})));
}

BOOST_AUTO_TEST_CASE(counts_each_connection_apart_and_an_integration_as_a_whole) {
  BOOST_TEST(enters(pass("a", {1, 2}, 14)));
  BOOST_TEST((*all.enter(pass("b", {1, 2}, 14), 1h) == gate::connection));
  BOOST_TEST(enters(pass("c", {1, 2}, 15)));
  BOOST_TEST((*all.enter(pass("d", {1, 2}, 16), 1h) == gate::integration));
  gate_pass other{"e", 17, "dev", "mails", {1, 2}};
  BOOST_TEST(enters(other));
}

BOOST_AUTO_TEST_CASE(serves_those_that_wait_in_order) {
  BOOST_TEST(enters(pass("a")));
  BOOST_TEST(!enters(pass("b")));
  std::this_thread::sleep_for(3ms);
  BOOST_TEST(!enters(pass("c")));
  leave(pass("a"));
  BOOST_TEST(!enters(pass("c")));
  BOOST_TEST(enters(pass("b")));
}

BOOST_AUTO_TEST_CASE(who_gives_up_holds_nobody_up) {
  BOOST_TEST(enters(pass("a")));
  BOOST_TEST(!enters(pass("b")));
  std::this_thread::sleep_for(3ms);
  BOOST_TEST(!enters(pass("c")));
  leave(pass("b"));
  leave(pass("a"));
  BOOST_TEST(enters(pass("c")));
}

BOOST_AUTO_TEST_CASE(who_falls_silent_holds_nobody_up) {
  BOOST_TEST(enters(pass("a")));
  BOOST_TEST(!enters(pass("b")));
  leave(pass("a"));
  std::this_thread::sleep_for(3100ms);
  BOOST_TEST(enters(pass("c")));
}

BOOST_AUTO_TEST_CASE(a_run_that_is_not_renewed_falls_out) {
  BOOST_TEST(enters(pass("a"), 20ms));
  BOOST_REQUIRE(all.renew({pass("a")}, 100ms));
  std::this_thread::sleep_for(40ms);
  BOOST_TEST(!enters(pass("b")));
  std::this_thread::sleep_for(100ms);
  BOOST_TEST(enters(pass("b")));
}

BOOST_AUTO_TEST_CASE(a_variant_that_has_moved_gets_in_again) {
  BOOST_TEST(enters(pass("a")));
  BOOST_TEST(enters(pass("a")));
  BOOST_TEST(!enters(pass("b")));
}

BOOST_AUTO_TEST_SUITE_END()
