#pragma once

#include "actors/system.hpp"
#include "core/error.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <utility>
#include <vector>

namespace varia::test {

/// One process of a cluster, as far as CAF's networking can tell: an actor system of its own.
struct cluster_node {
  explicit cluster_node(const identity_ptr& identity = nullptr)
    : config{std::chrono::seconds{1}, std::chrono::seconds{5}, identity}, system{config},
      self{system} {}

  ~cluster_node() {
    for (auto& actor : owned_)
      self->send_exit(actor, caf::exit_reason::kill);
  }

  /// Makes an actor end with the test.
  template <class Handle>
  Handle own(Handle actor) {
    owned_.push_back(caf::actor_cast<caf::actor>(actor));
    return actor;
  }

  /// Spawns what passes for a COORDINATOR: it tells its status, with this epoch, and knows no more.
  coordinator_actor coordinator_with(uint64_t epoch) {
    auto actor = own(system.spawn([epoch](caf::event_based_actor*) -> caf::behavior {
      return {[epoch](atom::status) {
        cluster_status result;
        result.epoch = epoch;
        return result;
      }};
    }));
    return caf::actor_cast<coordinator_actor>(actor);
  }

  /// Asks an actor and waits for the answer.
  template <class Answer, class Handle, class... Ts>
  expected<Answer> ask(const Handle& actor, const Ts&... words) {
    expected<Answer> answer{fail(errc::unavailable, "no answer")};
    self->request(actor, std::chrono::seconds{60}, words...)
      .receive([&](Answer& x) { answer = std::move(x); },
               [&](caf::error& why) { answer = std::move(why); });
    return answer;
  }

  cluster_config config;
  caf::actor_system system;
  caf::scoped_actor self;

private:
  std::vector<caf::actor> owned_;
};

} // namespace varia::test
