#include "tests/simulation/cluster.hpp"

#include "coordinator/coordinator_actor.hpp"
#include "coordinator/line_actor.hpp"
#include "tests/simulation/acting_store.hpp"
#include "tests/simulation/late_answer.hpp"
#include "worker/node_actor.hpp"
#include "worker/runtime_actor.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace varia::test {

using namespace std::chrono_literals;

timing due_of(const variant_key& key) {
  if (key.name.front() == 'm')
    return {};
  // Every second name makes failed runs again, and queues what falls into a run.
  auto is_plain = key.name.size() % 2 == 0;
  return {30'000, is_plain ? "" : "queue\nretry 3 2000 200 6000\n", 0};
}

cluster::cluster(uint64_t seed, size_t coordinator_count, size_t worker_count) : time{seed} {
  for (size_t i = 0; i < coordinator_count; ++i) {
    auto& seat = coordinators.emplace_back();
    seat.host = 1 + i;
    seat.name = "c" + std::to_string(i + 1);
    seat.address = seat.name + ":3004";
    boot_coordinator(i);
  }
  for (size_t i = 0; i < worker_count; ++i) {
    auto& seat = workers.emplace_back();
    seat.host = 1 + coordinator_count + i;
    seat.name = "w" + std::to_string(i + 1);
    boot_worker(i);
  }
}

cluster::~cluster() = default;

void cluster::boot_coordinator(size_t i) {
  auto& seat = coordinators[i];
  auto name = seat.name + "/" + std::to_string(++seat.boots);
  auto who = seat.process = time.begin(seat.host, name);
  auto clock = [this] { return time.now_ms(); };
  coordinator_config config;
  config.name = name;
  config.named_max = named_max;
  config.undelete_for = milliseconds{0};
  config.seed = time.roll(1'000'000);
  config.now = clock;
  config.address = seat.address;
  time.in(who, [&] {
    auto store = spawn_acting_store(time, redis, who, due_of);
    line_config line;
    line.name = name;
    line.now = clock;
    auto dialer = spawn_dialer(who);
    seat.line = spawn_line(time.system(), line, dialer);
    seat.coordinator = spawn_coordinator(time.system(), config, {store, {}, seat.line, {}});
  });
}

void cluster::boot_worker(size_t i) {
  auto& seat = workers[i];
  auto boot = seat.name + "/" + std::to_string(++seat.boots);
  auto who = seat.process = time.begin(seat.host, boot);
  seat.leaving = false;
  seat.engine = std::make_shared<acting_engine>(time, redis, who, seat.name, book);
  engines_.push_back(seat.engine);
  node_config config;
  config.identity = {seat.name, boot, seat.name};
  config.now = [this] { return time.now_ms(); };
  config.seed = time.roll(1'000'000);
  if (time.one_in(2))
    config.join = {coordinators.front().address};
  time.in(who, [&] {
    auto store = spawn_acting_node_store(time, redis, who, seat.name, boot);
    auto dialer = spawn_dialer(who);
    seat.runtime = spawn_runtime(time.system(), seat.engine->starter(slots));
    seat.node = spawn_node(time.system(), config, seat.runtime, store, dialer);
  });
}

void cluster::crash(process_id who) {
  if (who == world::nobody)
    return;
  time.log(time.name_of(who) + " ends");
  net.end(who);
  time.end(who);
  for (auto& seat : coordinators)
    if (seat.process == who)
      seat.process = world::nobody;
  for (auto& seat : workers)
    if (seat.process == who)
      seat.process = world::nobody;
}

void cluster::stop_worker(size_t i, milliseconds deadline) {
  auto& seat = workers[i];
  auto who = seat.process;
  if (who == world::nobody || std::exchange(seat.leaving, true))
    return;
  time.in(who, [&] {
    time.system().spawn([this, who, deadline, node = seat.node](caf::event_based_actor* self) {
      auto end = [this, who](auto&) { time.after(1ms, [this, who] { crash(who); }); };
      self->request(node, deadline + 3s, atom::drain_v, static_cast<uint64_t>(deadline.count()))
        .then([end](atom::ok x) { end(x); }, [end](caf::error& x) { end(x); });
    });
  });
}

void cluster::heal(host_id a, host_id b) {
  net.heal(a, b);
  if (a == redis.host() || b == redis.host())
    redis.hear_late(a == redis.host() ? b : a);
}

dialer_actor cluster::spawn_dialer(process_id who) {
  auto begin = [this, who](dialer_actor::pointer self, const std::string& address) {
    late_answer<coordinator_actor> answer{self};
    dial(who, address, [answer](const auto& found) { answer.give(found); });
    return answer.to_come();
  };
  return time.system().spawn([begin](dialer_actor::pointer self) -> dialer_actor::behavior_type {
    return {[begin, self](atom::dial, const std::string& x) { return begin(self, x); }};
  });
}

const coordinator_seat* cluster::find(const std::string& address) const {
  for (auto& seat : coordinators)
    if (seat.address == address && seat.process != world::nobody)
      return &seat;
  return nullptr;
}

// What the real one does: a probe of a second, then a handshake of three at most.
void cluster::dial(process_id who, const std::string& address,
                   const std::function<void(expected<coordinator_actor>)>& done) {
  auto* seat = find(address);
  auto refuse = [this, who, done, address](microseconds wait) {
    time.after(wait, who, [done, address] {
      done(fail(errc::unavailable, address + ": it does not answer"));
    });
  };
  if (seat == nullptr)
    return refuse(net.latency());
  if (net.is_cut(time.host_of(who), seat->host))
    return refuse(1s);
  if (time.is_halted(seat->process))
    return refuse(3s);
  time.after(
    3 * net.latency(), [this, who, done, refuse, to = seat->process,
                        target = caf::actor_cast<caf::strong_actor_ptr>(seat->coordinator)] {
      auto is_there = time.is_alive(to) && !time.is_halted(to);
      if (!is_there || !time.is_alive(who) || net.is_cut(time.host_of(who), time.host_of(to)))
        return refuse(3s);
      time.after(0us, who, [this, who, done, to, target] {
        done(caf::actor_cast<coordinator_actor>(net.connect(who, to, target)));
      });
    });
}

} // namespace varia::test
