#include "store/redis.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <hiredis/hiredis.h>

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
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto probe = socket(AF_INET, SOCK_STREAM, 0);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    auto bound = bind(probe, raw, size) == 0 && getsockname(probe, raw, &size) == 0;
    close(probe);
    BOOST_TEST_REQUIRE(bound);
    auto port = std::to_string(ntohs(address.sin_port));
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

BOOST_AUTO_TEST_CASE(opens_a_broken_connection_again) {
  BOOST_TEST_REQUIRE(!!db.run({"SET", "a", "1"}));
  auto other = server.connect();
  BOOST_TEST_REQUIRE(!!other.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
  BOOST_TEST((code(db.run({"GET", "a"})) == errc::unavailable));
  auto again = db.run({"GET", "a"});
  BOOST_TEST_REQUIRE(!!again);
  BOOST_TEST(text_of(**again) == "1");
}

BOOST_AUTO_TEST_CASE(gives_up_on_a_silent_server) {
  auto hasty = redis::make({server.url(), std::chrono::milliseconds{50}});
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
  auto guest = redis::make({"redis://:open%20sesame@127.0.0.1:" + port + "/2"});
  BOOST_TEST_REQUIRE(!!guest);
  BOOST_TEST_REQUIRE(!!guest->run({"SET", "a", "1"}));
  BOOST_TEST_REQUIRE(!!guest->run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"}));
  BOOST_TEST((code(guest->run({"DBSIZE"})) == errc::unavailable));
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
