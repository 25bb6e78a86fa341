#include "coordinator/cluster_metrics.hpp"
#include "coordinator/coordinator_state.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace varia::coordinating {

namespace {

using ids_type = std::vector<std::string>;

// How many running variants are asked to give way at once: each of them will start elsewhere.
constexpr size_t yielding_max = 64;

// How many variants one look at the workers moves when it evens them out, and how long after a
// worker has joined, so that several that come together are filled together.
constexpr size_t moves_per_look = 250;
constexpr size_t moves_planned_max = 10'000;
constexpr milliseconds settle_time{2000};

// Those are with nobody now: the token of the worker that let them go is replaced next.
void take_back(self_ptr self, const ids_type& ids) {
  auto& my = self->state;
  for (auto& id : ids)
    my.moving.erase(id);
  measured_cluster().moves["moved"].add(static_cast<double>(ids.size()));
  make_homeless(self, ids);
  place_homeless(self);
}

void give_up_move(self_ptr self, const ids_type& ids) {
  auto& my = self->state;
  measured_cluster().moves["given_up"].add(static_cast<double>(ids.size()));
  for (auto& id : ids) {
    my.moving.erase(id);
    my.wishes.erase(id);
  }
}

// One that runs has until then to save a checkpoint.
void await_running(self_ptr self, const std::string& worker, const std::string& id,
                   uint64_t deadline) {
  auto& my = self->state;
  auto found = my.workers.find(worker);
  if (found == my.workers.end() || my.yielding >= yielding_max)
    return give_up_move(self, {id});
  ++my.yielding;
  auto settle = [self, epoch = my.epoch](auto action) {
    if (self->state.epoch != epoch)
      return;
    --self->state.yielding;
    action();
  };
  self
    ->request(found->second.node, patience + milliseconds{deadline}, atom::yield_v, *my.epoch,
              ids_type{id}, deadline)
    .then(
      [self, settle, id](const ids_type& released) {
        // It may have been asked by a leader of the past, too, and have answered that one.
        settle([&] { released.empty() ? give_up_move(self, {id}) : take_back(self, released); });
      },
      [self, settle, id](const caf::error& why) {
        spdlog::warn("variant {} was not released: {}", id, describe(why));
        settle([&] { give_up_move(self, {id}); });
      });
}

// First what does not run, all at once; then what runs, each by itself, if there is time for it.
void ask_to_yield(self_ptr self, const std::string& worker, const ids_type& ids,
                  uint64_t deadline) {
  auto& my = self->state;
  auto found = my.workers.find(worker);
  if (found == my.workers.end())
    return give_up_move(self, ids);
  self->request(found->second.node, patience, atom::yield_v, *my.epoch, ids, uint64_t{0})
    .then(
      [self, worker, ids, deadline, epoch = my.epoch](const ids_type& released) {
        if (self->state.epoch != epoch)
          return;
        // Where all that is too much runs, asking again at once would change nothing.
        if (released.empty())
          self->state.rebalanced_at = self->state.config.now();
        take_back(self, released);
        for (auto& id : ids) {
          if (std::find(released.begin(), released.end(), id) != released.end())
            continue;
          if (deadline > 0)
            await_running(self, worker, id, deadline);
          else
            give_up_move(self, {id});
        }
      },
      [self, ids](const caf::error& why) {
        spdlog::warn("{} variants were not released: {}", ids.size(), describe(why));
        give_up_move(self, ids);
      });
}

void begin_moves(self_ptr self, const std::string& worker, const ids_type& ids, uint64_t deadline) {
  auto& my = self->state;
  ids_type batch;
  auto send = [&] {
    if (!batch.empty())
      ask_to_yield(self, worker, std::exchange(batch, {}), deadline);
  };
  for (auto& id : ids)
    if (my.homeless.count(id) == 0 && my.moving.insert(id).second) {
      batch.push_back(id);
      if (batch.size() == assignments_max)
        send();
    }
  send();
}

// What a worker that is to be empty still has.
void empty_worker(self_ptr self, const std::string& worker, time_ms drained_at) {
  auto& my = self->state;
  ids_type ids;
  for (auto& id : my.variants.owned_by(worker))
    if (my.homeless.count(id) == 0 && my.moving.count(id) == 0)
      ids.push_back(id);
  auto left = std::max<time_ms>(drained_at - my.config.now(), 1);
  if (!ids.empty())
    begin_moves(self, worker, ids, static_cast<uint64_t>(left));
}

std::vector<relocation> plan(self_ptr self, size_t moves_max) {
  auto& my = self->state;
  auto workers = open_workers(self);
  std::map<std::string, std::vector<hosted>> variants;
  for (auto& worker : workers) {
    auto& theirs = variants[worker.worker];
    for (auto& id : my.variants.owned_by(worker.worker))
      if (my.homeless.count(id) == 0 && my.moving.count(id) == 0)
        theirs.push_back({id, my.variants.find(id)->entry.key.sync.connection});
  }
  return plan_moves(std::move(workers), variants, moves_max);
}

// Moves by plan leave what runs where it is.
void follow_plan(self_ptr self, const std::vector<relocation>& moves) {
  std::map<std::string, ids_type> by_worker;
  for (auto& move : moves) {
    self->state.wishes[move.id] = move.to;
    by_worker[move.from].push_back(move.id);
  }
  for (auto& [worker, ids] : by_worker)
    begin_moves(self, worker, ids, 0);
}

void even_out(self_ptr self) {
  auto& my = self->state;
  auto is_time = my.config.now() - my.rebalanced_at >= settle_time.count();
  if (!my.config.rebalance || !is_time || !my.moving.empty() || !my.homeless.empty())
    return;
  if (auto moves = plan(self, moves_per_look); !moves.empty())
    follow_plan(self, moves);
  else
    my.rebalanced_at = my.config.now();
}

} // namespace

void tend_moves(self_ptr self) {
  auto& my = self->state;
  auto can_take = !open_workers(self).empty();
  for (auto& [name, worker] : my.workers)
    if (worker.empties() && can_take)
      empty_worker(self, name, worker.drained_at);
  if (my.absent.empty())
    even_out(self);
}

caf::result<atom::ok> move(self_ptr self, const variant_key& key, const std::string& worker,
                           uint64_t deadline) {
  auto& my = self->state;
  if (auto why = check_lead(self))
    return why;
  auto* row = my.variants.find(key);
  if (row == nullptr)
    return fail(errc::not_found, "the variant " + to_string(key) + " does not exist");
  auto target = my.workers.find(worker);
  if (target == my.workers.end())
    return fail(errc::not_found, "no worker named " + worker + " has joined");
  if (target->second.empties())
    return fail(errc::conflict, "the worker " + worker + " is being emptied");
  auto id = row->entry.id;
  auto from = row->placement.worker;
  if (from == worker && my.homeless.count(id) == 0)
    return atom::ok_v;
  if (my.moving.count(id) > 0)
    return fail(errc::conflict, "the variant moves already");
  if (my.homeless.count(id) == 0 && my.workers.count(from) == 0)
    return fail(errc::conflict, "the worker " + from + " that hosts it is out of reach");
  my.wishes[id] = worker;
  begin_moves(self, from, {id}, std::max<uint64_t>(deadline, 1));
  return atom::ok_v;
}

caf::result<std::vector<planned_move>> rebalance(self_ptr self, bool apply) {
  if (auto why = check_lead(self))
    return why;
  auto moves = plan(self, moves_planned_max);
  std::vector<planned_move> result;
  for (auto& x : moves)
    result.push_back({self->state.variants.find(x.id)->entry.key, x.from, x.to});
  if (apply)
    follow_plan(self, moves);
  return result;
}

} // namespace varia::coordinating
