#include "core/log.hpp"
#include "store/log_level_follower.hpp"
#include "store/log_levels.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <thread>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : store_fixture {
  log_levels levels{db};

  static bool logs_from(spdlog::level::level_enum wanted) {
    for (auto tries = 0; tries < 1500; ++tries) {
      if (spdlog::default_logger_raw()->level() == wanted)
        return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return false;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_levels_test, fixture)

BOOST_AUTO_TEST_CASE(what_is_wanted_of_one_wins_over_what_is_wanted_of_all) {
  BOOST_TEST(!must(levels.level_of("w1")));
  must(levels.want({}, "warn", std::nullopt));
  must(levels.want("w1", "debug", std::nullopt));
  BOOST_TEST(*must(levels.level_of("w1")) == "debug");
  BOOST_TEST(*must(levels.level_of("w2")) == "warn");
  must(levels.forget("w1"));
  BOOST_TEST(*must(levels.level_of("w1")) == "warn");
}

BOOST_AUTO_TEST_CASE(a_level_that_is_wanted_for_a_while_ends_by_itself) {
  must(levels.want("w1", "debug", milliseconds{60'000}));
  auto found = must(levels.find({"w1", "w2"}));
  BOOST_TEST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[0]->level == "debug");
  BOOST_TEST((*found[0]->left > milliseconds{0} && *found[0]->left <= milliseconds{60'000}));
  BOOST_TEST(!found[1]);
  must(levels.want("w1", "debug", milliseconds{1}));
  for (auto tries = 0; must(levels.level_of("w1")) && tries < 1500; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  BOOST_TEST(!must(levels.level_of("w1")));
}

BOOST_AUTO_TEST_CASE(a_process_follows_what_is_wanted_of_it) {
  start_log("test", log_format::plain, "error");
  log_level_follower follower{{server.url()}, "w1", "error"};
  must(levels.want("w1", "debug", std::nullopt));
  BOOST_TEST(logs_from(spdlog::level::debug));
  must(levels.forget("w1"));
  BOOST_TEST(logs_from(spdlog::level::err));
}

BOOST_AUTO_TEST_SUITE_END()
