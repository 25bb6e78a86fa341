#include "store/function_versions.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

function version(const std::string& number, const std::string& kind = function_kind::sync) {
  function result;
  result.provider_config_key = "shop";
  result.name = "orders";
  result.kind = kind;
  result.version = number;
  result.sha = "sha of " + number;
  return result;
}

struct fixture : store_fixture {
  std::string list(const std::string& kind = function_kind::sync) {
    auto all = versions.list("dev", "shop", "orders", kind);
    BOOST_REQUIRE(all);
    std::string result;
    for (auto& each : *all)
      result += each.version + " ";
    return result;
  }

  function_versions versions{db};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(function_versions_test, fixture)

BOOST_AUTO_TEST_CASE(keeps_versions_newest_first_and_each_once) {
  for (auto number : {"0.0.1", "0.0.2", "0.0.1"})
    BOOST_REQUIRE(versions.keep("dev", version(number)));
  BOOST_TEST(list() == "0.0.1 0.0.2 ");
}

BOOST_AUTO_TEST_CASE(keeps_kinds_and_environments_apart) {
  BOOST_REQUIRE(versions.keep("dev", version("1.0.0", function_kind::action)));
  BOOST_REQUIRE(versions.keep("prod", version("2.0.0")));
  BOOST_TEST(list() == "");
  BOOST_TEST(list(function_kind::action) == "1.0.0 ");
}

BOOST_AUTO_TEST_CASE(forgets_the_oldest) {
  for (size_t i = 0; i <= function_versions::versions_max; ++i)
    BOOST_REQUIRE(versions.keep("dev", version("0.0." + std::to_string(i))));
  auto all = versions.list("dev", "shop", "orders");
  BOOST_REQUIRE(all);
  BOOST_TEST(all->size() == function_versions::versions_max);
  BOOST_TEST(all->back().version == "0.0.1");
}

BOOST_AUTO_TEST_CASE(forgets_functions_that_are_gone_for_long) {
  BOOST_REQUIRE(versions.keep("dev", version("0.0.1"), true));
  auto keys = db.run({"KEYS", "fv:*"});
  BOOST_REQUIRE(keys && (*keys)->elements == 1);
  auto key = text_of(*(*keys)->element[0]);
  BOOST_TEST(number_of(**db.run({"PTTL", key})) > 0);
  BOOST_REQUIRE(versions.keep("dev", version("0.0.2")));
  BOOST_TEST(number_of(**db.run({"PTTL", key})) == -1);
}

BOOST_AUTO_TEST_SUITE_END()
