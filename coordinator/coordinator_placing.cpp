#include "coordinator/cluster_metrics.hpp"
#include "coordinator/coordinator_state.hpp"

#include <spdlog/spdlog.h>

#include <memory>
#include <unordered_set>

namespace varia::coordinating {

namespace {

// How long to wait for the pace when it lets nothing through.
constexpr milliseconds pace_wait{20};

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
  std::vector<std::string> strays;
  auto is_there = my.workers.count(worker) > 0;
  for (auto& what : done) {
    alive.insert(what.id);
    my.variants.place(what.id, {what.owner, worker});
    auto* row = my.variants.find(what.id);
    if (row == nullptr)
      continue;
    my.unheard.erase(what.id); // The worker reads what waits when it takes the variant in.
    if (is_there)
      news.push_back(assignment_of(*row));
    else
      strays.push_back(what.id);
  }
  for (auto& what : wanted)
    if (alive.count(what.id) == 0)
      my.variants.erase(what.id);
  deliver(self, worker, news);
  make_homeless(self, strays);
  measured_cluster().placements.add(static_cast<double>(news.size()));
}

using batches = std::vector<std::pair<std::string, std::vector<assignment>>>;

// What each worker is to be given of these, under new tokens, in messages of bounded size.
batches plan_round(self_ptr self, const std::vector<homeless>& wanting) {
  auto& my = self->state;
  auto kin = [&](connection_number connection, const std::string& worker) {
    return my.variants.kin(connection, worker);
  };
  std::map<std::string, batches> by_worker;
  for (auto& [id, worker] : place(wanting, open_workers(self), kin, my.chance)) {
    auto& mine = by_worker[worker];
    if (mine.empty() || mine.back().second.size() == assignments_max)
      mine.emplace_back(worker, std::vector<assignment>{});
    auto what = assignment_of(*my.variants.find(id));
    what.owner = {*my.epoch, make_nonce()};
    mine.back().second.push_back(std::move(what));
  }
  batches result;
  for (auto& [worker, mine] : by_worker)
    std::move(mine.begin(), mine.end(), std::back_inserter(result));
  return result;
}

// Takes those out of the homeless that may be placed now.
std::vector<homeless> next_homeless(self_ptr self) {
  auto& my = self->state;
  auto count = my.placements->take(my.homeless.size(), my.config.now());
  std::vector<homeless> result;
  result.reserve(count);
  for (auto at = my.homeless.begin(); at != my.homeless.end() && result.size() < count;) {
    if (auto* row = my.variants.find(*at)) {
      auto wish = my.wishes.find(*at);
      result.push_back({*at, row->entry.key.sync.connection,
                        wish == my.wishes.end() ? std::string{} : wish->second});
    }
    at = my.homeless.erase(at);
  }
  return result;
}

void request_round(self_ptr self, const batches& round) {
  auto& my = self->state;
  my.placing = true;
  auto left = std::make_shared<size_t>(round.size());
  // What failed waits for the next look at the workers; what came up meanwhile is placed right
  // away.
  auto settle = [self, left](bool well) {
    if (--*left > 0)
      return;
    self->state.placing = false;
    if (well)
      place_homeless(self);
  };
  for (auto& [worker, batch] : round) {
    for (auto& what : batch)
      my.wishes.erase(what.id);
    self->request(my.peers.store, patience, atom::place_v, *my.epoch, worker, batch)
      .then(
        [self, settle, where = worker, wanted = batch,
         epoch = *my.epoch](const std::vector<assignment>& done) {
          if (self->state.epoch == epoch)
            placed(self, where, wanted, done);
          settle(true);
        },
        [self, settle, wanted = batch](const caf::error& why) {
          spdlog::warn("{} variants were not placed: {}", wanted.size(), describe(why));
          std::vector<std::string> ids;
          for (auto& what : wanted)
            ids.push_back(what.id);
          make_homeless(self, ids);
          mind_doubt(self, why);
          mind_fence(self, why);
          settle(false);
        });
  }
}

} // namespace

// Gives every id up as homeless, if it still exists.
void make_homeless(self_ptr self, const std::vector<std::string>& ids) {
  auto& my = self->state;
  for (auto& id : ids)
    if (my.variants.find(id) != nullptr)
      my.homeless.insert(id);
}

void place_homeless(self_ptr self) {
  auto& my = self->state;
  if (check_lead(self) || my.placing || my.homeless.empty() || open_workers(self).empty())
    return;
  auto wanting = next_homeless(self);
  if (!my.homeless.empty() && wanting.empty())
    self->delayed_send(self, pace_wait, atom::place_v);
  if (auto round = plan_round(self, wanting); !round.empty())
    request_round(self, round);
}

void send_assignments(self_ptr self, const std::vector<std::string>& ids) {
  auto& my = self->state;
  std::map<std::string, std::vector<assignment>> batches;
  for (auto& id : ids) {
    auto* row = my.variants.find(id);
    if (row == nullptr || row->placement.worker.empty() || my.homeless.count(id) > 0)
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

void send_leave(self_ptr self, const std::string& worker, const hosted_list& which) {
  auto& my = self->state;
  auto found = my.workers.find(worker);
  if (found == my.workers.end() || which.empty())
    return;
  self->request(found->second.node, patience, atom::leave_v, *my.epoch, which)
    .then([](atom::ok) {},
          [worker](const caf::error& why) {
            spdlog::warn("worker {} did not release variants: {}", worker, describe(why));
          });
}

// What cannot be told now is told when the worker joins again, or read when another one takes over:
// it stands in the store.
void wake_variants(self_ptr self, const std::vector<std::string>& ids, bool restart) {
  auto& my = self->state;
  std::map<std::string, std::vector<std::string>> by_worker;
  for (auto& id : ids)
    if (auto* row = my.variants.find(id); row != nullptr && my.homeless.count(id) == 0)
      by_worker[row->placement.worker].push_back(id);
  for (auto& [worker, theirs] : by_worker) {
    auto found = my.workers.find(worker);
    if (found == my.workers.end()) {
      my.unheard.insert(theirs.begin(), theirs.end());
      continue;
    }
    self->request(found->second.node, patience, atom::wake_v, theirs, restart)
      .then([](atom::ok) {},
            [self, ids = theirs](const caf::error&) {
              self->state.unheard.insert(ids.begin(), ids.end());
            });
  }
}

} // namespace varia::coordinating
