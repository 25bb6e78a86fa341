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

  // Loads a library of the given version that is not ours.
  void load_strange(int version) {
    auto number = std::to_string(version);
    auto text = "#!lua name=varia\nredis.register_function{function_name='library_version', "
                "callback=function() return "
                + number + " end, flags={'no-writes'}}";
    BOOST_TEST_REQUIRE(!!db.run({"FUNCTION", "LOAD", "REPLACE", text}));
  }

  // A connection as all of the program's are.
  redis connect() { return test::must(redis::make({server.url()})); }

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

BOOST_AUTO_TEST_CASE(leaves_a_newer_library_alone) {
  load_strange(library_version + 1);
  BOOST_TEST_REQUIRE(!!prepare_store(db));
  BOOST_TEST(!ready());
  BOOST_TEST(!!connect().run({"PING"}));
  BOOST_TEST(!ready());
}

BOOST_AUTO_TEST_CASE(replaces_a_library_of_the_same_version_at_the_start_only) {
  load_strange(library_version);
  BOOST_TEST(!!connect().run({"PING"}));
  BOOST_TEST(!ready());
  BOOST_TEST_REQUIRE(!!prepare_store(db));
  BOOST_TEST(ready());
}

BOOST_AUTO_TEST_CASE(a_connection_loads_a_library_that_is_missing_before_its_first_call) {
  BOOST_TEST(!!connect().run({"FCALL_RO", "library_hash", "0"}));
}

BOOST_AUTO_TEST_CASE(a_connection_replaces_an_older_library) {
  load_strange(library_version - 1);
  BOOST_TEST(!!connect().run({"FCALL_RO", "library_hash", "0"}));
}

BOOST_AUTO_TEST_CASE(a_server_that_comes_back_without_the_library_gets_it_again) {
  auto mine = connect();
  BOOST_TEST_REQUIRE(!!mine.run({"FCALL_RO", "library_hash", "0"}));
  server.crash();
  server.start();
  db = server.connect();
  BOOST_TEST(!ready());
  BOOST_TEST(!!mine.run({"FCALL_RO", "library_hash", "0"}));
}

BOOST_AUTO_TEST_CASE(a_library_that_vanishes_under_a_connection_is_back_with_the_next_call) {
  auto mine = connect();
  BOOST_TEST_REQUIRE(!!mine.run({"FCALL_RO", "library_hash", "0"}));
  BOOST_TEST_REQUIRE(!!db.run({"FUNCTION", "FLUSH"}));
  BOOST_TEST((code(mine.run({"FCALL_RO", "library_hash", "0"})) == errc::unavailable));
  BOOST_TEST(!!mine.run({"FCALL_RO", "library_hash", "0"}));
}

BOOST_AUTO_TEST_CASE(a_connection_to_a_store_that_is_not_fit_is_unavailable) {
  BOOST_TEST_REQUIRE(!!db.run({"SET", "schema", "1000"}));
  auto newer = connect().run({"PING"});
  BOOST_TEST((code(newer) == errc::unavailable));
  BOOST_TEST(detail_of(newer.error()).find("schema 1000") != std::string::npos);
  BOOST_TEST_REQUIRE(!!db.run({"DEL", "schema"}));
  BOOST_TEST_REQUIRE(!!db.run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}));
  BOOST_TEST((code(connect().run({"PING"})) == errc::unavailable));
  BOOST_TEST(!ready());
}

BOOST_AUTO_TEST_SUITE_END()
