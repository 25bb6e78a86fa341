#include "tests/support/deterministic_system.hpp"
#include "worker/runtime_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>

using namespace varia;
using namespace std::chrono_literals;

namespace {

// An engine whose runs end when the test says so.
struct fake_engine {
  std::vector<std::string> order; ///< Of starts.
  std::map<std::string, run_engine::done_handler> running;
  std::vector<std::string> cancelled;
  std::vector<std::string> yields;
  std::vector<std::string> notes;
  std::map<std::string, milliseconds> waited;
};

struct fixture : test::deterministic_system {
  fixture() {
    run_starter starter;
    starter.start = [this](const run_request& request, run_engine::done_handler done) {
      engine.order.push_back(request.variant.id);
      engine.waited[request.variant.id] = request.waited;
      engine.running[request.variant.id] = std::move(done);
    };
    starter.cancel
      = [this](const std::string& id, const std::string&) { engine.cancelled.push_back(id); };
    starter.yield = [this](const std::string& id, bool now) {
      engine.yields.push_back(id + (now ? " now" : ""));
    };
    starter.note_wait = [this](const run_request& request, const std::string& why) {
      engine.notes.push_back(request.variant.id + ": " + why);
    };
    starter.slots = 2;
    starter.now = [this] { return clock; };
    runtime = own(spawn_runtime(system, std::move(starter)));
    auto record = [this](const run_end& how) { ends.push_back(how.outcome); };
    variant = own(system.spawn([record]() -> variant_actor::behavior_type {
      return {
        [](atom::put, const assignment&) {},
        [](atom::wake, bool) {},
        [](atom::cancel, const std::string&) {},
        [](atom::leave) {},
        [](atom::yield, uint64_t) { return atom::ok_v; },
        [record](atom::ended, const run_end& how) { record(how); },
      };
    }));
  }

  void ask_run(const std::string& id, connection_number connection = 1) {
    assignment what;
    what.id = id;
    what.key = {{connection, "orders"}, id};
    self->send(runtime, atom::run_v, variant, what, run_order{});
    run();
  }

  void finish(const std::string& id, run_result result = {}) {
    auto done = std::move(engine.running.at(id));
    engine.running.erase(id);
    result.began = true;
    done(std::move(result));
    run();
  }

  void cancel(const std::string& id) {
    self->send(runtime, atom::cancel_v, id, std::string{"because"});
    run();
  }

  worker_load load() { return *ask<worker_load>(runtime, atom::load_v); }

  /// The run of this id finds its gate closed.
  void defer(const std::string& id, gate where = gate::connection) {
    auto done = std::move(engine.running.at(id));
    engine.running.erase(id);
    run_result result;
    result.deferred = where;
    result.integration = "dev/orders";
    done(std::move(result));
    run();
  }

  /// Ends a run that has passed its gates.
  void finish_inside(const std::string& id) {
    run_result result;
    result.integration = "dev/orders";
    finish(id, result);
  }

  void pass(milliseconds span) {
    for (milliseconds gone{0}; gone < span; gone += 250ms) {
      clock += 250;
      advance(250ms);
    }
  }

  time_ms clock = 1'000'000;
  fake_engine engine;
  runtime_actor runtime;
  variant_actor variant;
  std::vector<std::string> ends;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(runtime_actor_test, fixture)

BOOST_AUTO_TEST_CASE(gives_back_what_has_not_begun_and_has_the_rest_make_way) {
  ask_run("a");
  ask_run("b");
  ask_run("c");
  self->send(runtime, atom::yield_v, std::string{"c"}, false);
  self->send(runtime, atom::yield_v, std::string{"a"}, false);
  self->send(runtime, atom::yield_v, std::string{"a"}, true);
  run();
  BOOST_TEST(ends == std::vector<std::string>{"interrupted"}, boost::test_tools::per_element());
  BOOST_TEST(engine.yields == (std::vector<std::string>{"a", "a now"}),
             boost::test_tools::per_element());
  finish("b");
  BOOST_TEST(engine.order.size() == 2u);
}

BOOST_AUTO_TEST_CASE(gives_back_a_run_that_makes_way_and_finds_its_gate_closed) {
  ask_run("a");
  self->send(runtime, atom::yield_v, std::string{"a"}, false);
  run();
  defer("a");
  BOOST_TEST(ends == std::vector<std::string>{"interrupted"}, boost::test_tools::per_element());
  BOOST_TEST(load().queued == 0u);
}

BOOST_AUTO_TEST_CASE(begins_nothing_while_the_lease_is_in_doubt) {
  self->send(runtime, atom::pause_v, true);
  ask_run("a");
  BOOST_TEST(engine.order.empty());
  self->send(runtime, atom::pause_v, false);
  run();
  BOOST_TEST(engine.order.size() == 1u);
}

BOOST_AUTO_TEST_CASE(tells_how_busy_its_slots_were_on_average) {
  ask_run("a");
  ask_run("b");
  for (int i = 0; i < 300; ++i)
    load();
  BOOST_TEST(load().busy_permille > 900u);
  finish("a");
  finish("b");
  for (int i = 0; i < 300; ++i)
    load();
  BOOST_TEST(load().busy_permille < 100u);
}

BOOST_AUTO_TEST_CASE(starts_no_more_than_fit) {
  for (auto id : {"a", "b", "c"})
    ask_run(id);
  BOOST_TEST(engine.order.size() == 2u);
  BOOST_TEST(load().running == 2u);
  BOOST_TEST(load().queued == 1u);
  finish("a");
  BOOST_TEST(engine.order.back() == "c");
}

BOOST_AUTO_TEST_CASE(serves_connections_in_turn) {
  for (auto id : {"a1", "a2", "a3", "a4"})
    ask_run(id, 1);
  ask_run("b1", 2);
  finish("a1");
  finish("a2");
  BOOST_TEST(engine.order == (std::vector<std::string>{"a1", "a2", "a3", "b1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(tells_the_variant_how_its_run_ended) {
  ask_run("a");
  run_result result;
  result.outcome = run_outcome::failed;
  finish("a", result);
  BOOST_TEST(ends == std::vector<std::string>{"failed"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cancels_a_queued_run_without_starting_it) {
  for (auto id : {"a", "b", "c"})
    ask_run(id);
  cancel("c");
  BOOST_TEST(ends == std::vector<std::string>{"cancelled"}, boost::test_tools::per_element());
  finish("a");
  BOOST_TEST(engine.order.size() == 2u);
}

BOOST_AUTO_TEST_CASE(passes_the_cancelling_of_a_running_one_on) {
  ask_run("a");
  cancel("a");
  BOOST_TEST(engine.cancelled == std::vector<std::string>{"a"}, boost::test_tools::per_element());
  BOOST_TEST(ends.empty());
}

BOOST_AUTO_TEST_CASE(never_runs_one_variant_twice_at_once) {
  ask_run("a");
  ask_run("a");
  BOOST_TEST(engine.order.size() == 1u);
  finish("a");
  BOOST_TEST(engine.order.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_run_that_finds_its_gate_closed_gives_its_slot_to_another_connection) {
  for (auto id : {"a1", "a2", "a3"})
    ask_run(id, 1);
  ask_run("b1", 2);
  defer("a2");
  BOOST_TEST(engine.order == (std::vector<std::string>{"a1", "a2", "b1"}),
             boost::test_tools::per_element());
  BOOST_TEST(load().queued == 2u);
  finish("b1");
  BOOST_TEST(engine.order.size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_wakes_those_at_its_gates) {
  ask_run("a1", 1);
  ask_run("a2", 1);
  defer("a2");
  finish_inside("a1");
  BOOST_TEST(engine.order.back() == "a2");
  BOOST_TEST(load().queued == 0u);
  ask_run("b1", 2);
  defer("b1", gate::integration);
  finish_inside("a2");
  BOOST_TEST(engine.order.back() == "b1");
}

BOOST_AUTO_TEST_CASE(what_waits_at_a_gate_asks_again_after_a_while) {
  ask_run("a1", 1);
  defer("a1");
  BOOST_TEST(engine.running.empty());
  pass(500ms);
  BOOST_TEST(engine.order.size() == 2u);
  BOOST_TEST((engine.waited["a1"] >= 250ms));
}

BOOST_AUTO_TEST_CASE(cancels_what_waits_at_a_gate) {
  ask_run("a1", 1);
  defer("a1");
  cancel("a1");
  BOOST_TEST(ends == std::vector<std::string>{"cancelled"}, boost::test_tools::per_element());
  BOOST_TEST(engine.cancelled.empty());
  ask_run("b1", 2);
  cancel("b1");
  defer("b1");
  BOOST_TEST(ends.size() == 2u);
  BOOST_TEST(ends.back() == "cancelled");
  pass(2s);
  BOOST_TEST(engine.order.size() == 2u);
}

BOOST_AUTO_TEST_CASE(notes_once_why_a_run_waits_for_long) {
  for (auto id : {"a1", "a2"})
    ask_run(id, 1);
  ask_run("a3", 1);
  ask_run("b1", 2);
  pass(4s);
  BOOST_TEST(engine.notes.empty());
  pass(2s);
  BOOST_TEST(engine.notes
               == (std::vector<std::string>{"a3: no slot is free", "b1: no slot is free"}),
             boost::test_tools::per_element());
  pass(10s);
  BOOST_TEST(engine.notes.size() == 2u);
}

BOOST_AUTO_TEST_CASE(notes_which_limit_a_run_waits_for) {
  ask_run("a1", 1);
  for (auto i = 0; i < 30; ++i) {
    defer("a1");
    pass(500ms);
  }
  BOOST_TEST(engine.notes
               == std::vector<std::string>{"a1: the connection has as many runs as it may"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(measures_how_long_runs_wait) {
  for (auto id : {"a", "b", "c"})
    ask_run(id);
  pass(1s);
  BOOST_TEST(load().longest_wait_ms == 1000u);
  BOOST_TEST(load().wait_max_ms == 0u);
  finish("a");
  BOOST_TEST((engine.waited["c"] == 1000ms));
  pass(1s);
  BOOST_TEST(load().longest_wait_ms == 0u);
  BOOST_TEST(load().wait_max_ms == 1000u);
  BOOST_TEST(load().wait_p99_ms == 1000u);
  pass(61s);
  BOOST_TEST(load().wait_max_ms == 0u);
}

BOOST_AUTO_TEST_CASE(drains_when_the_last_run_ends) {
  for (auto id : {"a", "b", "c"})
    ask_run(id);
  auto drained = false;
  auto request = self->request(runtime, caf::infinite, atom::drain_v);
  run();
  finish("a");
  BOOST_TEST(self->mailbox().empty());
  finish("b");
  BOOST_TEST(engine.order.size() == 2u);
  request.receive([&](atom::ok) { drained = true; }, [](const caf::error&) {});
  BOOST_TEST(drained);
}

BOOST_AUTO_TEST_SUITE_END()
