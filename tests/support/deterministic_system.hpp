#pragma once

#include "actors/system.hpp"
#include "core/error.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace varia::test {

/// An actor system with one thread and a clock that stands still: nothing happens
/// until a test calls `run` or `advance`, and then always in the same order.
struct deterministic_system {
  deterministic_system() : system{configure(config)}, self{system, true} {}

  /// Ends the owned actors, because one with a timer would live on for ever.
  ~deterministic_system() {
    for (auto& actor : owned_)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    run();
  }

  /// Makes an actor end with the test.
  template <class Handle>
  Handle own(Handle actor) {
    owned_.push_back(caf::actor_cast<caf::actor>(actor));
    return actor;
  }

  /// Lets every actor work until no message is left.
  void run() { scheduler().run(); }

  /// Moves the clock in small steps, so that timers fire in between as they do in life.
  void advance(caf::timespan by) {
    const caf::timespan step = std::chrono::milliseconds{250};
    for (; by > caf::timespan{0}; by -= step) {
      scheduler().advance_time(std::min(by, step));
      run();
    }
  }

  /// Asks an actor and returns its answer, or `unavailable` if it stays silent.
  template <class Answer, class Handle, class... Ts>
  expected<Answer> ask(const Handle& actor, const Ts&... words) {
    expected<Answer> answer{fail(errc::unavailable, "no answer")};
    auto request = self->request(actor, caf::infinite, words...);
    run();
    if (!self->mailbox().empty())
      request.receive([&](Answer& x) { answer = std::move(x); },
                      [&](caf::error& why) { answer = std::move(why); });
    return answer;
  }

  caf::actor_system_config config;
  caf::actor_system system;
  caf::scoped_actor self;

private:
  static caf::actor_system_config& configure(caf::actor_system_config& config) {
    register_messages(config);
    config.set("scheduler.policy", caf::atom("testing"));
    return config;
  }

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }

  std::vector<caf::actor> owned_;
};

} // namespace varia::test
