#include "tests/support/deterministic_system.hpp"
#include "worker/node_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>

using namespace varia;
using namespace std::chrono_literals;

namespace {

// What the neighbours of the NODE under test heard, and how they answer.
struct neighbours {
  std::vector<join_request> joins;
  std::vector<worker_load> loads;
  std::vector<std::string> left;
  std::vector<std::string> runs; ///< Variant ids.
  std::vector<std::string> cancels;
  std::vector<std::string> commands;
  std::vector<std::string> losses; ///< What the coordinator was told the store refuses us.
  std::vector<std::string> yields; ///< What the RUNTIME was asked to let make way.
  leadership leader{"c1", 1, "there:1", 3000, "redis-1"};
  std::vector<std::string> dialed;
  bool redis_is_away = false;
  bool holding = false;
  int renewals = 0;
  bool resigned = false;
  bool leads = true;
  bool knows_us = true;
  variant_past past;
};

using heard_ptr = std::shared_ptr<neighbours>;

using text = std::string;
using key = variant_key;
using keys = std::vector<variant_key>;
using texts = std::vector<std::string>;

coordinator_actor::behavior_type fake_coordinator(heard_ptr heard) {
  return {
    [heard](atom::join, const join_request& who, const node_actor&) -> expected<atom::ok> {
      if (!heard->leads)
        return fail(errc::fenced, "not the leader");
      heard->joins.push_back(who);
      return atom::ok_v;
    },
    [heard](atom::report, const text&, const worker_load& load) -> expected<atom::ok> {
      heard->loads.push_back(load);
      if (!heard->knows_us)
        return fail(errc::not_found, "who is that");
      return atom::ok_v;
    },
    [heard](atom::leave, const text& worker, uint64_t) {
      heard->left.push_back(worker);
      return atom::ok_v;
    },
    [heard](atom::lost, const text&, const text& id, const token&) -> expected<atom::ok> {
      heard->losses.push_back(id);
      if (!heard->knows_us)
        return fail(errc::not_found, "who is that");
      return atom::ok_v;
    },
    [](atom::add, const key&, const text&, bool, const timing&) { return variant_entry{}; },
    [](atom::remove, const key&) { return atom::ok_v; },
    [](atom::change, const variant_batch&) { return batch_result{}; },
    [](atom::limit, const limit_change&) { return atom::ok_v; },
    [](atom::pause, const keys&) { return atom::ok_v; },
    [heard](atom::pause, const keys& which, const text& why) {
      heard->commands.push_back("pause " + which.front().name + ": " + why);
      return atom::ok_v;
    },
    [](atom::cancel, const keys&, const text&) { return atom::ok_v; },
    [](atom::wake, const keys&) { return atom::ok_v; },
    [heard](atom::start, const keys& which) {
      heard->commands.push_back("start " + which.front().name);
      return atom::ok_v;
    },
    [heard](atom::trigger, const keys& which, const trigger_options&) -> expected<atom::ok> {
      heard->commands.push_back("trigger " + which.front().name);
      if (which.front().name == "nobody")
        return fail(errc::not_found, "no such variant");
      return atom::ok_v;
    },
    [](atom::frequency, const key&, const text&, const timing&) { return atom::ok_v; },
    [](atom::schedule, const key&, const text&, bool, const timing&) { return atom::ok_v; },
    [](atom::ensure, const std::vector<sync_wish>&) { return atom::ok_v; },
    [](atom::forget, connection_number) { return atom::ok_v; },
    [](atom::forget, const sync_id&) { return atom::ok_v; },
    [](atom::cordon, const text&, bool) { return atom::ok_v; },
    [](atom::drain, const text&, uint64_t) { return atom::ok_v; },
    [](atom::move, const key&, const text&, uint64_t) { return atom::ok_v; },
    [](atom::rebalance, bool) { return std::vector<planned_move>{}; },
    [](atom::promote, const text&) { return atom::ok_v; },
    [](atom::status) { return cluster_status{}; },
  };
}

runtime_actor::behavior_type fake_runtime(heard_ptr heard) {
  return {
    [heard](atom::run, const variant_actor&, const assignment& what, run_order) {
      heard->runs.push_back(what.id);
    },
    [heard](atom::cancel, const text& id, const text&) { heard->cancels.push_back(id); },
    [heard](atom::yield, const text& id, bool now) {
      heard->yields.push_back(id + (now ? " now" : ""));
    },
    [heard](atom::pause, bool on) { heard->holding = on; },
    [](atom::drain) { return atom::ok_v; },
    [](atom::load) {
      return worker_load{0, 1, 2, 8};
    },
  };
}

node_store_actor::behavior_type fake_store(heard_ptr heard) {
  return {
    [heard](atom::renew, uint64_t) -> expected<leadership> {
      ++heard->renewals;
      if (heard->redis_is_away)
        return fail(errc::unavailable, "no Redis");
      return heard->leader;
    },
    [heard](atom::resign) {
      heard->resigned = true;
      return atom::ok_v;
    },
    [heard](atom::load, const std::vector<assignment>& variants) {
      return std::vector<variant_past>(variants.size(), heard->past);
    },
    [](atom::note, const assignment&, const tick_note&) {},
  };
}

struct fixture : test::deterministic_system {
  fixture() { run(); }

  // A DIALER that finds the coordinator at once; asked again, it finds it again.
  dialer_actor dialer() {
    return own(system.spawn([this](dialer_actor::pointer) -> dialer_actor::behavior_type {
      return {[this](atom::dial, const std::string& address) {
        heard->dialed.push_back(address);
        return coordinator;
      }};
    }));
  }

  assignment variant(const std::string& id, token owner = {1, 1}) {
    return {{{14, "orders"}, id}, id, owner, true, 0, {}};
  }

  void put(const assignment& what) {
    auto node = caf::actor_cast<node_actor>(host);
    BOOST_TEST(!!ask<atom::ok>(node, atom::put_v, std::vector<assignment>{what}));
  }

  template <class Atom, class... Words>
  void tell(Atom what, const std::string& id, const Words&... words) {
    auto node = caf::actor_cast<node_actor>(host);
    BOOST_TEST(!!ask<atom::ok>(node, what, std::vector<std::string>{id}, words...));
  }

  expected<atom::ok> leave(const std::string& id, uint64_t epoch = 1, token owner = {1, 1}) {
    auto node = caf::actor_cast<node_actor>(host);
    return ask<atom::ok>(node, atom::leave_v, epoch, hosted_list{{id, owner}});
  }

  time_ms now() {
    return std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch()).count();
  }

  heard_ptr heard = std::make_shared<neighbours>();
  coordinator_actor coordinator = own(system.spawn(fake_coordinator, heard));
  host_actor host = own(spawn_node(
    system, {{"w1", "boot-1", "here"}, 3000ms, [this] { return now(); }, {}, {}, {{"zone", "a"}}},
    own(system.spawn(fake_runtime, heard)), own(system.spawn(fake_store, heard)), dialer()));
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(node_actor_test, fixture)

BOOST_AUTO_TEST_CASE(joins_and_says_what_it_has_to_offer) {
  BOOST_TEST_REQUIRE(heard->joins.size() == 1u);
  BOOST_TEST(heard->joins.front().worker == "w1");
  BOOST_TEST(heard->joins.front().slots == 8u);
  BOOST_TEST(heard->joins.front().labels.at("zone") == "a");
  BOOST_TEST(heard->dialed.front() == "there:1");
}

BOOST_AUTO_TEST_CASE(goes_to_whoever_leads_now) {
  heard->joins.clear();
  heard->leader = {"c2", 2, "elsewhere:1", 3000, "redis-1"};
  advance(2s);
  BOOST_TEST(heard->joins.size() == 1u);
  BOOST_TEST(heard->dialed.back() == "elsewhere:1");
  advance(5s);
  BOOST_TEST(heard->joins.size() == 1u);
}

BOOST_AUTO_TEST_CASE(begins_nothing_while_its_lease_is_not_renewed) {
  advance(1s);
  heard->redis_is_away = true;
  advance(2s);
  BOOST_TEST(!heard->holding);
  advance(3s);
  BOOST_TEST(heard->holding);
  heard->redis_is_away = false;
  advance(1s);
  BOOST_TEST(!heard->holding);
}

BOOST_AUTO_TEST_CASE(lets_go_at_once_of_what_does_not_run) {
  put(variant("idle"));
  put(variant("busy"));
  tell(atom::wake_v, "busy", false);
  auto node = caf::actor_cast<node_actor>(host);
  auto free
    = ask<texts>(node, atom::yield_v, uint64_t{1}, texts{"idle", "busy", "unknown"}, uint64_t{0});
  BOOST_TEST_REQUIRE(!!free);
  std::sort(free->begin(), free->end());
  BOOST_TEST(*free == (texts{"idle", "unknown"}), boost::test_tools::per_element());
  tell(atom::wake_v, "idle", false);
  BOOST_TEST(heard->runs == texts{"busy"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(has_what_runs_make_way_and_interrupts_it_when_the_time_is_up) {
  put(variant("busy"));
  tell(atom::wake_v, "busy", false);
  self->send(caf::actor_cast<node_actor>(host), atom::yield_v, uint64_t{1}, texts{"busy"},
             uint64_t{2000});
  run();
  BOOST_TEST(heard->yields == texts{"busy"}, boost::test_tools::per_element());
  advance(3s);
  BOOST_TEST(heard->yields == (texts{"busy", "busy now"}), boost::test_tools::per_element());
  BOOST_TEST(!!leave("busy"));
}

BOOST_AUTO_TEST_CASE(renews_its_lease_and_reports_its_load) {
  put(variant("a"));
  advance(3s);
  BOOST_TEST(heard->renewals >= 3);
  BOOST_TEST_REQUIRE(!heard->loads.empty());
  BOOST_TEST(heard->loads.back().variants == 1u);
  BOOST_TEST(heard->loads.back().queued == 2u);
}

BOOST_AUTO_TEST_CASE(asks_again_until_somebody_leads) {
  heard->joins.clear();
  heard->leads = false;
  heard->knows_us = false;
  advance(3s);
  BOOST_TEST(heard->joins.empty());
  heard->leads = true;
  heard->knows_us = true;
  advance(2s);
  BOOST_TEST(heard->joins.size() == 1u);
}

BOOST_AUTO_TEST_CASE(tells_a_new_coordinator_what_it_hosts) {
  put(variant("a", {3, 9}));
  heard->joins.clear();
  caf::anon_send_exit(coordinator, caf::exit_reason::kill);
  coordinator = own(system.spawn(fake_coordinator, heard));
  run();
  BOOST_TEST_REQUIRE(heard->joins.size() == 1u);
  BOOST_TEST_REQUIRE(heard->joins.front().hosted.size() == 1u);
  BOOST_TEST((heard->joins.front().hosted.front().second == token{3, 9}));
}

BOOST_AUTO_TEST_CASE(joins_again_when_the_coordinator_has_forgotten_it) {
  heard->knows_us = false;
  advance(1s);
  heard->knows_us = true;
  advance(1s);
  BOOST_TEST(heard->joins.size() >= 2u);
}

BOOST_AUTO_TEST_CASE(goes_on_with_a_run_that_was_left_open_elsewhere) {
  heard->past.run_open = true;
  put(variant("a"));
  BOOST_TEST(heard->runs == std::vector<std::string>{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(wakes_a_variant_for_a_trigger) {
  put(variant("a"));
  BOOST_TEST(heard->runs.empty());
  tell(atom::wake_v, "a", false);
  BOOST_TEST(heard->runs.size() == 1u);
}

BOOST_AUTO_TEST_CASE(hosts_a_variant_once_however_often_it_is_told) {
  put(variant("a"));
  put(variant("a"));
  tell(atom::wake_v, "a", false);
  BOOST_TEST(heard->runs.size() == 1u);
}

BOOST_AUTO_TEST_CASE(replaces_a_variant_that_comes_back_under_another_token) {
  put(variant("a", {1, 1}));
  tell(atom::wake_v, "a", false);
  put(variant("a", {2, 2}));
  BOOST_TEST(heard->cancels.size() == 1u);
  tell(atom::wake_v, "a", false);
  BOOST_TEST(heard->runs.size() == 2u);
}

BOOST_AUTO_TEST_CASE(cancels_what_a_variant_runs) {
  put(variant("a"));
  tell(atom::wake_v, "a", false);
  tell(atom::cancel_v, "a", std::string{"paused"});
  BOOST_TEST(heard->cancels == std::vector<std::string>{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(forgets_a_variant_it_has_to_leave) {
  put(variant("a"));
  BOOST_TEST(!!leave("a"));
  tell(atom::wake_v, "a", false);
  BOOST_TEST(heard->runs.empty());
}

// 10,000 variants on the move: a join that was under way made the leader take back what it had
// given meanwhile, and nobody ran it any more.
BOOST_AUTO_TEST_CASE(keeps_a_variant_that_came_again_before_it_was_told_to_leave) {
  put(variant("a", {1, 1}));
  put(variant("a", {1, 2}));
  BOOST_TEST(!!leave("a", 1, {1, 1}));
  tell(atom::wake_v, "a", false);
  BOOST_TEST(heard->runs == std::vector<std::string>{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(tells_the_coordinator_what_the_store_refuses) {
  put(variant("a", {1, 1}));
  heard->joins.clear();
  self->send(host, atom::lost_v, std::string{"a"}, token{1, 2});
  run();
  BOOST_TEST(heard->losses.empty());
  self->send(host, atom::lost_v, std::string{"a"}, token{1, 1});
  run();
  BOOST_TEST(heard->losses == std::vector<std::string>{"a"}, boost::test_tools::per_element());
  BOOST_TEST(heard->joins.empty());
}

BOOST_AUTO_TEST_CASE(joins_again_if_the_coordinator_cannot_be_told_of_a_loss) {
  put(variant("a", {1, 1}));
  heard->joins.clear();
  heard->knows_us = false;
  self->send(host, atom::lost_v, std::string{"a"}, token{1, 1});
  run();
  BOOST_TEST(heard->joins.size() == 1u);
}

BOOST_AUTO_TEST_CASE(obeys_no_leader_of_the_past) {
  heard->leader = {"c2", 2, "elsewhere:1", 3000, "redis-1"};
  advance(2s);
  put(variant("a"));
  auto refused = leave("a");
  BOOST_TEST((!refused && code_of(refused.error()) == errc::fenced));
  auto node = caf::actor_cast<node_actor>(host);
  auto free = ask<texts>(node, atom::yield_v, uint64_t{1}, texts{"a"}, uint64_t{0});
  BOOST_TEST((!free && code_of(free.error()) == errc::fenced));
  tell(atom::wake_v, "a", false);
  BOOST_TEST(heard->runs == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(passes_on_what_scripts_ask_of_the_coordinator) {
  std::vector<variant_key> eu{{{14, "orders"}, "eu"}};
  BOOST_TEST(!!ask<atom::ok>(host, atom::trigger_v, eu, trigger_options{}));
  BOOST_TEST(!!ask<atom::ok>(host, atom::start_v, eu));
  BOOST_TEST(!!ask<atom::ok>(host, atom::pause_v, eu.front(), std::string{"it failed"}));
  BOOST_TEST((heard->commands == texts{"trigger eu", "start eu", "pause eu: it failed"}));
  std::vector<variant_key> nobody{{{14, "orders"}, "nobody"}};
  auto refused = ask<atom::ok>(host, atom::trigger_v, nobody, trigger_options{});
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((code_of(refused.error()) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(says_whether_it_has_joined) {
  BOOST_TEST(*ask<bool>(host, atom::status_v));
  heard->leads = heard->knows_us = false;
  advance(3s);
  BOOST_TEST(!*ask<bool>(host, atom::status_v));
}

BOOST_AUTO_TEST_CASE(leaves_the_cluster_in_order) {
  put(variant("a"));
  auto request = self->request(host, caf::infinite, atom::drain_v, uint64_t{1000});
  advance(2s);
  auto has_left = false;
  request.receive([&](atom::ok) { has_left = true; }, [](const caf::error&) {});
  BOOST_TEST(has_left);
  BOOST_TEST(heard->left == std::vector<std::string>{"w1"}, boost::test_tools::per_element());
  BOOST_TEST(heard->resigned);
}

BOOST_AUTO_TEST_SUITE_END()
