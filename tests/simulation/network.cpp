#include "tests/simulation/network.hpp"

#include "actors/interfaces.hpp"

#include <caf/actor_proxy.hpp>
#include <caf/make_actor.hpp>
#include <caf/message.hpp>

#include <algorithm>

namespace varia::test {

using namespace std::chrono_literals;

/// An actor of another process, as it looks from this one.
class far_actor : public caf::actor_proxy {
public:
  far_actor(caf::actor_config& config, network& net, network::link_ptr over, size_t end,
            caf::strong_actor_ptr target)
    : actor_proxy{config}, net_{net}, over_{std::move(over)}, end_{end}, target_{
                                                                           std::move(target)} {}

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    auto over = over_.lock();
    if (!over || !over->open[end_])
      return bounce(what, caf::make_error(caf::exit_reason::remote_link_unreachable));
    net_.send(over, end_, {target_, what->sender, what->mid, what->move_content_to_message()});
  }

  void kill_proxy(caf::execution_unit* context, caf::error why) override {
    cleanup(std::move(why), context);
  }

private:
  network& net_;
  std::weak_ptr<network::link> over_;
  size_t end_; ///< Where this is seen.
  caf::strong_actor_ptr target_;
};

microseconds network::latency() {
  return world_.one_in(20) ? world_.between(1ms, 400ms) : world_.between(100us, 5ms);
}

caf::strong_actor_ptr network::connect(process_id from, process_id to,
                                       const caf::strong_actor_ptr& target) {
  for (auto& one : links_)
    for (size_t end : {0, 1})
      if (one->ends[end] == from && one->ends[1 - end] == to && one->open[0] && one->open[1])
        return look(one, end, target);
  auto fresh = std::make_shared<link>();
  fresh->ends = {from, to};
  links_.push_back(fresh);
  return look(fresh, 0, target);
}

caf::strong_actor_ptr network::look(const link_ptr& over, size_t end,
                                    const caf::strong_actor_ptr& target) {
  auto& known = over->seen[end][target->id()];
  if (!known) {
    auto& system = world_.system();
    caf::actor_config config{system.dummy_execution_unit()};
    known = caf::make_actor<far_actor, caf::strong_actor_ptr>(
      system.next_actor_id(), system.node(), &system, config, *this, over, end, target);
  }
  return known;
}

void network::send(const link_ptr& over, size_t from_end, letter what) {
  auto to_end = 1 - from_end;
  if (!world_.is_alive(over->ends[from_end]))
    return;
  auto at = std::max(over->last_arrival[to_end], world_.now() + latency());
  over->last_arrival[to_end] = at;
  world_.after(at - world_.now(),
               [this, over, to_end, what = std::move(what)] { arrive(over, to_end, what); });
}

bool network::is_stalled(const link& over) const {
  auto [a, b] = over.ends;
  return is_cut(world_.host_of(a), world_.host_of(b)) || world_.is_halted(a) || world_.is_halted(b);
}

void network::arrive(const link_ptr& over, size_t end, const letter& what) {
  if (is_cut(world_.host_of(over->ends[0]), world_.host_of(over->ends[1])))
    over->stuck[end].push_back(what);
  else
    deliver(over, end, what);
}

// The receiver sees whoever is named in a message over the same connection.
void network::deliver(const link_ptr& over, size_t end, const letter& what) {
  if (!over->open[end] || !world_.is_alive(over->ends[end]))
    return;
  auto content = what.content;
  if (content.match_elements<atom::join, join_request, node_actor>()) {
    auto node = caf::actor_cast<caf::strong_actor_ptr>(content.get_as<node_actor>(2));
    auto seen = caf::actor_cast<node_actor>(look(over, end, node));
    content = caf::make_message(atom::join_v, content.get_as<join_request>(1), seen);
  }
  if (world_.traces_messages)
    world_.log(world_.name_of(over->ends[1 - end]) + " to " + world_.name_of(over->ends[end]) + ": "
               + caf::to_string(content));
  auto from = what.from ? look(over, end, what.from) : nullptr;
  what.to->enqueue(from, what.id, std::move(content), nullptr);
}

void network::cut(host_id a, host_id b) {
  cuts_.insert(pair_of(a, b));
  for (auto& one : std::vector<link_ptr>{links_})
    if (is_cut(world_.host_of(one->ends[0]), world_.host_of(one->ends[1])))
      watch(one);
}

void network::heal(host_id a, host_id b) {
  cuts_.erase(pair_of(a, b));
  for (auto& one : std::vector<link_ptr>{links_}) {
    auto there = pair_of(world_.host_of(one->ends[0]), world_.host_of(one->ends[1]));
    if (there != pair_of(a, b))
      continue;
    for (size_t end : {0, 1})
      for (auto& what : std::exchange(one->stuck[end], {}))
        deliver(one, end, what);
  }
}

std::vector<network::link_ptr> network::links_of(process_id who) const {
  std::vector<link_ptr> result;
  for (auto& one : links_)
    if (one->ends[0] == who || one->ends[1] == who)
      result.push_back(one);
  return result;
}

void network::end(process_id who) {
  for (auto& one : links_of(who)) {
    size_t other = one->ends[0] == who ? 1 : 0;
    if (is_cut(world_.host_of(one->ends[0]), world_.host_of(one->ends[1])))
      watch(one);
    else
      world_.after(latency() + std::max(one->last_arrival[other] - world_.now(), microseconds{0}),
                   [this, one, other] { break_end(one, other); });
    break_end(one, 1 - other);
  }
}

void network::halt(process_id who) {
  for (auto& one : links_of(who))
    watch(one);
}

void network::watch(const link_ptr& over) {
  auto since = ++changes_;
  silent_since_[over.get()] = since;
  // Heartbeats come once a second.
  world_.after(silence_max + world_.between(0us, 1s),
               [this, over, since] { break_if_silent(over, since); });
}

void network::break_if_silent(const link_ptr& over, uint64_t since) {
  auto known = silent_since_.find(over.get());
  if (known == silent_since_.end() || known->second != since)
    return;
  auto is_dead = !world_.is_alive(over->ends[0]) || !world_.is_alive(over->ends[1]);
  if (!is_stalled(*over) && !is_dead)
    return;
  world_.log("the connection of " + world_.name_of(over->ends[0]) + " and "
             + world_.name_of(over->ends[1]) + " breaks");
  break_end(over, 0);
  break_end(over, 1);
}

void network::break_end(const link_ptr& over, size_t end) {
  if (!std::exchange(over->open[end], false))
    return;
  over->stuck[end].clear();
  for (auto& [_, one] : std::exchange(over->seen[end], {}))
    static_cast<far_actor*>(one->get())
      ->kill_proxy(nullptr, caf::make_error(caf::exit_reason::remote_link_unreachable));
  if (over->open[1 - end])
    return;
  silent_since_.erase(over.get());
  links_.erase(std::remove(links_.begin(), links_.end(), over), links_.end());
}

} // namespace varia::test
