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
};

struct fixture : test::deterministic_system {
  fixture() {
    run_starter starter;
    starter.start = [this](const run_request& request, run_engine::done_handler done) {
      engine.order.push_back(request.variant.id);
      engine.running[request.variant.id] = std::move(done);
    };
    starter.cancel
      = [this](const std::string& id, const std::string&) { engine.cancelled.push_back(id); };
    starter.slots = 2;
    runtime = own(spawn_runtime(system, std::move(starter)));
    auto record = [this](const run_end& how) { ends.push_back(how.outcome); };
    variant = own(system.spawn([record]() -> variant_actor::behavior_type {
      return {
        [](atom::put, const assignment&) {},
        [](atom::wake, bool) {},
        [](atom::cancel, const std::string&) {},
        [](atom::leave) {},
        [record](atom::ended, const run_end& how) { record(how); },
      };
    }));
  }

  void ask_run(const std::string& id, connection_number connection = 1) {
    assignment what;
    what.id = id;
    what.key = {{connection, "orders"}, id};
    self->send(runtime, atom::run_v, variant, what, time_ms{-1});
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

  fake_engine engine;
  runtime_actor runtime;
  variant_actor variant;
  std::vector<std::string> ends;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(runtime_actor_test, fixture)

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
