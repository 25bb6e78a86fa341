#include "store/sessions.hpp"
#include "tests/support/redis_server.hpp"

#include <boost/test/unit_test.hpp>
#include <hiredis/hiredis.h>

#include <thread>

using namespace varia;
using namespace varia::test;

namespace {

constexpr milliseconds hour{3600 * 1000};

struct fixture {
  redis_server server;
  redis db = server.connect_prepared();
  sessions all{db};

  bool has(const std::string& token) {
    auto found = all.find(token);
    BOOST_REQUIRE(found);
    return found->has_value();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sessions_test, fixture)

BOOST_AUTO_TEST_CASE(knows_the_key_of_a_session_and_when_it_ends) {
  BOOST_REQUIRE(all.begin("token", "hash", hour));
  auto found = all.find("token");
  BOOST_REQUIRE(found && *found);
  BOOST_TEST((*found)->key_hash == "hash");
  BOOST_TEST((*found)->left.count() > 3590 * 1000);
  BOOST_TEST((*found)->left.count() <= 3600 * 1000);
  BOOST_TEST(!has("other"));
}

BOOST_AUTO_TEST_CASE(keeps_no_token) {
  BOOST_REQUIRE(all.begin("secret-token", "hash", hour));
  auto names = db.run({"KEYS", "*"});
  BOOST_REQUIRE(names);
  for (size_t i = 0; i < (*names)->elements; ++i)
    BOOST_TEST(text_of(*(*names)->element[i]).find("secret-token") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(ends_by_itself) {
  BOOST_REQUIRE(all.begin("token", "hash", milliseconds{30}));
  for (auto i = 0; i < 500 && has("token"); ++i)
    std::this_thread::sleep_for(milliseconds{10});
  BOOST_TEST(!has("token"));
}

BOOST_AUTO_TEST_CASE(ends_on_demand_and_once) {
  BOOST_REQUIRE(all.begin("a", "hash", hour));
  BOOST_REQUIRE(all.begin("b", "hash", hour));
  BOOST_REQUIRE(all.end("a"));
  BOOST_TEST(!has("a"));
  BOOST_TEST(has("b"));
  auto again = all.end("a");
  BOOST_REQUIRE(!again);
  BOOST_TEST((code_of(again.error()) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(ends_the_oldest_of_too_many_with_one_key) {
  BOOST_REQUIRE(all.begin("elsewhere", "other hash", hour));
  for (size_t i = 0; i < sessions::per_key_max + 5; ++i)
    BOOST_REQUIRE(all.begin(std::to_string(i), "hash", hour + milliseconds{i}));
  for (size_t i = 0; i < sessions::per_key_max + 5; ++i)
    BOOST_TEST(has(std::to_string(i)) == (i >= 5), "session " << i);
  BOOST_TEST(has("elsewhere"));
}

BOOST_AUTO_TEST_SUITE_END()
