#include "store/redis.hpp"
#include "store/redis_url.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(redis_url_test)

BOOST_AUTO_TEST_CASE(reads_every_part) {
  auto url = parse_redis_url("redis://me:p%40ss:word@example.org:6380/3");
  BOOST_TEST_REQUIRE(!!url);
  BOOST_TEST(url->host == "example.org");
  BOOST_TEST(url->port == 6380);
  BOOST_TEST(url->user == "me");
  BOOST_TEST(url->password == "p@ss:word");
  BOOST_TEST(url->database == 3);
  BOOST_TEST(url->socket == "");
}

BOOST_AUTO_TEST_CASE(has_defaults) {
  auto url = parse_redis_url("redis://example.org");
  BOOST_TEST_REQUIRE(!!url);
  BOOST_TEST(url->port == 6379);
  BOOST_TEST(url->password == "");
  BOOST_TEST(url->database == 0);
  BOOST_TEST(!!parse_redis_url("redis://example.org/"));
}

BOOST_AUTO_TEST_CASE(a_password_may_hold_marks) {
  auto url = parse_redis_url("redis://:a@b/c@example.org:1");
  BOOST_TEST_REQUIRE(!!url);
  BOOST_TEST(url->password == "a@b/c");
  BOOST_TEST(url->host == "example.org");
}

BOOST_AUTO_TEST_CASE(reads_an_address_in_brackets) {
  auto url = parse_redis_url("redis://[::1]:6380");
  BOOST_TEST_REQUIRE(!!url);
  BOOST_TEST(url->host == "::1");
  BOOST_TEST(url->port == 6380);
  BOOST_TEST(parse_redis_url("redis://[::1]")->port == 6379);
}

BOOST_AUTO_TEST_CASE(reads_a_unix_socket) {
  BOOST_TEST(parse_redis_url("unix:///run/redis.sock")->socket == "/run/redis.sock");
}

BOOST_AUTO_TEST_CASE(reads_sentinels_and_the_name_of_their_master) {
  auto url = parse_redis_url("redis+sentinel://me:p%40ss@one:1001,[::1],three:1003/my%2fmaster/4");
  BOOST_TEST_REQUIRE(!!url);
  BOOST_TEST_REQUIRE(url->sentinels.size() == 3u);
  BOOST_TEST(url->sentinels[0].host == "one");
  BOOST_TEST(url->sentinels[0].port == 1001);
  BOOST_TEST(url->sentinels[1].host == "::1");
  BOOST_TEST(url->sentinels[1].port == 26379);
  BOOST_TEST(url->sentinels[2].port == 1003);
  BOOST_TEST(url->master == "my/master");
  BOOST_TEST(url->user == "me");
  BOOST_TEST(url->password == "p@ss");
  BOOST_TEST(url->database == 4);
  BOOST_TEST(url->host == "");
  BOOST_TEST(parse_redis_url("redis+sentinel://one/m")->database == 0);
}

BOOST_AUTO_TEST_CASE(refuses_other_texts_without_showing_them) {
  for (auto text : {"",
                    "redis://",
                    "rediss://host",
                    "http://host",
                    "redis://host:0",
                    "redis://host:70000",
                    "redis://host:6379x",
                    "redis://secret@host",
                    "redis://:secret%4@host",
                    "redis://:secret%zz@host",
                    "redis://:secret@:6379",
                    "redis://host/x",
                    "redis://host/-1",
                    "redis://[::1",
                    "redis://[::1]x",
                    "unix://relative",
                    "unix://",
                    "redis+sentinel://",
                    "redis+sentinel://one",
                    "redis+sentinel://one/",
                    "redis+sentinel:///m",
                    "redis+sentinel://one,,two/m",
                    "redis+sentinel://one:0/m",
                    "redis+sentinel://one/m/x",
                    "redis+sentinel://secret@one/m",
                    "redis+sentinel://one/%zz"}) {
    auto url = parse_redis_url(text);
    BOOST_TEST(!url, text);
    if (!url) {
      BOOST_TEST((code_of(url.error()) == errc::invalid));
      BOOST_TEST(describe(url.error()).find("secret") == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_connection_is_not_made_of_a_bad_url_or_without_a_timeout) {
  BOOST_TEST(!redis::make({"nowhere", std::chrono::milliseconds{1}}));
  BOOST_TEST(!redis::make({"redis://host", std::chrono::milliseconds{0}}));
  BOOST_TEST(!!redis::make({"redis://host", std::chrono::milliseconds{1}}));
}

BOOST_AUTO_TEST_SUITE_END()
