#include "tests/simulation/cluster.hpp"

#include <boost/test/unit_test.hpp>
#include <spdlog/spdlog.h>

#include <iostream>

using namespace varia;
using namespace varia::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(simulation_test)

BOOST_AUTO_TEST_CASE(a_quiet_cluster_hosts_what_it_was_given) {
  spdlog::set_level(spdlog::level::off);
  cluster all{1, 2, 3};
  all.time.run_until(3s);
  auto added = 0;
  for (auto n = 0; n < 5; ++n)
    all.command<variant_entry>(0, [&](const auto& x) { added += x ? 1 : 0; }, atom::add_v,
                               variant_key{{1, "orders"}, "v" + std::to_string(n)},
                               "id-" + std::to_string(n), false, uint64_t{30000});
  all.time.run_until(60s);
  BOOST_TEST(added == 5);
  BOOST_TEST(all.book.runs >= 10u);
  BOOST_TEST(all.book.fenced == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
