#include "core/metrics.hpp"
#include "tests/support/coordinator_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : coordinator_fixture {
  // The value of a metric, with its labels as they are written; -1 if there is none.
  static double value_of(const std::string& name) {
    auto text = "\n" + metrics_text();
    auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(coordinator_metrics_test, fixture)

BOOST_AUTO_TEST_CASE(who_leads_tells_of_workers_and_variants) {
  join("w1", w1);
  join("w2", w2);
  create("eu");
  create("us");
  ask<atom::ok>(coordinator, atom::cordon_v, std::string{"w2"}, true);
  advance(2s);
  BOOST_TEST(value_of("varia_coordinator_is_leader") == 1);
  BOOST_TEST(value_of("varia_workers{duty=\"active\"}") == 1);
  BOOST_TEST(value_of("varia_workers{duty=\"cordoned\"}") == 1);
  BOOST_TEST(value_of("varia_variants{state=\"waiting\"}") == 2);
  BOOST_TEST(value_of("varia_variants{state=\"unplaced\"}") == 0);
  advance(12s);
  BOOST_TEST(value_of("varia_variant_limit_used_ratio") > 0.6);
  BOOST_TEST(value_of("varia_placements_total") >= 2);
}

BOOST_AUTO_TEST_CASE(counts_what_a_limit_refuses) {
  auto before = value_of("varia_variants_refused_total");
  join("w1", w1);
  for (auto name : {"a", "b", "c", "d"})
    create(name);
  BOOST_TEST(value_of("varia_variants_refused_total") == before + 1);
}

BOOST_AUTO_TEST_CASE(measures_how_long_lost_variants_are_without_a_worker) {
  join("w1", w1);
  create("eu");
  join("w2", w2);
  advance(4s);
  auto before = value_of("varia_failover_duration_seconds_count");
  db->alive = {"w2"};
  advance(4s);
  advance(2s);
  BOOST_TEST(value_of("varia_workers_lost_total") >= 1);
  BOOST_TEST(value_of("varia_failover_duration_seconds_count") == before + 1);
  BOOST_TEST(value_of("varia_variants{state=\"unplaced\"}") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
