#include "store/locks.hpp"
#include "tests/support/redis_server.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using namespace std::chrono_literals;

namespace {

struct fixture {
  test::redis_server server;
  redis db = server.connect_prepared();
  locks all{db};

  bool take(const std::string& owner, milliseconds span = 60s) {
    auto taken = all.take("dev", "crm", owner, span);
    BOOST_TEST_REQUIRE(!!taken);
    return *taken;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(locks_test, fixture)

BOOST_AUTO_TEST_CASE(one_owner_has_a_lock_and_may_take_it_anew) {
  BOOST_TEST(take("a"));
  BOOST_TEST(!take("b"));
  BOOST_TEST(take("a"));
}

BOOST_AUTO_TEST_CASE(a_lock_ends_by_itself) {
  BOOST_TEST(take("a", 20ms));
  std::this_thread::sleep_for(60ms);
  BOOST_TEST(take("b"));
}

BOOST_AUTO_TEST_CASE(only_the_owner_gives_a_lock_back) {
  BOOST_TEST(take("a"));
  BOOST_TEST(!*all.release("dev", "crm", "b"));
  BOOST_TEST(*all.release("dev", "crm", "a"));
  BOOST_TEST(!*all.release("dev", "crm", "a"));
  BOOST_TEST(take("b"));
}

BOOST_AUTO_TEST_CASE(environments_share_no_locks) {
  BOOST_TEST(take("a"));
  BOOST_TEST(*all.take("prod", "crm", "b", 60s));
}

BOOST_AUTO_TEST_SUITE_END()
