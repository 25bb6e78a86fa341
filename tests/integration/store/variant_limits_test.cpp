#include "store/connections.hpp"
#include "store/leases.hpp"
#include "store/variant_limits.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using test::code;
using test::must;

namespace {

constexpr uint32_t otherwise = 100;

struct fixture : test::store_fixture {
  variant_limits limits{db};
  connection_number number = 0;

  fixture() {
    epoch = must(leases{db}.take_lead({"c1", "c1:1", 60'000})).epoch;
    connection link;
    link.environment = "dev";
    link.provider_config_key = "orders";
    link.connection_id = "c1";
    number = must(connections{db}.put(link)).number;
    sync = {number, "orders"};
    add(base_variant);
    for (auto name : {"a", "b", "c"})
      add(name);
  }

  limit_scope environment() { return {"dev", 0, {}}; }
  limit_scope connection_wide() { return {"dev", number, {}}; }
  limit_scope of_sync() { return {"dev", number, "orders"}; }

  expected<void> set(const limit_scope& scope, uint32_t max) {
    return limits.set(epoch, {scope, false, max}, otherwise);
  }

  expected<void> drop(const limit_scope& scope, uint32_t by_default = otherwise) {
    return limits.set(epoch, {scope, true, 0}, by_default);
  }

  uint32_t effective() { return must(limits.view(of_sync(), otherwise)).effective; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(variant_limits_test, fixture)

BOOST_AUTO_TEST_CASE(the_closest_limit_holds) {
  BOOST_TEST(effective() == 100u);
  must(set(environment(), 50));
  BOOST_TEST(effective() == 50u);
  must(set(connection_wide(), 200));
  BOOST_TEST(effective() == 200u);
  must(set(of_sync(), 7));
  BOOST_TEST(effective() == 7u);
  must(drop(of_sync()));
  must(drop(connection_wide()));
  BOOST_TEST(effective() == 50u);
  auto view = must(limits.view(of_sync(), otherwise));
  BOOST_TEST(view.of_environment.value() == 50u);
  BOOST_TEST(!view.of_connection.has_value());
}

BOOST_AUTO_TEST_CASE(no_limit_goes_below_what_is_there) {
  for (auto& scope : {environment(), connection_wide(), of_sync()}) {
    auto refused = set(scope, 2);
    BOOST_TEST((code(refused) == errc::conflict));
    BOOST_TEST(detail_of(refused.error()) == "orders has 3 variants already, more than 2");
  }
  BOOST_TEST(effective() == 100u);
  BOOST_TEST(!!set(of_sync(), 3));
}

BOOST_AUTO_TEST_CASE(a_limit_is_not_removed_where_the_next_one_is_too_small) {
  must(set(of_sync(), 3));
  must(set(environment(), 1));
  BOOST_TEST((code(drop(of_sync())) == errc::conflict));
  BOOST_TEST((code(drop(environment(), 2)) == errc::none));
  BOOST_TEST((code(drop(of_sync())) == errc::none));
}

BOOST_AUTO_TEST_CASE(a_wider_limit_spares_what_has_a_closer_one) {
  must(set(of_sync(), 3));
  BOOST_TEST(!!set(connection_wide(), 1));
  BOOST_TEST(!!set(environment(), 0));
  BOOST_TEST((code(drop(of_sync())) == errc::conflict));
}

BOOST_AUTO_TEST_CASE(other_environments_have_other_limits) {
  BOOST_TEST(!!set({"prod", 0, {}}, 0));
  BOOST_TEST(effective() == 100u);
}

BOOST_AUTO_TEST_CASE(a_leader_of_the_past_sets_nothing_and_adds_nothing) {
  must(leases{db}.pass_lead("c1", "c1", milliseconds{60'000}));
  BOOST_TEST((code(set(of_sync(), 50)) == errc::fenced));
  auto before = epoch++;
  must(set(of_sync(), 3));
  BOOST_TEST((code(registry.add(before, {sync, "d"}, false, 100)) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(a_sync_that_is_gone_has_no_limit) {
  must(set(of_sync(), 7));
  must(limits.forget(sync));
  BOOST_TEST(effective() == 100u);
}

BOOST_AUTO_TEST_SUITE_END()
