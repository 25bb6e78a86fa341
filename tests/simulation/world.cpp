#include "tests/simulation/world.hpp"

#include "actors/interfaces.hpp"
#include "actors/system.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/local_actor.hpp>
#include <caf/message_id.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <cstdio>

namespace varia::test {

namespace {

// So many actors that could work at one moment are drawn from.
constexpr size_t choices_max = 6;

caf::actor_system_config& configure(caf::actor_system_config& config) {
  register_messages(config);
  config.set("scheduler.policy", caf::atom("testing"));
  return config;
}

// Before all that waits for the actor already.
void kill(caf::abstract_actor& one) {
  one.enqueue(nullptr, caf::make_message_id(caf::message_priority::high),
              caf::make_message(caf::exit_msg{one.address(), caf::exit_reason::kill}), nullptr);
}

} // namespace

world::world(uint64_t seed) : chance_{seed}, system_{configure(config_)} {
  started_ = scheduler().clock().current_time;
  processes_.push_back({});
  processes_[nobody].name = "-";
  processes_[nobody].hands = spawn_hands(nobody);
  adopt();
}

// Actors with timers or open requests would keep the system from ending.
world::~world() {
  events_.clear();
  for (process_id who = 0; who < processes_.size(); ++who)
    end(who);
  drain_jobs();
  scheduler().clock().cancel_all();
  drain_jobs();
}

caf::scheduler::test_coordinator& world::scheduler() const {
  return static_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
}

microseconds world::between(microseconds least, microseconds most) {
  auto span = static_cast<uint64_t>((most - least).count()) + 1;
  return least + microseconds{static_cast<int64_t>(roll(span))};
}

microseconds world::now() const {
  return std::chrono::duration_cast<microseconds>(scheduler().clock().current_time - started_);
}

void world::log(const std::string& what) const {
  if (!listener)
    return;
  char time[32];
  std::snprintf(time, sizeof time, "%10.3f ", static_cast<double>(now().count()) / 1e6);
  listener(time + what);
}

caf::actor world::spawn_hands(process_id who) {
  return system_.spawn([this, who](caf::event_based_actor*) -> caf::behavior {
    return {
      [this, who](atom::tick, uint64_t number) {
        auto& work = processes_[who].work;
        if (auto found = work.find(number); found != work.end()) {
          auto what = std::move(found->second);
          work.erase(found);
          what();
        }
      },
    };
  });
}

process_id world::begin(host_id host, std::string name) {
  auto who = processes_.size();
  processes_.emplace_back();
  processes_[who].host = host;
  processes_[who].name = std::move(name);
  in(who, [&] { processes_[who].hands = spawn_hands(who); });
  return who;
}

void world::in(process_id who, const std::function<void()>& work) {
  adopt();
  auto before = std::exchange(current_, who);
  work();
  adopt();
  current_ = before;
}

// All new actors belong to who works now.
void world::adopt() {
  owners_.resize(system_.latest_actor_id() + 1, static_cast<uint32_t>(current_));
  seen_.resize(owners_.size());
}

void world::end(process_id who) {
  auto& it = processes_[who];
  it.alive = false;
  it.halted = false;
  auto& jobs = scheduler().jobs;
  jobs.insert(jobs.end(), it.held.begin(), it.held.end());
  it.held.clear();
  it.work.clear();
  for (auto& address : std::exchange(it.actors, {}))
    if (auto one = caf::actor_cast<caf::strong_actor_ptr>(address))
      kill(*one->get());
  it.hands = nullptr;
}

void world::halt(process_id who, bool on) {
  auto& it = processes_[who];
  if (!it.alive)
    return;
  it.halted = on;
  if (on)
    return;
  auto& jobs = scheduler().jobs;
  jobs.insert(jobs.end(), it.held.begin(), it.held.end());
  it.held.clear();
}

void world::after(microseconds wait, std::function<void()> work) {
  after(wait, nobody, std::move(work));
}

void world::after(microseconds wait, process_id who, std::function<void()> work) {
  events_.emplace(now() + wait, event{who, std::move(work)});
}

// Chooses whose turn it is. What a halted process would do is laid aside.
void world::drain_jobs() {
  auto& jobs = scheduler().jobs;
  while (!jobs.empty()) {
    if (auto choices = std::min(jobs.size(), choices_max); choices > 1)
      std::swap(jobs[0], jobs[roll(choices)]);
    run_job();
  }
}

void world::run_job() {
  auto& jobs = scheduler().jobs;
  auto* job = jobs.front();
  auto* one = dynamic_cast<caf::local_actor*>(job);
  auto who = one != nullptr && one->id() < owners_.size() ? owners_[one->id()] : nobody;
  auto& it = processes_[who];
  if (it.halted) {
    it.held.push_back(job);
    jobs.pop_front();
    return;
  }
  if (one != nullptr && !seen_[one->id()]) {
    seen_[one->id()] = true;
    it.actors.push_back(one->address());
  }
  if (!it.alive && one != nullptr)
    kill(*one);
  auto before = std::exchange(current_, who);
  scheduler().run_once();
  adopt();
  current_ = before;
}

microseconds world::next_event() const {
  auto next = events_.empty() ? microseconds::max() : events_.begin()->first;
  auto& timers = scheduler().clock().schedule();
  if (timers.empty())
    return next;
  auto timer = std::chrono::ceil<microseconds>(timers.begin()->first - started_);
  return std::min(next, timer);
}

void world::do_due() {
  while (!events_.empty() && events_.begin()->first <= now()) {
    auto next = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    if (next.who == nobody) {
      next.work();
    } else if (auto& it = processes_[next.who]; it.alive) {
      it.work.emplace(++last_work_, std::move(next.work));
      caf::anon_send(it.hands, atom::tick_v, last_work_);
    }
    drain_jobs();
  }
}

void world::run_until(microseconds then) {
  drain_jobs();
  for (auto next = next_event(); next <= then; next = next_event()) {
    if (next > now())
      scheduler().clock().advance_time(next - now());
    else
      scheduler().clock().advance_time(microseconds{0});
    drain_jobs();
    do_due();
    drain_jobs();
  }
  if (then > now())
    scheduler().clock().advance_time(then - now());
}

} // namespace varia::test
