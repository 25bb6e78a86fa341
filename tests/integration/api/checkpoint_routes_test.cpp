#include "store/checkpoints.hpp"
#include "tests/integration/api/v1_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

const std::string path = "/varia/variants/checkpoint";

struct fixture : v1_api {
  std::string shown() { return ask("GET", path + v1_query).line(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(checkpoint_routes_test, fixture)

BOOST_AUTO_TEST_CASE(a_checkpoint_is_set_shown_and_forgotten) {
  BOOST_TEST(shown() == R"(200 {"checkpoint":null,"version":0,"in_progress":false})");
  auto set = ask("PUT", path, v1({{"checkpoint", {{"page", 3}, {"at", "x"}}}}));
  BOOST_TEST(set.line()
             == R"(200 {"checkpoint":{"page":3,"at":"x"},"version":1,"in_progress":false})");
  BOOST_TEST(shown() == set.line());
  BOOST_TEST(ask("DELETE", path, v1()).line()
             == R"(200 {"checkpoint":null,"version":2,"in_progress":false})");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_breaks_the_rules_changes_nothing) {
  auto no = ask("PUT", path, v1({{"checkpoint", {{"page", {1, 2}}}}}));
  BOOST_TEST(no.status == 400);
  BOOST_TEST(no.text.find("the checkpoint field \\\"page\\\" is an array") != std::string::npos);
  BOOST_TEST(ask("PUT", path, v1({{"checkpoint", 7}})).status == 400);
  BOOST_TEST(ask("PUT", path, v1()).status == 400);
  BOOST_TEST(shown() == R"(200 {"checkpoint":null,"version":0,"in_progress":false})");
}

BOOST_AUTO_TEST_CASE(a_version_guards_against_changes_of_others) {
  BOOST_REQUIRE(ask("PUT", path, v1({{"checkpoint", {{"page", 1}}}})).status == 200);
  auto no = ask("PUT", path, v1({{"checkpoint", {{"page", 2}}}, {"version", 0}}));
  BOOST_TEST(no.line()
             == R"(409 {"error":{"code":"conflict","message":)"
                R"("the checkpoint has been changed since it was read"}})");
  BOOST_TEST(ask("DELETE", path, v1({{"version", 1}})).status == 200);
}

BOOST_AUTO_TEST_CASE(a_run_in_progress_is_cancelled_if_it_is_forced) {
  auto ticket = begin_run("orders", "v1");
  auto no = ask("PUT", path, v1({{"checkpoint", {{"page", 2}}}}));
  BOOST_TEST(no.line() == R"(409 {"error":{"code":"conflict","message":"a run is in progress"}})");
  BOOST_TEST(cluster.take_notes().find("cancel") == std::string::npos);
  auto done = ask("PUT", path, v1({{"checkpoint", {{"page", 2}}}, {"force", true}}));
  BOOST_TEST(done.line() == R"(200 {"checkpoint":{"page":2},"version":1,"in_progress":true})");
  BOOST_TEST(cluster.take_notes().find("cancel") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_has_no_checkpoint) {
  auto body = v1();
  body["variant"] = "v9";
  BOOST_TEST(ask("DELETE", path, body).line() == R"(404 {"error":{"code":"unknown_sync"}})");
  body["connection_id"] = "c9";
  BOOST_TEST(ask("DELETE", path, body).line() == R"(404 {"error":{"code":"unknown_connection"}})");
}

BOOST_AUTO_TEST_SUITE_END()
