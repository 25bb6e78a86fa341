#include "tests/integration/store/store_fixture.hpp"
#include "tests/support/sentinel.hpp"

#include <boost/test/unit_test.hpp>
#include <hiredis/hiredis.h>

#include <chrono>
#include <string>
#include <thread>

using namespace varia;
using namespace std::chrono_literals;
using test::code;

namespace {

// A server at a port, and Sentinels that know it as "orders".
struct fixture {
  test::redis_server server;
  redis db = server.connect();
  uint16_t port = listen(db);
  test::sentinel one{port};

  static uint16_t listen(redis& at) {
    auto port = test::free_port();
    test::must(at.run({"CONFIG", "SET", "port", std::to_string(port)}));
    return port;
  }

  static std::string url(const std::string& sentinels, const std::string& master = "orders") {
    return "redis+sentinel://" + sentinels + "/" + master;
  }

  static redis connect(const std::string& where) {
    return test::must(redis::make({where, 2s, false}));
  }

  // Waits until Redis answers there; a Sentinel takes a moment to start.
  static bool answers(redis& there) {
    for (auto attempt = 0; attempt < 500; ++attempt) {
      if (there.run({"PING"}))
        return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  static std::string dead_address() { return "127.0.0.1:" + std::to_string(test::free_port()); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(redis_place_test, fixture)

BOOST_AUTO_TEST_CASE(finds_the_master_that_a_sentinel_tells) {
  auto there = connect(url(one.address()));
  BOOST_TEST_REQUIRE(answers(there));
  BOOST_TEST(*there.server_id() == *db.server_id());
}

BOOST_AUTO_TEST_CASE(asks_the_next_sentinel_if_one_is_dead) {
  auto there = connect(url(dead_address() + "," + dead_address() + "," + one.address()));
  BOOST_TEST(answers(there));
}

BOOST_AUTO_TEST_CASE(tells_that_no_sentinel_is_there_or_knows_the_name) {
  auto nobody = connect(url(dead_address())).run({"PING"});
  BOOST_TEST((code(nobody) == errc::unavailable));
  BOOST_TEST(detail_of(nobody.error()).find("no Sentinel") == 0u);
  auto there = connect(url(one.address()));
  BOOST_TEST_REQUIRE(answers(there));
  auto stranger = connect(url(one.address(), "customers")).run({"PING"});
  BOOST_TEST((code(stranger) == errc::unavailable));
  BOOST_TEST(detail_of(stranger.error()).find("no master of the name") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(logs_in_at_a_sentinel_that_wants_it_and_at_redis) {
  test::must(db.run({"CONFIG", "SET", "requirepass", "sesame"}));
  test::sentinel guarded{port, "requirepass sesame\nsentinel auth-pass orders sesame"};
  auto there = connect(url(":sesame@" + guarded.address()));
  BOOST_TEST(answers(there));
  auto thief = connect(url(":guess@" + guarded.address())).run({"PING"});
  BOOST_TEST((code(thief) == errc::unavailable));
  BOOST_TEST(detail_of(thief.error()).find("guess") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(believes_no_sentinel_that_names_a_replica) {
  test::redis_server other;
  auto new_master = other.connect();
  auto new_port = listen(new_master);
  test::sentinel two{new_port};
  auto there = connect(url(one.address() + "," + two.address()));
  BOOST_TEST_REQUIRE(answers(there));
  BOOST_TEST(*there.server_id() == *db.server_id());
  auto at_two = connect(url(two.address()));
  BOOST_TEST_REQUIRE(answers(at_two));
  // What the first Sentinel says is old from here on.
  test::must(db.run({"REPLICAOF", "127.0.0.1", std::to_string(new_port)}));
  BOOST_TEST((code(there.run({"SET", "a", "1"})) == errc::unavailable));
  BOOST_TEST(answers(there));
  BOOST_TEST(*there.server_id() == *new_master.server_id());
}

BOOST_AUTO_TEST_SUITE_END()
