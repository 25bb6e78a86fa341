#include "core/variant_plan.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace varia;

namespace {

using names = std::vector<std::string>;

const sync_id orders_sync{14, "orders"};

variant_entry entry(const std::string& name, const std::string& settings = {}) {
  variant_entry result;
  result.key = {orders_sync, name};
  result.id = "id-of-" + name;
  result.settings = settings;
  return result;
}

variant_order wish(const std::string& name) {
  variant_order result;
  result.verb = order_verb::put;
  result.name = name;
  result.id = "new-" + name;
  return result;
}

variant_order wish(const std::string& name, const std::string& settings) {
  auto result = wish(name);
  result.sets_settings = true;
  result.settings = settings;
  return result;
}

// What a store makes of a plan; fails if the limit is passed on the way.
std::vector<variant_entry> carried_out(const variant_plan& plan, std::vector<variant_entry> present,
                                       size_t named_max) {
  std::map<std::string, variant_entry> all;
  for (auto& x : present)
    all[x.key.name] = x;
  auto named = [&] { return all.size() - all.count(base_variant); };
  for (auto& order : plan.orders) {
    if (order.verb == order_verb::remove) {
      BOOST_TEST_REQUIRE(all.count(order.name) == 1u);
      BOOST_TEST(all[order.name].id == order.id);
      all.erase(order.name);
      continue;
    }
    auto is_new = all.count(order.name) == 0;
    BOOST_TEST_REQUIRE((!is_new || named() < named_max));
    auto& x = all[order.name];
    if (is_new)
      x = entry(order.name);
    if (order.sets_settings)
      x.settings = order.settings;
    if (order.sets_frequency)
      x.frequency = order.frequency;
    if (order.pause >= 0)
      x.paused = order.pause == 1;
  }
  std::vector<variant_entry> result;
  for (auto& [_, x] : all)
    result.push_back(x);
  return result;
}

// A sync and a wish of it, from dice.
struct situation {
  std::vector<variant_entry> present;
  std::vector<variant_order> wanted;
  plan_rules rules;
};

situation make_situation(uint64_t seed) {
  std::mt19937_64 chance{seed};
  auto one_in = [&](unsigned n) { return chance() % n == 0; };
  situation result;
  if (one_in(2))
    result.present.push_back(entry(base_variant));
  for (auto n = 0; n < 12; ++n) {
    auto name = "v" + std::to_string(n);
    if (one_in(2)) {
      auto x = entry(name, one_in(3) ? R"({"a":1})" : "");
      x.paused = one_in(3);
      x.frequency = one_in(3) ? "1h" : "";
      result.present.push_back(x);
    }
    if (one_in(2)) {
      auto x = one_in(2) ? wish(name) : wish(name, one_in(2) ? R"({"a":1})" : R"({"a":2})");
      x.pause = static_cast<int8_t>(static_cast<int>(chance() % 3) - 1);
      x.sets_frequency = one_in(3);
      x.frequency = x.sets_frequency && one_in(2) ? "1h" : "";
      result.wanted.push_back(x);
    }
  }
  std::shuffle(result.present.begin(), result.present.end(), chance);
  std::shuffle(result.wanted.begin(), result.wanted.end(), chance);
  auto named
    = static_cast<size_t>(std::count_if(result.present.begin(), result.present.end(),
                                        [](auto& x) { return x.key.name != base_variant; }));
  result.rules.named_max = named + chance() % 4;
  result.rules.may_delete = !one_in(3);
  result.rules.delete_max_percent = static_cast<uint32_t>(chance() % 101);
  result.rules.force = one_in(4);
  return result;
}

template <class Check>
void for_many(Check check) {
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    auto x = make_situation(seed);
    BOOST_TEST_CONTEXT("seed " << seed)
    check(x, plan_variants(x.present, x.wanted, x.rules));
  }
}

names names_of(const std::vector<variant_entry>& all) {
  names result;
  for (auto& x : all)
    if (x.key.name != base_variant)
      result.push_back(x.key.name);
  std::sort(result.begin(), result.end());
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(variant_plan_test)

BOOST_AUTO_TEST_CASE(says_what_is_created_changed_deleted_and_kept) {
  auto plan = plan_variants({entry("base"), entry("a"), entry("b", "{}"), entry("c")},
                            {wish("d"), wish("b", R"({"x":1})"), wish("a")}, {});
  BOOST_TEST(plan.creates == names{"d"}, boost::test_tools::per_element());
  BOOST_TEST(plan.changes == names{"b"}, boost::test_tools::per_element());
  BOOST_TEST(plan.deletes == names{"c"}, boost::test_tools::per_element());
  BOOST_TEST(plan.keeps == names{"a"}, boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(plan.orders.size() == 3u);
  BOOST_TEST((plan.orders.front().verb == order_verb::remove));
}

BOOST_AUTO_TEST_CASE(the_guard_counts_what_is_there) {
  plan_rules rules;
  rules.delete_max_percent = 50;
  std::vector<variant_entry> four{entry("a"), entry("b"), entry("c"), entry("d")};
  BOOST_TEST(!plan_variants(four, {wish("a"), wish("b")}, rules).guarded);
  BOOST_TEST(plan_variants(four, {wish("a")}, rules).guarded);
  BOOST_TEST(plan_variants(four, {}, rules).guarded);
  rules.force = true;
  BOOST_TEST(!plan_variants(four, {}, rules).guarded);
  BOOST_TEST(!plan_variants({}, {}, {0, true, 0, false}).guarded);
}

BOOST_AUTO_TEST_CASE(every_name_is_in_exactly_one_list) {
  for_many([](const situation& x, const variant_plan& plan) {
    std::multiset<std::string> listed;
    for (auto* list :
         {&plan.creates, &plan.changes, &plan.deletes, &plan.keeps, &plan.spares, &plan.capped})
      listed.insert(list->begin(), list->end());
    std::set<std::string> all;
    for (auto& name : names_of(x.present))
      all.insert(name);
    for (auto& order : x.wanted)
      all.insert(order.name);
    BOOST_TEST(listed.size() == all.size());
    BOOST_TEST(std::equal(listed.begin(), listed.end(), all.begin(), all.end()));
  });
}

BOOST_AUTO_TEST_CASE(leads_to_what_is_wanted_without_passing_the_limit) {
  for_many([](const situation& x, const variant_plan& plan) {
    std::set<std::string> expected;
    for (auto& order : x.wanted)
      expected.insert(order.name);
    for (auto& name : plan.capped)
      expected.erase(name);
    expected.insert(plan.spares.begin(), plan.spares.end());
    auto there = names_of(carried_out(plan, x.present, x.rules.named_max));
    BOOST_TEST(std::equal(there.begin(), there.end(), expected.begin(), expected.end()));
    BOOST_TEST((plan.capped.empty() || there.size() == x.rules.named_max));
  });
}

BOOST_AUTO_TEST_CASE(a_plan_that_was_carried_out_has_nothing_more_to_do) {
  for_many([](const situation& x, const variant_plan& plan) {
    auto after = carried_out(plan, x.present, x.rules.named_max);
    auto again = plan_variants(after, x.wanted, x.rules);
    BOOST_TEST(again.orders.empty());
    BOOST_TEST(again.capped == plan.capped, boost::test_tools::per_element());
  });
}

BOOST_AUTO_TEST_CASE(the_order_of_the_words_does_not_matter) {
  for_many([](situation x, const variant_plan& plan) {
    std::reverse(x.present.begin(), x.present.end());
    std::reverse(x.wanted.begin(), x.wanted.end());
    auto other = plan_variants(x.present, x.wanted, x.rules);
    BOOST_TEST(other.creates == plan.creates, boost::test_tools::per_element());
    BOOST_TEST(other.capped == plan.capped, boost::test_tools::per_element());
    BOOST_TEST(other.orders.size() == plan.orders.size());
  });
}

BOOST_AUTO_TEST_CASE(deletes_no_more_than_the_guard_lets_pass) {
  for_many([](const situation& x, const variant_plan& plan) {
    auto present = names_of(x.present).size();
    BOOST_TEST((plan.guarded || x.rules.force
                || plan.deletes.size() * 100 <= present * x.rules.delete_max_percent));
    BOOST_TEST((x.rules.may_delete || plan.deletes.empty()));
  });
}

BOOST_AUTO_TEST_SUITE_END()
