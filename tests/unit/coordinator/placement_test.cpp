#include "coordinator/placement.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace varia;

namespace {

std::vector<homeless> many(size_t count, connection_number connections = 1) {
  std::vector<homeless> result;
  for (size_t i = 0; i < count; ++i)
    result.push_back({"v" + std::to_string(i), 1 + i % connections});
  return result;
}

struct fixture {
  std::map<std::string, uint32_t> counts(const std::vector<homeless>& variants,
                                         std::vector<worker_capacity> workers) {
    std::map<std::string, uint32_t> result;
    for (auto& [id, worker] : place(variants, std::move(workers), chance))
      ++result[worker];
    return result;
  }

  std::mt19937_64 chance{7};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(placement_test, fixture)

BOOST_AUTO_TEST_CASE(places_nothing_without_workers) {
  BOOST_TEST(place(many(3), {}, chance).empty());
}

BOOST_AUTO_TEST_CASE(places_every_variant_once_and_in_order) {
  auto placed = place(many(50), {{"a", 4, 0}, {"b", 4, 0}, {"c", 4, 0}}, chance);
  BOOST_TEST_REQUIRE(placed.size() == 50u);
  for (size_t i = 0; i < placed.size(); ++i)
    BOOST_TEST(placed[i].first == "v" + std::to_string(i));
}

BOOST_AUTO_TEST_CASE(fills_the_emptier_of_two_workers) {
  auto counts = this->counts(many(10), {{"full", 4, 30}, {"empty", 4, 10}});
  BOOST_TEST(counts["empty"] == 10u);
  BOOST_TEST(counts["full"] == 0u);
}

BOOST_AUTO_TEST_CASE(gives_more_to_a_worker_with_more_slots) {
  auto counts = this->counts(many(300), {{"small", 1, 0}, {"large", 2, 0}});
  BOOST_TEST(counts["small"] == 100u);
  BOOST_TEST(counts["large"] == 200u);
}

BOOST_AUTO_TEST_CASE(spreads_one_connection_over_equal_workers) {
  auto placed = place(many(8, 4), {{"a", 4, 0}, {"b", 4, 0}}, chance);
  std::map<std::pair<std::string, connection_number>, int> kin;
  for (size_t i = 0; i < placed.size(); ++i)
    ++kin[{placed[i].second, 1 + i % 4}];
  for (auto& [where, count] : kin)
    BOOST_TEST(count == 1, where.first << " has " << count << " of " << where.second);
}

BOOST_AUTO_TEST_CASE(stays_balanced_whatever_the_dice) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    chance.seed(seed);
    auto counts
      = this->counts(many(1000, 10), {{"a", 8, 0}, {"b", 8, 0}, {"c", 8, 0}, {"d", 8, 0}});
    auto by_count = [](auto& x, auto& y) { return x.second < y.second; };
    auto [least, most] = std::minmax_element(counts.begin(), counts.end(), by_count);
    BOOST_TEST(most->second - least->second <= 20u, "seed " << seed);
  }
}

BOOST_AUTO_TEST_SUITE_END()
