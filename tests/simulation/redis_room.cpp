#include "tests/simulation/redis_room.hpp"

namespace varia::test {

using namespace std::chrono_literals;

// What is sent into a cut may come when it heals, long after its sender has given up.
void redis_room::knock(process_id who, const std::function<void()>& visit,
                       const std::function<void()>& refuse) {
  if (net_.is_cut(world_.host_of(who), host_)) {
    if (world_.one_in(2))
      late_.emplace_back(world_.host_of(who), visit);
  } else if (down_) {
    refuse();
  } else if (frozen_) {
    piled_.push_back(visit);
  } else {
    visit();
  }
}

void redis_room::stop() {
  down_ = true;
  frozen_ = false;
  ++visits_;
  piled_.clear();
}

void redis_room::start(bool keeps_leases) {
  down_ = false;
  model_.server_id = "server-" + std::to_string(visits_ + 1);
  if (!keeps_leases)
    model_.forget_leases();
}

void redis_room::freeze(bool on) {
  frozen_ = on;
  if (on || down_)
    return;
  // Its connections have their turn in any order.
  auto all = std::exchange(piled_, {});
  while (!all.empty()) {
    std::swap(all.front(), all[world_.roll(all.size())]);
    all.front()();
    all.pop_front();
  }
}

void redis_room::hear_late(host_id from) {
  for (auto& [host, visit] : std::exchange(late_, {}))
    if (host == from)
      world_.after(world_.between(0ms, 3s), [this, visit = std::move(visit)] {
        if (!down_)
          visit();
      });
    else
      late_.emplace_back(host, std::move(visit));
}

void redis_line::push(std::function<void()> work) {
  waiting_.push_back(std::move(work));
  if (waiting_.size() == 1)
    waiting_.front()();
}

void redis_line::pop() {
  waiting_.pop_front();
  if (!waiting_.empty())
    waiting_.front()();
}

} // namespace varia::test
