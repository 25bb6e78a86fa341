#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <type_traits>

namespace varia::test {

using namespace std::chrono_literals;

namespace {

constexpr microseconds trouble_from = 4s;
constexpr microseconds trouble_until = 40s;
constexpr microseconds calm_max = 60s;
constexpr microseconds look_every = 1s;
constexpr microseconds hosting_wait = 6s;
constexpr int hosting_looks = 5;

size_t between(uint64_t seed, uint64_t least, uint64_t most) {
  std::mt19937_64 chance{seed};
  return static_cast<size_t>(least + chance() % (most - least + 1));
}

} // namespace

scenario::scenario(uint64_t seed, store_rules rules)
  : all_{seed, between(seed, 2, 3), between(seed + 1, 3, 4)} {
  all_.redis.model().rules = rules;
  for (connection_number connection : {1, 2, 3})
    for (auto* name : {"base", "a", "b", "c", "m1", "m2", "m3"})
      keys_.push_back({{{connection, "orders"}, name}, {}, {}, 0});
}

process_id scenario::any_process() {
  auto i = time().roll(all_.coordinators.size() + all_.workers.size());
  return i < all_.coordinators.size() ? all_.coordinators[i].process
                                      : all_.workers[i - all_.coordinators.size()].process;
}

void scenario::count(const caf::error& why) {
  ++book_.answers;
  if (code_of(why) == errc::unavailable)
    ++book_.refusals;
}

// One command after the other for each key; one that gets no answer is given up after a while.
template <class Answer, class Then, class... Words>
void scenario::tell(key_state& key, Then then, const Words&... words) {
  auto number = key.busy = ++commands_;
  auto free = [&key, number] { key.busy = key.busy == number ? 0 : key.busy; };
  auto done = [this, free, then](const expected<Answer>& answer) {
    free();
    count(answer ? caf::error{} : answer.error());
    if constexpr (std::is_invocable_v<Then, Answer>) {
      if (answer)
        then(*answer);
    } else if (answer) {
      then();
    }
  };
  all_.command<Answer>(any_coordinator(), done, words...);
  time().after(12s, free);
}

void scenario::create(key_state& key) {
  auto id = "id-" + std::to_string(++ids_);
  key.asked.insert(id);
  auto then = [this, &key, id] {
    time().log(to_string(key.key) + " is created as " + id);
    book_.created.insert(id);
    key.id = id;
  };
  auto paused = time().one_in(8);
  if (time().one_in(2)) {
    tell<variant_entry>(key, then, atom::add_v, key.key, id, paused, due_of(key.key));
    return;
  }
  variant_order order;
  order.name = key.key.name;
  order.id = id;
  order.starts_paused = paused;
  auto done = [then](const batch_result& result) {
    if (!is_refusal(result.results.front().outcome))
      then();
  };
  tell<batch_result>(key, done, atom::change_v,
                     variant_batch{key.key.sync, {order}, false, due_of(key.key)});
}

void scenario::remove(key_state& key) {
  auto doomed = key.asked;
  book_.doomed.insert(doomed.begin(), doomed.end());
  auto id = std::exchange(key.id, {});
  auto then = [this, &key, id] {
    time().log(to_string(key.key) + " is deleted, " + id);
    if (book_.created.count(id) > 0)
      book_.deleted.insert(id);
  };
  tell<atom::ok>(key, then, atom::remove_v, key.key);
}

void scenario::trigger(key_state& key) {
  trigger_options options;
  options.reset = time().one_in(5);
  options.empty_cache = options.reset && time().one_in(2);
  auto then = [this, id = key.id, since = time().now_ms()] {
    time().log(id + " is triggered");
    book_.triggers.push_back({id, since, time().now_ms()});
  };
  tell<atom::ok>(key, then, atom::trigger_v, std::vector<variant_key>{key.key}, options);
}

void scenario::pause(key_state& key, bool on) {
  std::vector<variant_key> which{key.key};
  auto then = [] {};
  if (on)
    book_.paused[key.id] = time().now_ms();
  if (on)
    tell<atom::ok>(key, then, atom::pause_v, which);
  else
    tell<atom::ok>(key, then, atom::start_v, which);
}

void scenario::command() {
  if (is_calm_ || time().now() > trouble_until)
    return;
  auto& key = keys_[time().roll(keys_.size())];
  if (key.busy == 0) {
    auto dice = time().roll(20);
    if (key.id.empty())
      create(key);
    else if (dice < 12)
      trigger(key);
    else if (dice < 15)
      pause(key, time().one_in(2));
    else if (dice < 17 && key.key.name != base_variant)
      remove(key);
  }
  time().after(time().between(20ms, 600ms), [this] { command(); });
}

void scenario::operate() {
  auto i = time().roll(all_.workers.size());
  auto& name = all_.workers[i].name;
  auto from = any_coordinator();
  auto ignore = [this](const auto& x) { count(x ? caf::error{} : x.error()); };
  auto may_empty = emptied_.size() + 2 < all_.workers.size() || emptied_.count(i) > 0;
  switch (time().roll(5)) {
    case 0:
      if (!may_empty)
        return;
      emptied_.insert(i);
      time().log("drain " + name);
      all_.command<atom::ok>(from, ignore, atom::drain_v, name, uint64_t{3000});
      return;
    case 1:
      time().log("uncordon " + name);
      all_.command<atom::ok>(from, ignore, atom::cordon_v, name, false);
      return;
    case 2:
      time().log("rebalance");
      all_.command<std::vector<planned_move>>(from, ignore, atom::rebalance_v, true);
      return;
    case 3: {
      auto& key = keys_[time().roll(keys_.size())].key;
      time().log("move " + to_string(key) + " to " + name);
      all_.command<atom::ok>(from, ignore, atom::move_v, key, name, uint64_t{2000});
      return;
    }
    default: {
      auto& next = all_.coordinators[any_coordinator()].name;
      time().log("promote " + next);
      all_.command<atom::ok>(from, ignore, atom::promote_v, next);
    }
  }
}

void scenario::cut(host_id a, host_id b, microseconds span) {
  if (a == b)
    return;
  time().log("cut " + std::to_string(a) + " from " + std::to_string(b));
  all_.net.cut(a, b);
  time().after(span, [this, a, b] { all_.heal(a, b); });
}

void scenario::halt(microseconds span) {
  auto who = any_process();
  if (who == world::nobody)
    return;
  time().log("halt " + time().name_of(who));
  time().halt(who, true);
  all_.net.halt(who);
  time().after(span, [this, who] {
    time().log(time().name_of(who) + " goes on");
    time().halt(who, false);
  });
}

void scenario::crash(microseconds span) {
  all_.crash(any_process());
  time().after(span, [this] {
    for (size_t i = 0; i < all_.coordinators.size(); ++i)
      if (all_.coordinators[i].process == world::nobody)
        all_.boot_coordinator(i);
    for (size_t i = 0; i < all_.workers.size(); ++i)
      if (all_.workers[i].process == world::nobody)
        all_.boot_worker(i);
  });
}

void scenario::trouble_redis(microseconds span) {
  switch (time().roll(3)) {
    case 0:
      time().log("Redis ends");
      all_.redis.stop();
      time().after(span, [this, keeps = time().one_in(2)] {
        time().log(keeps ? "Redis is back" : "Redis is back without leases");
        all_.redis.start(keeps);
      });
      return;
    case 1:
      time().log("Redis freezes");
      all_.redis.freeze(true);
      time().after(span, [this] {
        time().log("Redis goes on");
        all_.redis.freeze(false);
      });
      return;
    default:
      time().log("Redis loses answers");
      all_.redis.losses = 5;
      time().after(span, [this] { all_.redis.losses = 100'000; });
  }
}

void scenario::restart_worker(microseconds span) {
  auto i = time().roll(all_.workers.size());
  time().log("stop " + all_.workers[i].name);
  all_.stop_worker(i, 3000ms);
  time().after(8s + span, [this, i] {
    if (all_.workers[i].process == world::nobody)
      all_.boot_worker(i);
  });
}

void scenario::fault() {
  if (is_calm_ || time().now() > trouble_until)
    return;
  ++faults_;
  auto span = time().one_in(3) ? time().between(5s, 12s) : time().between(50ms, 4s);
  auto hosts = 1 + all_.coordinators.size() + all_.workers.size();
  switch (time().roll(12)) {
    case 0:
    case 1: cut(time().roll(hosts), time().roll(hosts), span); break;
    case 2: cut(0, 1 + time().roll(hosts - 1), span); break;
    case 3:
    case 4: halt(span); break;
    case 5:
    case 6: crash(span); break;
    case 7: trouble_redis(span); break;
    case 8: restart_worker(span); break;
    default: operate();
  }
  time().after(time().between(200ms, 9s), [this] { fault(); });
}

void scenario::heal_all() {
  time().log("all is healed");
  is_calm_ = true;
  auto hosts = 1 + all_.coordinators.size() + all_.workers.size();
  for (host_id a = 0; a < hosts; ++a)
    for (auto b = a + 1; b < hosts; ++b)
      if (all_.net.is_cut(a, b))
        all_.heal(a, b);
  for (process_id who = 1; who < time().processes(); ++who)
    if (time().is_halted(who))
      time().halt(who, false);
  all_.redis.freeze(false);
  all_.redis.start(true);
  all_.redis.losses = 100'000'000;
}

// Each VARIANT that there is asks for a run now.
void scenario::wake_all() {
  std::vector<std::string> ids;
  for (uint64_t i = 1; i <= ids_; ++i)
    ids.push_back("id-" + std::to_string(i));
  all_.book.usurped.clear();
  for (auto& seat : all_.workers)
    all_.peek<atom::ok>(
      caf::actor_cast<node_actor>(seat.node), [](atom::ok) {}, atom::wake_v, ids, false);
}

std::vector<cluster_status> scenario::ask_status() {
  auto said = std::make_shared<std::vector<cluster_status>>();
  for (auto& seat : all_.coordinators)
    all_.peek<cluster_status>(
      seat.coordinator, [said](const cluster_status& x) { said->push_back(x); }, atom::status_v);
  time().run_until(time().now() + 10ms);
  return *said;
}

complaints scenario::settle() {
  auto until = time().now() + calm_max;
  complaints found{"nothing was looked at"};
  while (!found.empty() && time().now() < until) {
    time().run_until(time().now() + look_every);
    for (size_t i = 0; i < all_.workers.size(); ++i)
      if (all_.workers[i].process == world::nobody)
        all_.boot_worker(i);
    for (size_t i = 0; i < all_.coordinators.size(); ++i)
      if (all_.coordinators[i].process == world::nobody)
        all_.boot_coordinator(i);
    found = check_progress(all_, book_, ask_status());
  }
  if (!found.empty())
    return found;
  // What is woken first finds out that it lost its variant, and is gone when woken again; and some
  // wait for a slot, which takes as long as others get one.
  auto& asked = all_.book.asked;
  asked.clear();
  for (auto in_vain = 0; in_vain < hosting_looks;) {
    auto before = asked.size();
    wake_all();
    time().run_until(time().now() + hosting_wait);
    found = check_hosting(all_, book_);
    if (found.empty())
      break;
    in_vain = asked.size() > before ? 0 : in_vain + 1;
  }
  return found;
}

complaints scenario::play() {
  time().after(1s, [this] { command(); });
  time().after(time().between(trouble_from, 2 * trouble_from), [this] { fault(); });
  while (time().now() < trouble_until) {
    time().run_until(time().now() + look_every);
    if (auto found = check_safety(all_, book_); !found.empty())
      return found;
  }
  heal_all();
  auto found = settle();
  auto unsafe = check_safety(all_, book_);
  found.insert(found.end(), unsafe.begin(), unsafe.end());
  return found;
}

} // namespace varia::test
