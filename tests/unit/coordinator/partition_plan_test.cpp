#include "coordinator/partition_plan.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <set>

using namespace varia;

namespace {

using names = std::vector<std::string>;
using kind = partition_step::kind;

constexpr time_ms hour = 3600 * 1000;
constexpr time_ms start = 1'000'000'000'000;

variant_entry entry(const std::string& name, bool discovered = true) {
  variant_entry result;
  result.key = {{14, "files"}, name};
  result.id = "id-of-" + name;
  result.discovered = discovered;
  return result;
}

partitions_row found(names all, time_ms at = start) {
  partitions_row result;
  result.asked_at = at - 10;
  result.answered_at = result.found_at = at;
  result.outcome = partitions_outcome::found;
  result.sha = "a";
  for (auto& name : all)
    result.found.push_back({name, {}, {}});
  return result;
}

struct fixture {
  partition_rules rules;

  partition_plan plan(const partitions_row& row, const std::vector<variant_entry>& present,
                      size_t named_max = 100) {
    return plan_partitions(row, present, false, named_max, rules);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(partition_plan_test, fixture)

BOOST_AUTO_TEST_CASE(asks_what_was_never_asked) {
  auto step = next_step({}, "a", start, rules);
  BOOST_TEST((step.what == kind::ask));
  BOOST_TEST(step.again_at == start + hour);
}

BOOST_AUTO_TEST_CASE(waits_for_an_answer_and_then_asks_again) {
  partitions_row row;
  row.sha = "a";
  row.asked_at = start;
  BOOST_TEST((next_step(row, "a", start + 1000, rules).what == kind::rest));
  BOOST_TEST((next_step(row, "b", start + 1000, rules).what == kind::rest));
  BOOST_TEST((next_step(row, "a", start + rules.patience.count(), rules).what == kind::ask));
}

BOOST_AUTO_TEST_CASE(acts_once_on_what_was_found) {
  auto row = found({"a"});
  BOOST_TEST((next_step(row, "a", start + 5, rules).what == kind::act));
  row.done_at = row.found_at;
  auto rest = next_step(row, "a", start + 5, rules);
  BOOST_TEST((rest.what == kind::rest));
  BOOST_TEST(rest.again_at == row.asked_at + hour);
  BOOST_TEST((next_step(row, "a", start + hour, rules).what == kind::ask));
}

BOOST_AUTO_TEST_CASE(another_function_is_asked_at_once) {
  auto row = found({"a"});
  row.done_at = row.found_at;
  BOOST_TEST((next_step(row, "b", start + 5, rules).what == kind::ask));
  row.done_at = 0;
  BOOST_TEST((next_step(row, "b", start + 5, rules).what == kind::ask));
}

BOOST_AUTO_TEST_CASE(a_failure_waits_for_the_next_time_and_a_missing_hook_for_another_function) {
  auto row = found({"a"});
  row.done_at = row.found_at;
  row.outcome = partitions_outcome::failed;
  BOOST_TEST((next_step(row, "a", start + 5, rules).what == kind::rest));
  BOOST_TEST((next_step(row, "a", start + hour, rules).what == kind::ask));
  row.outcome = partitions_outcome::absent;
  auto step = next_step(row, "a", start + 9 * hour, rules);
  BOOST_TEST((step.what == kind::rest));
  BOOST_TEST(step.again_at == 0);
}

BOOST_AUTO_TEST_CASE(each_partition_gets_its_variant) {
  auto row = found({"b", "a"});
  row.found.front().settings = R"({"x":1})";
  auto done = plan(row, {entry("base", false), entry("a")});
  BOOST_TEST(done.plan.creates == names{"b"}, boost::test_tools::per_element());
  BOOST_TEST(done.plan.keeps == names{"a"}, boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(done.plan.orders.size() == 1u);
  BOOST_TEST(done.plan.orders.front().settings == R"({"x":1})");
  BOOST_TEST(done.plan.orders.front().discovered);
}

BOOST_AUTO_TEST_CASE(what_others_made_is_left_alone) {
  auto done = plan(found({"mine"}), {entry("mine", false), entry("yours", false)});
  BOOST_TEST(done.plan.orders.empty());
  BOOST_TEST(done.foreign == names{"mine"}, boost::test_tools::per_element());
  BOOST_TEST(done.missing.empty());
}

BOOST_AUTO_TEST_CASE(a_partition_that_is_gone_keeps_its_variant_for_a_while) {
  auto row = found({"a", "b"});
  auto first = plan(row, {entry("a"), entry("b"), entry("c")});
  BOOST_TEST(first.plan.deletes.empty());
  BOOST_TEST(first.missing.at("c") == start);
  auto later = found({"a", "b"}, start + 23 * hour);
  later.missing = first.missing;
  BOOST_TEST(plan(later, {entry("a"), entry("b"), entry("c")}).plan.deletes.empty());
  auto last = found({"a", "b"}, start + 24 * hour);
  last.missing = first.missing;
  auto done = plan(last, {entry("a"), entry("b"), entry("c")});
  BOOST_TEST(done.plan.deletes == names{"c"}, boost::test_tools::per_element());
  BOOST_TEST(done.missing.empty());
}

BOOST_AUTO_TEST_CASE(a_partition_that_comes_back_begins_anew) {
  auto row = found({"a", "c"}, start + 23 * hour);
  row.missing = {{"c", start}};
  BOOST_TEST(plan(row, {entry("a"), entry("c")}).missing.empty());
}

BOOST_AUTO_TEST_CASE(too_many_deletions_are_held_back_and_the_rest_is_done) {
  auto row = found({"new"}, start + 48 * hour);
  row.missing = {{"a", start}, {"b", start}};
  auto done = plan(row, {entry("a"), entry("b")});
  BOOST_TEST(done.guarded);
  BOOST_TEST(done.plan.deletes.empty());
  BOOST_TEST(done.plan.creates == names{"new"}, boost::test_tools::per_element());
  BOOST_TEST(done.missing.at("a") == start);
  row.force = true;
  auto forced = plan(row, {entry("a"), entry("b")});
  BOOST_TEST(!forced.guarded);
  BOOST_TEST(forced.plan.deletes.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_limit_counts_those_of_others) {
  auto done = plan(found({"a", "b", "c"}), {entry("x", false), entry("y", false)}, 3);
  BOOST_TEST(done.plan.creates == names{"a"}, boost::test_tools::per_element());
  BOOST_TEST(done.plan.capped == (names{"b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(plan(found({"a"}), {entry("x", false), entry("y", false)}, 1).plan.orders.empty());
}

// Whatever is told, and however often: nothing of others is touched, nothing goes before its grace
// is over, and the limit holds.
BOOST_AUTO_TEST_CASE(holds_its_promises_over_long_histories) {
  std::mt19937_64 chance{7};
  rules.delete_max_percent = 100;
  for (auto history = 0; history < 200; ++history) {
    std::vector<variant_entry> present{entry("base", false)};
    for (auto n = 0; n < 3; ++n)
      present.push_back(entry("p" + std::to_string(chance() % 10), false));
    std::set<std::string> others;
    for (auto& x : present)
      others.insert(x.key.name);
    std::map<std::string, time_ms> seen;
    std::map<std::string, time_ms> missing;
    for (auto turn = 0; turn < 40; ++turn) {
      auto now = start + turn * 5 * hour;
      names told;
      for (auto n = 0; n < 10; ++n)
        if (chance() % 2 == 0)
          told.push_back("p" + std::to_string(n));
      for (auto& name : told)
        seen[name] = now;
      auto row = found(told, now);
      row.missing = missing;
      auto done = plan(row, present, 8);
      for (auto& order : done.plan.orders)
        BOOST_TEST(others.count(order.name) == 0u);
      for (auto& name : done.plan.deletes) {
        BOOST_TEST(now - seen[name] >= rules.grace.count());
        present.erase(std::find_if(present.begin(), present.end(),
                                   [&](auto& x) { return x.key.name == name; }));
      }
      for (auto& name : done.plan.creates)
        present.push_back(entry(name));
      std::set<std::string> all;
      for (auto& x : present)
        all.insert(x.key.name);
      BOOST_TEST(all.size() <= 9u);
      missing = done.missing;
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
