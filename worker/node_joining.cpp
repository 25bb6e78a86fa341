#include "worker/node_state.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace varia::hosting {

namespace {

// The DIALER has limits of its own, which are shorter.
constexpr std::chrono::seconds dial_max{30};

constexpr milliseconds pause_min{50};
constexpr milliseconds pause_max{1000};

// Where a coordinator may be found, the leader first.
std::vector<std::string> addresses(self_ptr self) {
  auto& my = self->state;
  std::vector<std::string> result;
  if (!my.leader.address.empty())
    result.push_back(my.leader.address);
  for (auto& address : my.config.join)
    if (address != my.leader.address)
      result.push_back(address);
  return result;
}

// Workers that lost a coordinator together must not come back together.
void try_again(self_ptr self) {
  auto& my = self->state;
  auto wait = std::min(pause_min * (1 << std::min<size_t>(my.tries, 5)), pause_max);
  std::uniform_int_distribution<int64_t> jitter{wait.count() / 2, wait.count()};
  ++my.tries;
  self->delayed_send(self, milliseconds{jitter(my.chance)}, atom::dial_v);
}

void join(self_ptr self, const coordinator_actor& coordinator, const worker_load& load) {
  auto& my = self->state;
  auto& me = my.config.identity;
  join_request request{me.worker, me.boot, me.address, load.slots, {}, my.config.labels};
  for (auto& [id, variant] : my.hosted)
    request.hosted.emplace_back(id, variant.owner);
  for (auto& [id, variant] : my.arriving)
    request.hosted.emplace_back(id, variant.what.owner);
  self->request(coordinator, patience, atom::join_v, request, node_actor{self})
    .then(
      [self, coordinator, of = my.leader](atom::ok) {
        auto& now = self->state;
        self->monitor(coordinator);
        now.coordinator = coordinator;
        now.joined = of;
        now.seeking = false;
        now.tries = 0;
        spdlog::info("joined the cluster as {}", now.config.identity.worker);
      },
      [self](const caf::error& why) {
        spdlog::info("the coordinator does not take us in yet: {}", describe(why));
        self->state.seeking = false;
        try_again(self);
      });
}

} // namespace

void seek(self_ptr self) {
  auto& my = self->state;
  auto where = addresses(self);
  // Who has no lease would be given what it may not run.
  if (my.coordinator || my.seeking || my.parting || my.holding || where.empty())
    return;
  my.seeking = true;
  self->request(my.dialer, dial_max, atom::dial_v, where[my.tries % where.size()])
    .then(
      [self](const coordinator_actor& found) {
        self->request(self->state.peers->runtime, patience, atom::load_v)
          .then([self, found](const worker_load& load) { join(self, found, load); },
                [self](const caf::error&) {
                  self->state.seeking = false;
                  try_again(self);
                });
      },
      [self](const caf::error& why) {
        auto level = code_of(why) == errc::invalid ? spdlog::level::err : spdlog::level::debug;
        spdlog::log(level, "no coordinator takes us in: {}", describe(why));
        self->state.seeking = false;
        try_again(self);
      });
}

void lose_coordinator(self_ptr self) {
  self->state.coordinator = nullptr;
  seek(self);
}

} // namespace varia::hosting
