#include "store/schema.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <hiredis/hiredis.h>

#include <atomic>
#include <thread>

using namespace varia;
using test::code;

namespace {

struct fixture {
  test::redis_server server;
  redis db = server.connect();

  bool ready() { return db.run({"FCALL_RO", "library_hash", "0"}).engaged(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(schema_test, fixture)

BOOST_AUTO_TEST_CASE(loads_the_functions_into_an_empty_store) {
  BOOST_TEST(!ready());
  BOOST_TEST_REQUIRE(!!prepare_store(db));
  BOOST_TEST(ready());
}

BOOST_AUTO_TEST_CASE(does_not_load_the_same_library_again) {
  BOOST_TEST_REQUIRE(!!prepare_store(db));
  BOOST_TEST_REQUIRE(!!db.run({"CONFIG", "RESETSTAT"}));
  BOOST_TEST_REQUIRE(!!prepare_store(db));
  auto stats = db.run({"INFO", "commandstats"});
  BOOST_TEST(text_of(**stats).find("cmdstat_function") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(replaces_another_library) {
  BOOST_TEST_REQUIRE(!!db.run(
    {"FUNCTION", "LOAD", "#!lua name=varia\nredis.register_function('old', function() end)"}));
  BOOST_TEST_REQUIRE(!!prepare_store(db));
  BOOST_TEST(ready());
  BOOST_TEST(!db.run({"FCALL", "old", "0"}));
}

BOOST_AUTO_TEST_CASE(many_processes_may_prepare_at_once) {
  std::atomic<int> good{0};
  std::vector<std::thread> processes;
  for (auto i = 0; i < 8; ++i)
    processes.emplace_back([&] {
      auto own = server.connect();
      if (prepare_store(own))
        ++good;
    });
  for (auto& x : processes)
    x.join();
  BOOST_TEST(good == 8);
}

BOOST_AUTO_TEST_CASE(refuses_a_store_of_a_newer_schema) {
  auto newer = std::to_string(schema_version + 1);
  BOOST_TEST_REQUIRE(!!db.run({"SET", "schema", newer}));
  BOOST_TEST((code(prepare_store(db)) == errc::invalid));
  BOOST_TEST(!ready());
}

BOOST_AUTO_TEST_CASE(refuses_a_redis_that_may_evict_keys) {
  BOOST_TEST_REQUIRE(!!db.run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}));
  BOOST_TEST((code(prepare_store(db)) == errc::invalid));
}

BOOST_AUTO_TEST_SUITE_END()
