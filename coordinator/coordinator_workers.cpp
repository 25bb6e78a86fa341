#include "coordinator/cluster_metrics.hpp"
#include "coordinator/coordinator_state.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_set>

namespace varia::coordinating {

namespace {

// A worker that renews its lease but cannot be told anything is given up after so many leases, if
// there is another one.
constexpr int unreachable_leases = 4;

// What runs on a worker has so long to make way if the drain was begun under another leader, or
// before the worker joined: nobody knows any more how long it was given.
constexpr milliseconds drain_default{30'000};

// The leases of workers are looked at so often in the time that one lasts.
constexpr int looks_per_lease = 6;

void give_up_worker(self_ptr self, const std::string& worker, const char* why) {
  auto& my = self->state;
  auto& owned = my.variants.owned_by(worker);
  std::vector<std::string> ids{owned.begin(), owned.end()};
  my.absent.erase(worker);
  my.workers.erase(worker);
  make_homeless(self, ids);
  if (ids.empty())
    return;
  spdlog::warn("worker {} {}: its {} variants move", worker, why, ids.size());
  measured_cluster().lost.add();
  if (my.lost_at < 0)
    my.lost_at = my.config.now();
}

// Releases what a joining worker hosts without a good token, and makes homeless what it lost.
void reconcile(self_ptr self, const join_request& request) {
  auto& my = self->state;
  std::unordered_set<std::string> kept;
  hosted_list strangers;
  for (auto& [id, owner] : request.hosted) {
    auto* row = my.variants.find(id);
    if (row != nullptr && row->placement.owner == owner && my.homeless.count(id) == 0)
      kept.insert(id);
    else
      strangers.emplace_back(id, owner);
  }
  send_leave(self, request.worker, strangers);
  std::vector<std::string> lost;
  std::vector<std::string> unheard;
  for (auto& id : my.variants.owned_by(request.worker))
    if (kept.count(id) == 0)
      lost.push_back(id);
    else if (my.unheard.erase(id) > 0)
      unheard.push_back(id);
  make_homeless(self, lost);
  // What was commanded while it was away is in the assignments, or waits in the store.
  send_assignments(self, {kept.begin(), kept.end()});
  wake_variants(self, unheard, false);
}

void judge(self_ptr self, const std::vector<worker_lease>& alive) {
  auto& my = self->state;
  auto now = my.config.now();
  std::unordered_set<std::string> names;
  for (auto& lease : alive) {
    names.insert(lease.worker);
    auto found = my.workers.find(lease.worker);
    if (found == my.workers.end())
      continue;
    auto& worker = found->second;
    if (lease.duty == worker_duty::draining && worker.duty != lease.duty)
      worker.drained_at = now + drain_default.count();
    worker.duty = lease.duty;
  }
  if (now < my.judge_from)
    return;
  std::vector<std::string> dead;
  std::vector<std::string> unreachable;
  for (auto& [worker, _] : my.workers)
    if (names.count(worker) == 0)
      dead.push_back(worker);
  auto patient_until = now - unreachable_leases * my.config.lease.count();
  for (auto& [worker, since] : my.absent)
    if (names.count(worker) == 0)
      dead.push_back(worker);
    else if (since < patient_until && !open_workers(self).empty())
      unreachable.push_back(worker);
  for (auto& worker : dead)
    give_up_worker(self, worker, "is gone");
  for (auto& worker : unreachable)
    give_up_worker(self, worker, "cannot be reached");
}

std::string zone_of(self_ptr self, const member& x) {
  auto found = x.labels.find(self->state.config.spread_label);
  return found == x.labels.end() ? std::string{} : found->second;
}

bool can_others_take(self_ptr self, const std::string& worker) {
  for (auto& other : open_workers(self))
    if (other.worker != worker)
      return true;
  return false;
}

caf::result<atom::ok> set_duty(self_ptr self, const std::string& worker, worker_duty duty,
                               time_ms drained_at) {
  auto& my = self->state;
  auto promise = self->make_response_promise<atom::ok>();
  self->request(my.peers.store, patience, atom::cordon_v, *my.epoch, worker, duty)
    .then(
      [self, promise, worker, duty, drained_at](atom::ok) mutable {
        auto& all = self->state.workers;
        if (auto found = all.find(worker); found != all.end()) {
          found->second.duty = duty;
          found->second.drained_at = drained_at;
        }
        spdlog::info("worker {} is {}", worker, to_string(duty));
        promise.deliver(atom::ok_v);
        tend_moves(self);
        place_homeless(self);
      },
      [self, promise](caf::error& why) mutable {
        mind_fence(self, why);
        promise.deliver(std::move(why));
      });
  return promise;
}

caf::error check_joined(self_ptr self, const std::string& worker) {
  if (auto why = check_lead(self))
    return why;
  if (self->state.workers.count(worker) == 0)
    return fail(errc::not_found, "no worker named " + worker + " has joined");
  return {};
}

// Whoever could not be told that something waits is told now, if his worker has come back.
void wake_unheard(self_ptr self) {
  auto& my = self->state;
  std::vector<std::string> ids{my.unheard.begin(), my.unheard.end()};
  my.unheard.clear();
  wake_variants(self, ids, false);
}

} // namespace

std::vector<worker_capacity> open_workers(self_ptr self) {
  auto& my = self->state;
  std::vector<worker_capacity> result;
  for (auto& [name, worker] : my.workers)
    if (worker.takes_more()) {
      auto slots = std::max(worker.load.slots, 1u);
      auto cost = cost_of(my.variants.owned_by(name).size(), slots, worker.load.busy_permille);
      result.push_back({name, slots, cost, zone_of(self, worker)});
    }
  return result;
}

caf::result<atom::ok> join(self_ptr self, const join_request& request, node_actor node) {
  auto& my = self->state;
  if (auto why = check_lead(self))
    return why;
  if (auto found = my.workers.find(request.worker);
      found != my.workers.end() && found->second.boot != request.boot)
    return fail(errc::exists, "another worker named " + request.worker + " has joined");
  self->monitor(node);
  worker_load load;
  load.slots = request.slots;
  auto& worker = my.workers[request.worker];
  worker = {};
  worker.node = std::move(node);
  worker.boot = request.boot;
  worker.address = request.address;
  worker.labels = request.labels;
  worker.load = load;
  my.absent.erase(request.worker);
  my.rebalanced_at = my.config.now();
  spdlog::info("worker {} has joined with {} variants", request.worker, request.hosted.size());
  reconcile(self, request);
  place_homeless(self);
  return atom::ok_v;
}

caf::result<atom::ok> note_load(self_ptr self, const std::string& worker, const worker_load& load) {
  auto& workers = self->state.workers;
  auto found = workers.find(worker);
  if (found == workers.end())
    return fail(errc::not_found, worker + " has not joined");
  found->second.load = load;
  return atom::ok_v;
}

caf::result<atom::ok> lost(self_ptr self, const std::string& worker, const std::string& id,
                           const token& owner) {
  if (auto why = check_joined(self, worker))
    return why;
  auto* row = self->state.variants.find(id);
  if (row != nullptr && row->placement.worker == worker && row->placement.owner == owner) {
    make_homeless(self, {id});
    place_homeless(self);
  }
  return atom::ok_v;
}

caf::result<atom::ok> leave(self_ptr self, const std::string& worker, uint64_t deadline) {
  auto& my = self->state;
  if (auto why = check_joined(self, worker))
    return why;
  auto& member = my.workers[worker];
  member.leaving = true;
  member.drained_at = my.config.now() + static_cast<time_ms>(deadline);
  spdlog::info("worker {} leaves", worker);
  tend_moves(self);
  return atom::ok_v;
}

caf::result<atom::ok> cordon(self_ptr self, const std::string& worker, bool on) {
  if (auto why = check_joined(self, worker))
    return why;
  return set_duty(self, worker, on ? worker_duty::cordoned : worker_duty::active, 0);
}

caf::result<atom::ok> drain(self_ptr self, const std::string& worker, uint64_t deadline) {
  if (auto why = check_joined(self, worker))
    return why;
  if (!can_others_take(self, worker))
    return fail(errc::conflict, "there is no other worker to take what " + worker + " hosts");
  auto until = self->state.config.now() + static_cast<time_ms>(deadline);
  return set_duty(self, worker, worker_duty::draining, until);
}

void lose_node(self_ptr self, const caf::actor_addr& node) {
  auto& my = self->state;
  for (auto at = my.workers.begin(); at != my.workers.end(); ++at) {
    if (at->second.node.address() != node)
      continue;
    spdlog::warn("the connection to worker {} is lost", at->first);
    my.absent.emplace(at->first, my.config.now());
    my.workers.erase(at);
    return;
  }
}

// A lost connection is a hint only: as long as a worker renews its lease, it may come back. And a
// connection that seems to be there says nothing: who does not renew is gone.
void watch_workers(self_ptr self) {
  auto& my = self->state;
  self->delayed_send(self, my.config.lease / looks_per_lease, atom::workers_v);
  measure(self);
  if (!my.epoch)
    return;
  self->request(my.peers.store, my.config.lease, atom::workers_v)
    .then(
      [self](const std::vector<worker_lease>& alive) {
        if (check_lead(self))
          return;
        judge(self, alive);
        wake_unheard(self);
        tend_moves(self);
        place_homeless(self);
      },
      [self](const caf::error& why) {
        // Nobody could renew anything meanwhile.
        self->state.judge_from = self->state.config.now() + self->state.config.lease.count();
        spdlog::warn("the workers' leases cannot be read: {}", describe(why));
      });
}

} // namespace varia::coordinating
