#pragma once

#include "actors/interfaces.hpp"
#include "tests/simulation/acting_engine.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/redis_room.hpp"
#include "tests/simulation/world.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace varia::test {

/// A coordinator of the simulated cluster: a machine, and the process there, if there is one.
struct coordinator_seat {
  host_id host = 0;
  std::string name;
  std::string address;
  process_id process = world::nobody; ///< Nobody's: it is down.
  int boots = 0;
  coordinator_actor coordinator;
  line_actor line;
};

/// A worker likewise.
struct worker_seat {
  host_id host = 0;
  std::string name;
  process_id process = world::nobody;
  int boots = 0;
  bool leaving = false;
  host_actor node;
  runtime_actor runtime;
  std::shared_ptr<acting_engine> engine;
};

/// Variants whose name begins with m run only when triggered, all others every half minute.
timing due_of(const variant_key& key);

/// A whole cluster: real COORDINATORs, LINEs, NODEs, VARIANTs and RUNTIMEs over a simulated store,
/// simulated scripts and a simulated network.
class cluster {
public:
  cluster(uint64_t seed, size_t coordinators, size_t workers);
  ~cluster();

  static constexpr uint32_t named_max = 5;
  static constexpr size_t slots = 3;

  world time;
  network net{time};
  redis_room redis{time, net, 0};
  engine_book book;
  std::vector<coordinator_seat> coordinators;
  std::vector<worker_seat> workers;

  void boot_coordinator(size_t i);
  void boot_worker(size_t i);

  /// Ends a process at once.
  void crash(process_id who);

  /// Ends a worker in order: it hands over what it has. `done` hears of its end.
  void stop_worker(size_t i, milliseconds deadline);

  /// Heals a way, also to Redis.
  void heal(host_id a, host_id b);

  /// Asks a coordinator in the way its API does, and tells how that ended; the answer to one that
  /// ends meanwhile never comes.
  template <class Answer, class Done, class... Words>
  void command(size_t i, Done done, const Words&... words) {
    auto& seat = coordinators[i];
    if (seat.process == world::nobody)
      return;
    time.in(seat.process, [&] {
      time.system().spawn([=, line = seat.line](caf::event_based_actor* self) {
        self->request(line, std::chrono::seconds{10}, words...)
          .then([done](const Answer& answer) { done(expected<Answer>{answer}); },
                [done](const caf::error& why) { done(expected<Answer>{why}); });
      });
    });
  }

  /// Asks an actor directly, whatever the network is like.
  template <class Answer, class Handle, class Done, class... Words>
  void peek(const Handle& whom, Done done, const Words&... words) {
    time.in(world::nobody, [&] {
      time.system().spawn([=](caf::event_based_actor* self) {
        self->request(whom, std::chrono::seconds{1}, words...)
          .then([done](const Answer& answer) { done(answer); }, [](const caf::error&) {});
      });
    });
  }

private:
  dialer_actor spawn_dialer(process_id who);
  void dial(process_id who, const std::string& address,
            const std::function<void(expected<coordinator_actor>)>& done);
  const coordinator_seat* find(const std::string& address) const;

  std::vector<std::shared_ptr<acting_engine>> engines_; ///< Of all workers that ever were.
};

} // namespace varia::test
