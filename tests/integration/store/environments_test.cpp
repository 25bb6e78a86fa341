#include "store/environments.hpp"
#include "tests/support/redis_server.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

struct fixture {
  test::redis_server server;
  redis db = server.connect_prepared();
  environments all{db};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(environments_test, fixture)

BOOST_AUTO_TEST_CASE(an_environment_keeps_its_id) {
  auto dev = *all.id_of("dev");
  BOOST_TEST(dev.size() == 36u);
  BOOST_TEST(*all.id_of("dev") == dev);
  BOOST_TEST(*all.id_of("prod") != dev);
  BOOST_TEST((*all.name_of(dev)).value() == "dev");
  BOOST_TEST(!(*all.name_of("nobody")).has_value());
}

BOOST_AUTO_TEST_CASE(variables_belong_to_one_environment_and_come_by_name) {
  BOOST_TEST_REQUIRE(!!all.set_variable("dev", {"B", "2"}));
  BOOST_TEST_REQUIRE(!!all.set_variable("dev", {"A", "1"}));
  BOOST_TEST_REQUIRE(!!all.set_variable("dev", {"A", "3"}));
  auto found = *all.variables("dev");
  BOOST_TEST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].name == "A");
  BOOST_TEST(found[0].value == "3");
  BOOST_TEST(all.variables("prod")->empty());
}

BOOST_AUTO_TEST_CASE(a_variable_is_removed_once) {
  BOOST_TEST_REQUIRE(!!all.set_variable("dev", {"A", "1"}));
  BOOST_TEST(!!all.remove_variable("dev", "A"));
  auto again = all.remove_variable("dev", "A");
  BOOST_TEST_REQUIRE(!again);
  BOOST_TEST((code_of(again.error()) == errc::not_found));
}

BOOST_AUTO_TEST_SUITE_END()
