#include "core/metrics.hpp"
#include "tests/support/deterministic_system.hpp"
#include "worker/variant_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>

using namespace varia;
using namespace std::chrono_literals;

namespace {

// What the VARIANT under test said to its peers.
struct said {
  std::vector<time_ms> runs; ///< The slots of the runs it asked for.
  std::vector<std::string> cancels;
  std::vector<std::string> notes;
  std::vector<std::string> lost;
  std::vector<std::string> yields;
  std::vector<std::string> stops;
};

using said_ptr = std::shared_ptr<said>;

runtime_actor::behavior_type fake_runtime(said_ptr heard) {
  return {
    [heard](atom::run, const variant_actor&, const assignment&, run_order order) {
      heard->runs.push_back(order.slot);
    },
    [heard](atom::cancel, const std::string&, const std::string& why) {
      heard->cancels.push_back(why);
    },
    [heard](atom::yield, const std::string&, bool now) {
      heard->yields.push_back(now ? "now" : "soon");
    },
    [](atom::pause, bool) {},
    [](atom::drain) { return atom::ok_v; },
    [](atom::load) { return worker_load{}; },
  };
}

node_store_actor::behavior_type fake_store(said_ptr heard) {
  return {
    [](atom::renew, uint64_t) { return leadership{}; },
    [](atom::resign) { return atom::ok_v; },
    [](atom::load, const std::vector<assignment>& variants) {
      return std::vector<variant_past>(variants.size());
    },
    [heard](atom::note, const assignment&, const tick_note& note) {
      heard->notes.push_back(note.what);
    },
  };
}

host_actor::behavior_type fake_host(said_ptr heard) {
  return {
    [heard](atom::lost, const std::string& id, const token&) { heard->lost.push_back(id); },
    [](atom::trigger, const std::vector<variant_key>&, const trigger_options&) {
      return atom::ok_v;
    },
    [](atom::start, const std::vector<variant_key>&) { return atom::ok_v; },
    [heard](atom::pause, const variant_key&, const std::string& why) {
      heard->stops.push_back(why);
      return atom::ok_v;
    },
    [](atom::status) { return true; },
    [](atom::drain, uint64_t) { return atom::ok_v; },
  };
}

struct fixture : test::deterministic_system {
  time_ms now() {
    return std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch()).count();
  }

  variant_actor spawn(const variant_past& past = {}) {
    auto peers = std::make_shared<variant_peers>(
      variant_peers{own(system.spawn(fake_runtime, heard)), own(system.spawn(fake_store, heard)),
                    own(system.spawn(fake_host, heard)), [this] { return now(); }});
    auto actor = own(spawn_variant(system, std::move(peers), what, past));
    run();
    return actor;
  }

  void end_run(const variant_actor& actor, const std::string& outcome = "success") {
    self->send(actor, atom::ended_v, run_end{outcome, {}, outcome == "fenced", true});
    run();
  }

  said_ptr heard = std::make_shared<said>();
  assignment what{
    {{14, "orders"}, "eu"}, "5a2c0e64-0000-4000-8000-000000000001", {3, 7}, false, now(),
    {60000, {}, 0}};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(variant_actor_test, fixture)

BOOST_AUTO_TEST_CASE(runs_on_its_own_timer) {
  auto actor = spawn();
  BOOST_TEST(heard->runs.size() == 1u);
  end_run(actor);
  advance(59s);
  BOOST_TEST(heard->runs.size() == 1u);
  advance(8s);
  BOOST_TEST(heard->runs.size() == 2u);
}

BOOST_AUTO_TEST_CASE(is_free_as_soon_as_its_run_has_ended) {
  auto actor = spawn();
  auto refused = ask<atom::ok>(actor, atom::yield_v, uint64_t{0});
  BOOST_TEST((code_of(refused.error()) == errc::conflict));
  auto request = self->request(actor, caf::infinite, atom::yield_v, uint64_t{9000});
  run();
  BOOST_TEST(heard->yields == std::vector<std::string>{"soon"}, boost::test_tools::per_element());
  self->send(actor, atom::wake_v, false);
  end_run(actor, "interrupted");
  BOOST_TEST(heard->runs.size() == 1u);
  auto is_free = false;
  request.receive([&](atom::ok) { is_free = true; }, [](const caf::error&) {});
  BOOST_TEST(is_free);
}

BOOST_AUTO_TEST_CASE(counts_as_failing_until_it_succeeds_or_is_paused_or_gone) {
  auto is_counted = [] {
    return metrics_text().find("\nvaria_worker_variants_failing 1\n") != std::string::npos;
  };
  auto fail_run = [&](const variant_actor& actor) {
    run_end how{"failed", {}, false, true};
    how.failed = {1, 0, now()};
    self->send(actor, atom::ended_v, how);
    run();
  };
  auto actor = spawn();
  BOOST_TEST(!is_counted());
  fail_run(actor);
  BOOST_TEST(is_counted());
  end_run(actor);
  BOOST_TEST(!is_counted());
  fail_run(actor);
  what.paused = true;
  self->send(actor, atom::put_v, what);
  run();
  BOOST_TEST(!is_counted());
  what.paused = false;
  auto other = spawn();
  fail_run(other);
  BOOST_TEST(is_counted());
  self->send(other, atom::leave_v);
  run();
  BOOST_TEST(!is_counted());
}

BOOST_AUTO_TEST_CASE(notes_the_slot_that_fell_into_a_run) {
  auto actor = spawn();
  advance(70s);
  BOOST_TEST(heard->runs.size() == 1u);
  BOOST_TEST(heard->notes == std::vector<std::string>{"skipped"}, boost::test_tools::per_element());
  end_run(actor);
  BOOST_TEST(heard->runs.size() == 1u);
}

BOOST_AUTO_TEST_CASE(keeps_still_while_paused) {
  auto actor = spawn();
  end_run(actor);
  what.paused = true;
  self->send(actor, atom::put_v, what);
  advance(300s);
  BOOST_TEST(heard->runs.size() == 1u);
  self->send(actor, atom::wake_v, false);
  run();
  BOOST_TEST(heard->runs.size() == 2u);
  BOOST_TEST(heard->runs.back() == -1);
}

BOOST_AUTO_TEST_CASE(rings_once_for_a_period_that_changed_often) {
  auto actor = spawn();
  end_run(actor);
  for (uint64_t period : {90000U, 120000U, 600000U}) {
    what.due.period_ms = period;
    self->send(actor, atom::put_v, what);
    run();
  }
  advance(500s);
  BOOST_TEST(heard->runs.size() == 1u);
  advance(170s);
  BOOST_TEST(heard->runs.size() == 2u);
}

BOOST_AUTO_TEST_CASE(has_its_run_cancelled_when_it_leaves) {
  auto actor = spawn();
  self->send(actor, atom::leave_v);
  run();
  BOOST_TEST(heard->cancels.size() == 1u);
}

BOOST_AUTO_TEST_CASE(tells_its_host_when_it_was_fenced) {
  auto actor = spawn();
  end_run(actor, "fenced");
  BOOST_TEST(heard->lost == std::vector<std::string>{what.id}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(has_the_coordinator_pause_it_after_too_many_failures) {
  what.due.rules = "stop-after 2\n";
  auto actor = spawn();
  run_end how{"failed", "no", false, true};
  how.failed = {2, 0, now()};
  self->send(actor, atom::ended_v, how);
  run();
  BOOST_TEST(heard->stops == std::vector<std::string>{"stopped after 2 failures in a row"},
             boost::test_tools::per_element());
  advance(100s);
  BOOST_TEST(heard->runs.size() == 1u);
}

BOOST_AUTO_TEST_CASE(makes_a_failed_run_again) {
  what.due.rules = "retry 1 5000 200 5000\n";
  auto actor = spawn();
  run_end how{"failed", "no", false, true};
  how.failed = {1, 0, now()};
  self->send(actor, atom::ended_v, how);
  advance(4s);
  BOOST_TEST(heard->runs.size() == 1u);
  advance(2s);
  BOOST_TEST(heard->runs.size() == 2u);
  BOOST_TEST(heard->runs.back() == -1);
}

BOOST_AUTO_TEST_SUITE_END()
