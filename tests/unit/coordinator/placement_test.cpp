#include "coordinator/placement.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace varia;

namespace {

std::vector<homeless> many(size_t count, connection_number connections = 1) {
  std::vector<homeless> result;
  for (size_t i = 0; i < count; ++i)
    result.push_back({"v" + std::to_string(i), 1 + i % connections, {}});
  return result;
}

uint32_t no_kin(connection_number, const std::string&) {
  return 0;
}

using counts_type = std::map<std::string, uint32_t>;

struct fixture {
  counts_type counts(const std::vector<homeless>& variants, std::vector<worker_capacity> workers) {
    counts_type result;
    for (auto& [id, worker] : place(variants, std::move(workers), no_kin, chance))
      ++result[worker];
    return result;
  }

  std::vector<worker_capacity> random_workers() {
    std::vector<worker_capacity> result;
    for (size_t i = 0; i < 2 + chance() % 12; ++i)
      result.push_back({"w" + std::to_string(i), static_cast<uint32_t>(1 + chance() % 32),
                        chance() % 500, std::string(1, static_cast<char>('a' + chance() % 3))});
    return result;
  }

  std::mt19937_64 chance{7};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(placement_test, fixture)

BOOST_AUTO_TEST_CASE(places_nothing_without_workers) {
  BOOST_TEST(place(many(3), {}, no_kin, chance).empty());
}

BOOST_AUTO_TEST_CASE(places_every_variant_once_in_order_on_a_worker_there_is) {
  for (int round = 0; round < 100; ++round) {
    auto workers = random_workers();
    auto placed = place(many(50, 7), workers, no_kin, chance);
    BOOST_TEST_REQUIRE(placed.size() == 50u);
    for (size_t i = 0; i < placed.size(); ++i) {
      BOOST_TEST(placed[i].first == "v" + std::to_string(i));
      BOOST_TEST(std::any_of(workers.begin(), workers.end(),
                             [&](auto& x) { return x.worker == placed[i].second; }));
    }
  }
}

BOOST_AUTO_TEST_CASE(fills_the_emptier_of_two_workers) {
  auto counts = this->counts(many(10), {{"full", 4, 30, {}}, {"empty", 4, 10, {}}});
  BOOST_TEST(counts["empty"] == 10u);
  BOOST_TEST(counts["full"] == 0u);
}

BOOST_AUTO_TEST_CASE(gives_more_to_a_worker_with_more_slots) {
  auto counts = this->counts(many(300, 300), {{"small", 1, 0, {}}, {"large", 2, 0, {}}});
  BOOST_TEST(counts["small"] >= 90u);
  BOOST_TEST(counts["small"] <= 110u);
  BOOST_TEST(counts["large"] == 300u - counts["small"]);
}

BOOST_AUTO_TEST_CASE(gives_less_to_a_worker_whose_slots_are_busy) {
  auto busy = cost_of(10, 8, 900);
  BOOST_TEST(busy > cost_of(100, 8, 0));
  auto counts = this->counts(many(50, 50), {{"busy", 8, busy, {}}, {"idle", 8, 10, {}}});
  BOOST_TEST(counts["idle"] == 50u);
}

BOOST_AUTO_TEST_CASE(spreads_one_connection_over_equal_workers) {
  auto placed = place(many(8, 4), {{"a", 4, 0, {}}, {"b", 4, 0, {}}}, no_kin, chance);
  std::map<std::pair<std::string, connection_number>, int> kin;
  for (size_t i = 0; i < placed.size(); ++i)
    ++kin[{placed[i].second, 1 + i % 4}];
  for (auto& [where, count] : kin)
    BOOST_TEST(count == 1, where.first << " has " << count << " of " << where.second);
}

BOOST_AUTO_TEST_CASE(spreads_one_connection_over_zones_before_workers) {
  std::map<std::string, int> by_zone;
  std::vector<worker_capacity> workers{
    {"a1", 8, 0, "a"}, {"a2", 8, 0, "a"}, {"a3", 8, 0, "a"}, {"b1", 8, 0, "b"}};
  for (auto& [id, worker] : place(many(10), workers, no_kin, chance))
    ++by_zone[worker.substr(0, 1)];
  BOOST_TEST(by_zone["a"] == 5);
  BOOST_TEST(by_zone["b"] == 5);
}

BOOST_AUTO_TEST_CASE(heeds_what_of_a_connection_is_there_already) {
  auto kin = [](connection_number, const std::string& worker) { return worker == "a" ? 5u : 0u; };
  auto placed = place(many(5), {{"a", 8, 5, {}}, {"b", 8, 5, {}}}, kin, chance);
  for (auto& [id, worker] : placed)
    BOOST_TEST(worker == "b");
}

BOOST_AUTO_TEST_CASE(fulfils_a_wish_if_it_can) {
  std::vector<homeless> two{{"x", 1, "b"}, {"y", 1, "gone"}};
  auto placed = place(two, {{"a", 4, 0, {}}, {"b", 4, 100, {}}}, no_kin, chance);
  BOOST_TEST(placed[0].second == "b");
  BOOST_TEST(placed[1].second == "a");
}

BOOST_AUTO_TEST_CASE(stays_balanced_whatever_the_dice) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    chance.seed(seed);
    auto counts = this->counts(
      many(1000, 10), {{"a", 8, 0, {}}, {"b", 8, 0, {}}, {"c", 8, 0, {}}, {"d", 8, 0, {}}});
    auto by_count = [](auto& x, auto& y) { return x.second < y.second; };
    auto [least, most] = std::minmax_element(counts.begin(), counts.end(), by_count);
    BOOST_TEST(most->second - least->second <= 30u, "seed " << seed);
  }
}

// Where everything is, and what a plan makes of it.
struct world {
  std::vector<worker_capacity> workers;
  std::map<std::string, std::vector<hosted>> variants;

  void follow(const std::vector<relocation>& moves) {
    for (auto& move : moves) {
      auto& from = variants[move.from];
      auto gone = std::find_if(from.begin(), from.end(), [&](auto& x) { return x.id == move.id; });
      BOOST_TEST_REQUIRE((gone != from.end()));
      variants[move.to].push_back(*gone);
      from.erase(gone);
    }
    for (auto& worker : workers)
      worker.cost = variants[worker.worker].size();
  }
};

BOOST_AUTO_TEST_CASE(a_plan_evens_out_and_another_one_has_nothing_left_to_do) {
  for (int round = 0; round < 200; ++round) {
    world all;
    all.workers = random_workers();
    size_t id = 0;
    for (auto& worker : all.workers) {
      for (uint64_t i = 0; i < worker.cost; ++i)
        all.variants[worker.worker].push_back({std::to_string(++id), 1 + chance() % 5});
    }
    auto moves = plan_moves(all.workers, all.variants, 100'000);
    BOOST_TEST(moves.size() < id + 1);
    std::set<std::string> moved;
    for (auto& move : moves) {
      BOOST_TEST(move.from != move.to);
      BOOST_TEST(moved.insert(move.id).second, "moved twice: " << move.id);
    }
    all.follow(moves);
    BOOST_TEST(plan_moves(all.workers, all.variants, 100'000).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_plan_leaves_small_differences_alone) {
  std::map<std::string, std::vector<hosted>> variants;
  for (int i = 0; i < 104; ++i)
    variants[i < 54 ? "a" : "b"].push_back({std::to_string(i), 1});
  BOOST_TEST(plan_moves({{"a", 8, 54, {}}, {"b", 8, 50, {}}}, variants, 100).empty());
}

BOOST_AUTO_TEST_CASE(a_plan_fills_a_new_worker_with_few_moves) {
  std::map<std::string, std::vector<hosted>> variants;
  for (int i = 0; i < 200; ++i)
    variants[i < 100 ? "a" : "b"].push_back({std::to_string(i), 1});
  auto moves
    = plan_moves({{"a", 8, 100, {}}, {"b", 8, 100, {}}, {"new", 8, 0, {}}}, variants, 1000);
  BOOST_TEST(moves.size() >= 55u);
  BOOST_TEST(moves.size() <= 67u);
  for (auto& move : moves)
    BOOST_TEST(move.to == "new");
  BOOST_TEST(plan_moves({{"a", 8, 100, {}}, {"b", 8, 0, {}}}, variants, 7).size() == 7u);
}

BOOST_AUTO_TEST_CASE(a_plan_takes_from_the_connection_that_has_most) {
  std::map<std::string, std::vector<hosted>> variants;
  for (int i = 0; i < 30; ++i)
    variants["a"].push_back(
      {std::to_string(i), static_cast<connection_number>(i < 25 ? 1 : 2 + i)});
  for (auto& move : plan_moves({{"a", 1, 30, {}}, {"b", 1, 0, {}}}, variants, 10))
    BOOST_TEST(std::stoi(move.id) < 25);
}

BOOST_AUTO_TEST_SUITE_END()
