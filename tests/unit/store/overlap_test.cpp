#include "store/overlap.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <random>

using namespace varia;

namespace {

// A sync in which each id lives in as many variants as it says, and a sample of its records.
struct world {
  std::vector<uint32_t> holders_of_ids;

  uint64_t live() const {
    uint64_t result = 0;
    for (auto x : holders_of_ids)
      result += x;
    return result;
  }

  uint64_t overlapping() const {
    uint64_t result = 0;
    for (auto x : holders_of_ids)
      result += x > 1 ? 1 : 0;
    return result;
  }

  std::vector<uint32_t> sample(size_t count, uint64_t seed) const {
    std::mt19937_64 dice{seed};
    std::discrete_distribution<size_t> draw{holders_of_ids.begin(), holders_of_ids.end()};
    std::vector<uint32_t> result;
    for (size_t i = 0; i < count; ++i)
      result.push_back(holders_of_ids[draw(dice)]);
    return result;
  }

  // In how many of a thousand samples the truth is within the margin.
  int hits(size_t count) const {
    auto result = 0;
    for (uint64_t seed = 0; seed < 1000; ++seed) {
      auto x = estimate_overlap(live(), sample(count, seed));
      if (std::abs(x.ids - static_cast<double>(overlapping())) <= x.margin)
        ++result;
    }
    return result;
  }
};

world mixed() {
  world result;
  for (auto i = 0; i < 10'000; ++i)
    result.holders_of_ids.push_back(i % 10 == 0 ? 2 : i % 100 == 1 ? 7 : 1);
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(overlap_test)

BOOST_AUTO_TEST_CASE(is_exact_for_the_whole_of_the_records) {
  auto x = mixed();
  std::vector<uint32_t> all;
  for (auto holders : x.holders_of_ids)
    all.insert(all.end(), holders, holders);
  auto estimate = estimate_overlap(x.live(), all);
  BOOST_TEST(estimate.ids == static_cast<double>(x.overlapping()),
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(the_truth_is_within_the_margin_in_95_of_100_samples) {
  BOOST_TEST(mixed().hits(500) >= 930);
  BOOST_TEST(mixed().hits(5000) >= 930);
}

BOOST_AUTO_TEST_CASE(what_is_rare_is_within_the_margin_too) {
  world x;
  x.holders_of_ids.assign(10'000, 1);
  for (auto i = 0; i < 10; ++i)
    x.holders_of_ids[static_cast<size_t>(i)] = 2;
  BOOST_TEST(x.hits(300) >= 930);
}

BOOST_AUTO_TEST_CASE(a_greater_sample_has_a_smaller_margin) {
  auto x = mixed();
  auto small = estimate_overlap(x.live(), x.sample(200, 1));
  auto great = estimate_overlap(x.live(), x.sample(20'000, 1));
  BOOST_TEST(great.margin < small.margin / 5);
  BOOST_TEST(great.margin > 0);
}

BOOST_AUTO_TEST_CASE(a_sample_of_nothing_tells_nothing) {
  auto x = estimate_overlap(100, {});
  BOOST_TEST(x.ids == 0);
  BOOST_TEST(x.margin == 50);
}

BOOST_AUTO_TEST_SUITE_END()
