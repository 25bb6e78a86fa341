#include "store/redis.hpp"
#include "tests/integration/store/store_fixture.hpp"
#include "tests/support/sentinel.hpp"

#include <boost/test/unit_test.hpp>
#include <hiredis/hiredis.h>

#include <atomic>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace varia;
using test::code;

namespace {

struct fixture {
  test::redis_server server;
  redis db = server.connect();

  // Lets the server listen on a port that was free a moment ago; returns it.
  std::string listen_on_tcp() {
    auto port = std::to_string(test::free_port());
    BOOST_TEST_REQUIRE(!!db.run({"CONFIG", "SET", "port", port}));
    return port;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(redis_test, fixture)

BOOST_AUTO_TEST_CASE(keeps_every_byte) {
  std::string bytes;
  for (auto i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  BOOST_TEST_REQUIRE(!!db.run({"SET", bytes, bytes}));
  BOOST_TEST(text_of(**db.run({"GET", bytes})) == bytes);
}

BOOST_AUTO_TEST_CASE(answers_a_pipeline_in_order_and_keeps_its_errors) {
  auto answers = db.run_all({{"SET", "a", "1"}, {"INCR", "a"}, {"LPUSH", "a", "x"}, {"GET", "a"}});
  BOOST_TEST_REQUIRE(!!answers);
  BOOST_TEST_REQUIRE(answers->size() == 4u);
  BOOST_TEST(number_of(*(*answers)[1]) == 2);
  BOOST_TEST((code_of(error_of(*(*answers)[2])) == errc::internal));
  BOOST_TEST(number_of(*(*answers)[3]) == 2);
}

BOOST_AUTO_TEST_CASE(opens_a_connection_again_that_was_closed_meanwhile) {
  BOOST_TEST_REQUIRE(!!db.run({"SET", "a", "1"}));
  auto other = server.connect();
  BOOST_TEST_REQUIRE(!!other.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
  // The end of a connection that was killed arrives before the answer to whoever killed it.
  auto again = db.run({"GET", "a"});
  BOOST_TEST_REQUIRE(!!again);
  BOOST_TEST(text_of(**again) == "1");
}

BOOST_AUTO_TEST_CASE(a_call_whose_connection_breaks_fails_and_the_next_one_opens_another) {
  auto waiting = std::thread{[this] {
    auto killer = server.connect();
    while (text_of(**killer.run({"CLIENT", "LIST"})).find("cmd=blpop") == std::string::npos)
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    killer.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  }};
  auto broken = db.run({"BLPOP", "nothing", "1"});
  waiting.join();
  BOOST_TEST((code(broken) == errc::unavailable));
  BOOST_TEST(!!db.run({"PING"}));
}

BOOST_AUTO_TEST_CASE(knows_the_server_by_its_run_id) {
  auto first = db.server_id();
  BOOST_TEST_REQUIRE(!!first);
  BOOST_TEST(first->size() == 40u);
  BOOST_TEST(*db.another().server_id() == *first);
  server.crash();
  BOOST_TEST((code(db.server_id()) == errc::unavailable));
  server.start();
  server.connect();
  auto second = db.server_id();
  BOOST_TEST_REQUIRE(!!second);
  BOOST_TEST(*second != *first);
}

BOOST_AUTO_TEST_CASE(while_redis_is_silent_one_call_waits_and_the_others_are_refused) {
  auto one = test::must(redis::make({server.url(), std::chrono::milliseconds{100}, false}));
  auto two = one.another();
  BOOST_TEST(!!two.run({"PING"}));
  server.freeze();
  BOOST_TEST((code(one.run({"PING"})) == errc::unavailable));
  std::atomic<int> refused_at_once{0};
  std::vector<std::thread> callers;
  for (auto i = 0; i < 20; ++i)
    callers.emplace_back([&, own = one.another()]() mutable {
      auto begin = std::chrono::steady_clock::now();
      auto answer = own.run({"PING"});
      if (!answer && std::chrono::steady_clock::now() - begin < std::chrono::milliseconds{90})
        ++refused_at_once;
    });
  for (auto& each : callers)
    each.join();
  BOOST_TEST(refused_at_once > 0);
  server.thaw();
  BOOST_TEST(!!two.run({"PING"}));
  BOOST_TEST(!!one.run({"PING"}));
}

BOOST_AUTO_TEST_CASE(leaves_a_server_that_has_become_a_replica) {
  BOOST_TEST_REQUIRE(!!db.run({"SET", "a", "1"}));
  BOOST_TEST_REQUIRE(!!db.run({"REPLICAOF", "127.0.0.1", "1"}));
  // What this connection may still read it may; a write tells that it is of no use any more.
  BOOST_TEST((code(db.run({"SET", "a", "2"})) == errc::unavailable));
  auto refused = db.run({"GET", "a"});
  BOOST_TEST((code(refused) == errc::unavailable));
  BOOST_TEST(detail_of(refused.error()) == "Redis is a replica at present");
}

BOOST_AUTO_TEST_CASE(gives_up_on_a_silent_server) {
  auto hasty = redis::make({server.url(), std::chrono::milliseconds{50}, false});
  BOOST_TEST_REQUIRE(!!hasty);
  BOOST_TEST((code(hasty->run({"BLPOP", "nothing", "5"})) == errc::unavailable));
  BOOST_TEST(!!hasty->run({"PING"}));
}

BOOST_AUTO_TEST_CASE(tells_that_nobody_listens) {
  auto lonely = redis::make({"unix:///nonexistent/redis.sock", std::chrono::milliseconds{50}});
  BOOST_TEST_REQUIRE(!!lonely);
  BOOST_TEST((code(lonely->run({"PING"})) == errc::unavailable));
  BOOST_TEST((code(lonely->run_all({{"PING"}})) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(a_server_that_lives_but_cannot_serve_is_unavailable) {
  BOOST_TEST_REQUIRE(!!db.run({"CONFIG", "SET", "maxmemory", "1"}));
  BOOST_TEST((code(db.run({"SET", "a", "1"})) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(logs_in_and_selects_a_database_each_time_it_connects) {
  auto port = listen_on_tcp();
  BOOST_TEST_REQUIRE(!!db.run({"CONFIG", "SET", "requirepass", "open sesame"}));
  auto guest = redis::make(
    {"redis://:open%20sesame@127.0.0.1:" + port + "/2", std::chrono::seconds{2}, false});
  BOOST_TEST_REQUIRE(!!guest);
  BOOST_TEST_REQUIRE(!!guest->run({"SET", "a", "1"}));
  BOOST_TEST_REQUIRE(!!db.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
  BOOST_TEST(number_of(**guest->run({"DBSIZE"})) == 1);
  BOOST_TEST_REQUIRE(!!guest->run({"SELECT", "0"}));
  BOOST_TEST(number_of(**guest->run({"DBSIZE"})) == 0);
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_told_but_not_shown) {
  auto port = listen_on_tcp();
  BOOST_TEST_REQUIRE(!!db.run({"CONFIG", "SET", "requirepass", "open sesame"}));
  auto thief = redis::make({"redis://:guess@127.0.0.1:" + port});
  auto refused = thief->run({"PING"});
  BOOST_TEST((code(refused) == errc::unavailable));
  BOOST_TEST(describe(refused.error()).find("guess") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
