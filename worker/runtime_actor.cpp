#include "worker/runtime_actor.hpp"

#include "worker/fair_queue.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <unordered_map>
#include <utility>
#include <vector>

namespace varia {

namespace {

// The public interface, and what the engine's threads tell us: the run of this id has ended.
using impl_actor = runtime_actor::extend<caf::reacts_to<atom::ended, std::string, run_end>>;

struct waiting_run {
  variant_actor asker;
  assignment what;
  time_ms slot = -1;
};

struct runtime_state {
  static inline const char* name = "runtime";

  run_starter starter;
  fair_queue<waiting_run> queue;
  std::unordered_map<std::string, variant_actor> running; ///< By variant id.
  std::unordered_map<std::string, waiting_run> behind;    ///< Waits for the id's own last run.
  std::vector<caf::response_promise> drainers;
  bool draining = false;
};

using self_ptr = impl_actor::stateful_pointer<runtime_state>;

run_end to_message(const run_result& result) {
  return {result.idle ? "idle" : to_string(result.outcome), result.error, result.fenced,
          result.began, result.more};
}

void start(self_ptr self, waiting_run next) {
  auto& my = self->state;
  auto id = next.what.id;
  my.running.emplace(id, std::move(next.asker));
  run_request request{std::move(next.what), std::nullopt};
  if (next.slot >= 0)
    request.slot = next.slot;
  my.starter.start(std::move(request), [to = impl_actor{self}, id](const run_result& result) {
    caf::anon_send(to, atom::ended_v, id, to_message(result));
  });
}

void fill_slots(self_ptr self) {
  auto& my = self->state;
  while (!my.draining && my.running.size() < my.starter.slots) {
    auto next = my.queue.pop();
    if (!next)
      break;
    start(self, std::move(*next));
  }
  if (my.running.empty())
    for (auto& promise : std::exchange(my.drainers, {}))
      promise.deliver(atom::ok_v);
}

void enqueue(self_ptr self, waiting_run next) {
  auto& my = self->state;
  auto id = next.what.id;
  // A variant that was moved away and back may still be winding down its last run here.
  if (my.running.count(id) > 0) {
    my.behind[id] = std::move(next);
    return;
  }
  auto connection = next.what.key.sync.connection;
  my.queue.push(connection, id, std::move(next));
  fill_slots(self);
}

void cancel(self_ptr self, const std::string& id, const std::string& reason) {
  auto& my = self->state;
  auto tell = [&](const waiting_run& run) {
    self->send(run.asker, atom::ended_v, run_end{"cancelled", reason, false, false, false});
  };
  if (auto found = my.behind.find(id); found != my.behind.end()) {
    tell(found->second);
    my.behind.erase(found);
  } else if (my.running.count(id) > 0) {
    my.starter.cancel(id, reason);
  } else if (auto run = my.queue.remove(id)) {
    tell(*run);
  }
}

void end(self_ptr self, const std::string& id, const run_end& how) {
  auto& my = self->state;
  if (auto found = my.running.find(id); found != my.running.end()) {
    self->send(found->second, atom::ended_v, how);
    my.running.erase(found);
  }
  if (auto found = my.behind.find(id); found != my.behind.end()) {
    auto next = std::move(found->second);
    my.behind.erase(found);
    enqueue(self, std::move(next));
  }
  fill_slots(self);
}

caf::result<atom::ok> drain(self_ptr self) {
  auto& my = self->state;
  my.draining = true;
  auto promise = self->make_response_promise<atom::ok>();
  my.drainers.emplace_back(promise);
  fill_slots(self);
  return promise;
}

worker_load load(self_ptr self) {
  auto& my = self->state;
  return {0, static_cast<uint32_t>(my.running.size()),
          static_cast<uint32_t>(my.queue.size() + my.behind.size()),
          static_cast<uint32_t>(my.starter.slots)};
}

impl_actor::behavior_type runtime(self_ptr self, run_starter starter) {
  self->state.starter = std::move(starter);
  return {
    [self](atom::run, variant_actor& asker, assignment& what, time_ms slot) {
      enqueue(self, {std::move(asker), std::move(what), slot});
    },
    [self](atom::cancel, const std::string& id, const std::string& why) { cancel(self, id, why); },
    [self](atom::drain) { return drain(self); },
    [self](atom::load) { return load(self); },
    [self](atom::ended, const std::string& id, const run_end& how) { end(self, id, how); },
  };
}

} // namespace

run_starter starter_of(std::shared_ptr<run_engine> engine) {
  auto slots = engine->slots();
  return {[engine](run_request request, run_engine::done_handler done) {
            engine->start(std::move(request), std::move(done));
          },
          [engine](const std::string& id, const std::string& why) { engine->cancel(id, why); },
          slots};
}

runtime_actor spawn_runtime(caf::actor_system& system, run_starter starter) {
  return system.spawn(runtime, std::move(starter));
}

} // namespace varia
