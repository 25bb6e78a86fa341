#include "coordinator/retention_round.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace varia;
using namespace std::chrono_literals;

namespace {

constexpr time_ms now = 1'700'000'000'000;
constexpr milliseconds day = 24h;

variant_state ran_at(time_ms at, const std::vector<std::string>& models = {"Order"}) {
  variant_state result;
  result.last_outcome = run_outcome::success;
  result.started_at = at - 1000;
  result.finished_at = at;
  for (auto& model : models)
    result.record_count[model] = 7;
  return result;
}

// A store in memory that notes what a round asks of it.
struct fake_store {
  std::map<std::string, std::vector<std::pair<std::string, variant_state>>> syncs;
  std::map<std::string, int> prunings_left; ///< By id; 0: one is enough.
  std::map<std::string, size_t> graves;     ///< Deleted variants whose time is over, by sync.
  std::string gone;                         ///< The id of a variant that is gone when pruned.
  std::string notes;
  size_t largest = 0; ///< The most things that one step was about.

  void add(const std::string& sync, const std::string& id, variant_state state) {
    syncs[sync].emplace_back(id, std::move(state));
  }

  void answer(const find_syncs& x, retention_round& round) {
    std::vector<sync_id> page;
    auto i = x.after ? syncs.upper_bound(x.after->name) : syncs.begin();
    for (; i != syncs.end() && page.size() < x.count; ++i)
      page.push_back({1, i->first});
    largest = std::max(largest, page.size());
    round.found(std::move(page));
  }

  void answer(const bury_variants& x, retention_round& round) {
    auto buried = std::min(graves[x.sync.name], x.limit);
    graves[x.sync.name] -= buried;
    round.buried(buried);
  }

  void answer(const find_variants& x, retention_round& round) {
    std::vector<variant_ref> refs;
    for (auto& [id, _] : syncs[x.sync.name])
      refs.push_back({x.sync, id});
    round.found(std::move(refs));
  }

  void answer(const read_states& x, retention_round& round) {
    largest = std::max(largest, x.variants.size());
    std::vector<variant_state> states;
    for (auto& variant : x.variants)
      for (auto& [id, state] : syncs[variant.sync.name])
        if (id == variant.id)
          states.push_back(state);
    round.found(states);
  }

  void answer(const purge_variant& x, retention_round& round) {
    notes += "purge " + x.variant.id + " " + std::to_string(now - x.idle_since) + "\n";
    round.purged(7);
  }

  void answer(const prune_model& x, retention_round& round) {
    notes += "prune " + x.variant.id + " " + x.model + " "
             + std::to_string(first_place_at(now) - x.until) + "\n";
    if (x.variant.id == gone)
      round.skip();
    else
      round.pruned({3, prunings_left[x.variant.id]-- > 0});
  }

  retention_totals run(const retention_rules& rules) {
    notes.clear();
    retention_round round{rules, now};
    for (auto steps = 0; steps < 10'000; ++steps) {
      auto step = round.next();
      if (!step)
        return round.totals();
      std::visit([&](auto& x) { answer(x, round); }, *step);
    }
    throw std::runtime_error("the round has no end");
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(retention_round_test, fake_store)

BOOST_AUTO_TEST_CASE(visits_every_variant_of_every_sync_in_pages) {
  for (auto sync = 0; sync < 250; ++sync)
    add("sync-" + std::to_string(sync), "only", ran_at(now));
  for (auto i = 0; i < 130; ++i)
    add("big", "b" + std::to_string(i), ran_at(now));
  BOOST_TEST(run({day, 0ms}).pruned == 3u * (250 + 130));
  BOOST_TEST(largest <= 100u);
}

BOOST_AUTO_TEST_CASE(prunes_each_model_up_to_the_last_place_before_the_age) {
  add("orders", "eu", ran_at(now, {"Item", "Order"}));
  run({day, 0ms});
  auto age = std::to_string(day.count() * 1000 + 1);
  BOOST_TEST(notes == "prune eu Item " + age + "\nprune eu Order " + age + "\n");
}

BOOST_AUTO_TEST_CASE(goes_on_with_a_model_while_there_is_more) {
  add("orders", "eu", ran_at(now));
  prunings_left["eu"] = 4;
  BOOST_TEST(run({day, 0ms}).pruned == 15u);
}

BOOST_AUTO_TEST_CASE(purges_what_is_idle_and_does_not_prune_it) {
  add("orders", "idle", ran_at(now - 2 * day.count() - 1));
  add("orders", "busy", ran_at(now - 2 * day.count()));
  auto totals = run({day, 2 * day});
  BOOST_TEST(totals.purged == 7u);
  BOOST_TEST(totals.pruned == 3u);
  BOOST_TEST(notes.find("purge idle " + std::to_string(2 * day.count()) + "\nprune busy ") == 0u);
}

BOOST_AUTO_TEST_CASE(leaves_a_variant_alone_that_runs_or_never_ran) {
  auto running = ran_at(now - 9 * day.count());
  running.last_outcome = run_outcome::running;
  running.finished_at = 0;
  add("orders", "running", running);
  variant_state fresh;
  fresh.record_count["Order"] = 0;
  add("orders", "fresh", fresh);
  run({0ms, day});
  BOOST_TEST(notes == "");
}

BOOST_AUTO_TEST_CASE(an_age_of_nothing_means_never) {
  add("orders", "eu", ran_at(1000));
  BOOST_TEST(run({}).pruned == 0u);
  BOOST_TEST(notes == "");
}

BOOST_AUTO_TEST_CASE(buries_what_was_deleted_where_all_else_is_kept_for_ever) {
  add("orders", "eu", ran_at(1000));
  add("invoices", "eu", ran_at(1000));
  graves["orders"] = 45;
  graves["invoices"] = 20;
  BOOST_TEST(run({}).buried == 65u);
  BOOST_TEST(notes == "");
  graves["orders"] = 45;
  auto totals = run({day, 0ms});
  BOOST_TEST(totals.buried == 45u);
  BOOST_TEST(totals.pruned == 6u);
}

BOOST_AUTO_TEST_CASE(an_age_beyond_all_times_means_never_too) {
  add("orders", "eu", ran_at(1000));
  run({milliseconds{now}, milliseconds::max()});
  BOOST_TEST(notes == "");
}

BOOST_AUTO_TEST_CASE(goes_on_when_a_variant_is_gone) {
  add("orders", "a", ran_at(now));
  add("orders", "b", ran_at(now));
  gone = "a";
  BOOST_TEST(run({day, 0ms}).pruned == 3u);
}

BOOST_AUTO_TEST_CASE(asks_again_until_it_is_answered) {
  add("orders", "eu", ran_at(now));
  retention_round round{{day, 0ms}, now};
  answer(std::get<find_syncs>(*round.next()), round);
  answer(std::get<bury_variants>(*round.next()), round);
  answer(std::get<find_variants>(*round.next()), round);
  answer(std::get<read_states>(*round.next()), round);
  BOOST_TEST(std::get<prune_model>(*round.next()).variant.id == "eu");
  BOOST_TEST(std::get<prune_model>(*round.next()).variant.id == "eu");
}

BOOST_AUTO_TEST_CASE(redis_is_left_to_others_nine_tenths_of_the_time) {
  BOOST_TEST(pause_after(2ms).count() == 18'000'000);
  BOOST_TEST(pause_after(0ms).count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
