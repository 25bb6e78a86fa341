#include "coordinator/coordinator_state.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <unordered_set>

namespace varia::coordinating {

namespace {

// Gives every id up as homeless, if it still exists.
void make_homeless(self_ptr self, const std::vector<std::string>& ids) {
  auto& my = self->state;
  for (auto& id : ids)
    if (my.variants.find(id) != nullptr)
      my.homeless.insert(id);
}

void give_up_worker(self_ptr self, const std::string& worker) {
  auto& my = self->state;
  auto ids = my.variants.owned_by(worker);
  my.absent.erase(worker);
  make_homeless(self, ids);
  if (!ids.empty())
    spdlog::warn("worker {} is gone, its {} variants move", worker, ids.size());
  place_homeless(self);
}

// Sends a batch to the worker that owns it; what it does not confirm is placed anew.
void deliver(self_ptr self, const std::string& worker, const std::vector<assignment>& batch) {
  auto& my = self->state;
  auto found = my.workers.find(worker);
  if (found == my.workers.end())
    return;
  self->request(found->second.node, patience, atom::put_v, batch)
    .then([](atom::ok) {},
          [self, worker, batch](const caf::error& why) {
            spdlog::warn("worker {} did not take {} variants: {}", worker, batch.size(),
                         describe(why));
            std::vector<std::string> ids;
            for (auto& what : batch)
              if (auto* row = self->state.variants.find(what.id);
                  row != nullptr && row->placement.owner == what.owner)
                ids.push_back(what.id);
            make_homeless(self, ids);
          });
}

void placed(self_ptr self, const std::string& worker, const std::vector<assignment>& wanted,
            const std::vector<assignment>& done) {
  auto& my = self->state;
  std::unordered_set<std::string> alive;
  std::vector<assignment> news;
  for (auto& what : done) {
    alive.insert(what.id);
    auto* row = my.variants.find(what.id);
    if (row == nullptr)
      continue;
    row->placement = {what.owner, worker};
    news.push_back(assignment_of(*row));
  }
  for (auto& what : wanted)
    if (alive.count(what.id) == 0)
      my.variants.erase(what.id);
  if (my.workers.count(worker) > 0)
    deliver(self, worker, news);
  else
    give_up_worker(self, worker);
}

// The plan of one round: what each worker is to be given, in messages of bounded size.
std::vector<std::pair<std::string, std::vector<assignment>>> plan_round(self_ptr self) {
  auto& my = self->state;
  std::vector<worker_capacity> workers;
  for (auto& [name, worker] : my.workers)
    if (!worker.leaving)
      workers.push_back({name, std::max(worker.load.slots, 1u), worker.load.variants});
  std::vector<homeless> wanting;
  for (auto& id : my.homeless)
    if (auto* row = my.variants.find(id); row != nullptr)
      wanting.push_back({id, row->entry.key.sync.connection});
  std::map<std::string, std::vector<std::vector<assignment>>> batches;
  for (auto& [id, worker] : place(wanting, std::move(workers), my.chance)) {
    auto& mine = batches[worker];
    if (mine.empty() || mine.back().size() == assignments_max)
      mine.emplace_back();
    auto what = assignment_of(*my.variants.find(id));
    what.owner = {*my.epoch, make_nonce()};
    mine.back().push_back(std::move(what));
    ++my.workers[worker].load.variants;
  }
  std::vector<std::pair<std::string, std::vector<assignment>>> result;
  for (auto& [worker, mine] : batches)
    for (auto& batch : mine)
      result.emplace_back(worker, std::move(batch));
  return result;
}

// Releases what a joining worker hosts without a good token, and makes homeless what it lost.
void reconcile(self_ptr self, const join_request& request) {
  auto& my = self->state;
  std::unordered_set<std::string> kept;
  std::vector<std::string> strangers;
  for (auto& [id, owner] : request.hosted) {
    auto* row = my.variants.find(id);
    if (row != nullptr && row->placement.owner == owner)
      kept.insert(id);
    else
      strangers.push_back(id);
  }
  send_leave(self, request.worker, strangers);
  std::vector<std::string> lost;
  for (auto& id : my.variants.owned_by(request.worker))
    if (kept.count(id) == 0)
      lost.push_back(id);
  make_homeless(self, lost);
  // What was commanded while it was away is in the assignments.
  send_assignments(self, {kept.begin(), kept.end()});
}

} // namespace

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
  load.variants = static_cast<uint32_t>(request.hosted.size());
  my.workers[request.worker] = {std::move(node), request.boot, request.address, load, false};
  my.absent.erase(request.worker);
  spdlog::info("worker {} has joined with {} variants", request.worker, request.hosted.size());
  reconcile(self, request);
  place_homeless(self);
  return atom::ok_v;
}

caf::result<atom::ok> leave(self_ptr self, const std::string& worker) {
  auto& my = self->state;
  if (auto why = check_lead(self))
    return why;
  if (auto found = my.workers.find(worker); found != my.workers.end())
    found->second.leaving = true;
  spdlog::info("worker {} leaves", worker);
  give_up_worker(self, worker);
  return atom::ok_v;
}

void lose_node(self_ptr self, const caf::actor_addr& node) {
  auto& my = self->state;
  for (auto at = my.workers.begin(); at != my.workers.end(); ++at) {
    if (at->second.node.address() != node)
      continue;
    spdlog::warn("the connection to worker {} is lost", at->first);
    my.absent.emplace(at->first, my.config.now());
    my.workers.erase(at);
    check_absent(self);
    return;
  }
}

void check_absent(self_ptr self) {
  auto& my = self->state;
  if (my.absent.empty())
    return;
  self->request(my.store, patience, atom::workers_v)
    .then(
      [self](const std::vector<std::string>& alive) {
        auto& absent = self->state.absent;
        std::vector<std::string> gone;
        // A lost connection is a hint only: as long as a worker renews its lease, it may come back.
        for (auto& [worker, since] : absent)
          if (std::find(alive.begin(), alive.end(), worker) == alive.end())
            gone.push_back(worker);
        for (auto& worker : gone)
          give_up_worker(self, worker);
      },
      [](const caf::error& why) {
        spdlog::warn("the workers' leases cannot be read: {}", describe(why));
      });
}

void place_homeless(self_ptr self) {
  auto& my = self->state;
  if (check_lead(self) || my.placing || my.homeless.empty())
    return;
  auto round = plan_round(self);
  if (round.empty())
    return;
  my.placing = true;
  my.homeless.clear();
  auto left = std::make_shared<size_t>(round.size());
  // What failed waits for the next beat; what came up meanwhile is placed right away.
  auto settle = [self, left](bool well) {
    if (--*left > 0)
      return;
    self->state.placing = false;
    if (well)
      place_homeless(self);
  };
  for (auto& [worker, batch] : round)
    self->request(my.store, patience, atom::place_v, *my.epoch, worker, batch)
      .then(
        [self, settle, where = worker, wanted = batch](const std::vector<assignment>& done) {
          placed(self, where, wanted, done);
          settle(true);
        },
        [self, settle, wanted = batch](const caf::error& why) {
          spdlog::warn("{} variants were not placed: {}", wanted.size(), describe(why));
          std::vector<std::string> ids;
          for (auto& what : wanted)
            ids.push_back(what.id);
          make_homeless(self, ids);
          settle(false);
        });
}

void send_assignments(self_ptr self, const std::vector<std::string>& ids) {
  auto& my = self->state;
  std::map<std::string, std::vector<assignment>> batches;
  for (auto& id : ids) {
    auto* row = my.variants.find(id);
    if (row == nullptr || row->placement.worker.empty())
      continue;
    auto& batch = batches[row->placement.worker];
    batch.push_back(assignment_of(*row));
    if (batch.size() == assignments_max)
      deliver(self, row->placement.worker, std::exchange(batch, {}));
  }
  for (auto& [worker, batch] : batches)
    if (!batch.empty())
      deliver(self, worker, batch);
}

void send_leave(self_ptr self, const std::string& worker, const std::vector<std::string>& ids) {
  auto& my = self->state;
  auto found = my.workers.find(worker);
  if (found == my.workers.end() || ids.empty())
    return;
  self->request(found->second.node, patience, atom::leave_v, ids)
    .then([](atom::ok) {},
          [worker](const caf::error& why) {
            spdlog::warn("worker {} did not release variants: {}", worker, describe(why));
          });
}

} // namespace varia::coordinating
