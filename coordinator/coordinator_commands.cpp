#include "coordinator/cluster_metrics.hpp"
#include "coordinator/coordinator_state.hpp"

#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace varia::coordinating {

namespace {

// Answers a request that took several steps as soon as the last of them is done; the first failure
// decides.
class last_step {
public:
  last_step(self_ptr self, size_t steps)
    : promise_{self->make_response_promise<atom::ok>()}, left_{steps} {
    if (left_ == 0)
      promise_.deliver(atom::ok_v);
  }

  void done(caf::error why = {}) {
    if (why && !failure_)
      failure_ = std::move(why);
    if (--left_ > 0)
      return;
    if (failure_)
      promise_.deliver(std::move(failure_));
    else
      promise_.deliver(atom::ok_v);
  }

  caf::result<atom::ok> answer() const { return promise_; }

private:
  caf::typed_response_promise<atom::ok> promise_;
  size_t left_;
  caf::error failure_;
};

// What was written under an epoch that is over may be unknown to whoever leads now: it counts as
// not answered, so that the command is asked again.
caf::error check_epoch(self_ptr self, uint64_t epoch) {
  if (self->state.epoch == epoch && !check_lead(self))
    return {};
  return fail(errc::unavailable, {});
}

void removed(self_ptr self, const std::string& id) {
  auto& my = self->state;
  if (auto* row = my.variants.find(id)) {
    send_leave(self, row->placement.worker, {{id, row->placement.owner}});
    my.variants.erase(id);
    my.homeless.erase(id);
    my.unheard.erase(id);
    my.wishes.erase(id);
  }
}

// What the store does not know is gone: somebody else has removed it.
void note_missing(self_ptr self, const caf::error& why, const variant_key& key) {
  auto* row = self->state.variants.find(key);
  if (code_of(why) == errc::not_found && row != nullptr)
    removed(self, std::string{row->entry.id});
}

void note_missing(self_ptr, const caf::error&, const std::vector<variant_key>&) {}
void note_missing(self_ptr, const caf::error&, const variant_batch&) {}

template <class Answer>
void give(caf::typed_response_promise<Answer>& promise, expected<Answer> answer) {
  if (answer)
    promise.deliver(std::move(*answer));
  else
    promise.deliver(std::move(answer.error()));
}

// Has the store write something under our epoch, then takes what is `Stored` now into memory and
// tells the workers: `take` does both and returns the answer.
template <class Answer, class Stored, class Take, class Verb, class Which, class... Words>
caf::result<Answer> write(self_ptr self, Take take, Verb verb, const Which& which,
                          const Words&... words) {
  auto& my = self->state;
  if (auto why = check_lead(self))
    return why;
  auto promise = self->make_response_promise<Answer>();
  self->request(my.peers.store, patience, verb, *my.epoch, which, words...)
    .then(
      [self, promise, take, epoch = *my.epoch](const Stored& stored) mutable {
        if (auto late = check_epoch(self, epoch))
          promise.deliver(std::move(late));
        else
          give<Answer>(promise, take(stored));
      },
      [self, promise, which](caf::error& why) mutable {
        mind_fence(self, why);
        mind_doubt(self, why);
        if (code_of(why) == errc::full)
          measured_cluster().refused.add();
        note_missing(self, why, which);
        promise.deliver(std::move(why));
      });
  return promise;
}

// One that was added twice, because the first answer got lost, is there already.
void insert(self_ptr self, const variant_entry& entry, const timing& of_function) {
  auto& my = self->state;
  if (my.variants.find(entry.id) != nullptr)
    return;
  variant_row row;
  row.entry = entry;
  row.due = in_effect(entry, of_function);
  my.variants.put(std::move(row));
  my.homeless.insert(entry.id);
  place_homeless(self);
}

// Takes the entries that the store returned into the registry.
std::vector<std::string> take_in(self_ptr self, const std::vector<variant_entry>& entries) {
  auto& my = self->state;
  std::vector<std::string> ids;
  for (auto& entry : entries) {
    if (auto* row = my.variants.find(entry.id))
      my.variants.update(entry, row->due);
    ids.push_back(entry.id);
  }
  return ids;
}

// Has the workers cancel what these ids run. Without an answer nothing is lost: that the variant is
// paused is in its assignment.
void cancel_runs(self_ptr self, const std::vector<std::string>& ids, const std::string& why) {
  auto& my = self->state;
  std::map<std::string, std::vector<std::string>> by_worker;
  for (auto& id : ids)
    if (auto* row = my.variants.find(id); row != nullptr && my.homeless.count(id) == 0)
      by_worker[row->placement.worker].push_back(id);
  for (auto& [worker, theirs] : by_worker)
    if (auto found = my.workers.find(worker); found != my.workers.end())
      self->request(found->second.node, patience, atom::cancel_v, theirs, why)
        .then([](atom::ok) {}, [](const caf::error&) {});
}

// Starts what waited for its function to start by itself.
void start_asleep(self_ptr self, const std::vector<variant_key>& keys,
                  std::function<void(caf::error)> then) {
  auto& my = self->state;
  self->request(my.peers.store, patience, atom::pause_v, *my.epoch, keys, false, std::string{})
    .then(
      [self, then, epoch = *my.epoch](const std::vector<variant_entry>& entries) {
        auto late = check_epoch(self, epoch);
        if (!late)
          send_assignments(self, take_in(self, entries));
        then(std::move(late));
      },
      [self, then](caf::error& why) {
        mind_fence(self, why);
        mind_doubt(self, why);
        then(std::move(why));
      });
}

// Takes what came of one order into the registry.
void take_in(self_ptr self, const variant_order& order, const order_result& result,
             const timing& of_function) {
  auto& my = self->state;
  auto& entry = result.entry;
  switch (result.outcome) {
    case order_outcome::created:
    case order_outcome::restored: return insert(self, entry, of_function);
    case order_outcome::removed: return removed(self, entry.id);
    case order_outcome::changed:
      my.variants.update(entry, in_effect(entry, of_function));
      send_assignments(self, {entry.id});
      if (order.pause == 1)
        cancel_runs(self, {entry.id}, "the variant was paused");
      if (result.wanted)
        wake_variants(self, {entry.id}, true);
      return;
    case order_outcome::not_found:
      // What the store does not know is gone: somebody else has removed it.
      if (auto* row = my.variants.find(variant_key{entry.key}); row != nullptr && order.id.empty())
        removed(self, std::string{row->entry.id});
      return;
    default: return;
  }
}

template <class Answer, class Render>
caf::result<Answer> carry_out(self_ptr self, const variant_batch& batch, Render render) {
  auto& my = self->state;
  auto take = [self, batch, render](const batch_result& result) -> expected<Answer> {
    if (result.applied)
      for (size_t i = 0; i < batch.orders.size(); ++i)
        take_in(self, batch.orders[i], result.results[i], batch.due);
    return render(result);
  };
  return write<Answer, batch_result>(self, take, atom::change_v, batch, my.config.named_max,
                                     static_cast<uint64_t>(my.config.undelete_for.count()));
}

} // namespace

caf::result<variant_entry> add(self_ptr self, const variant_key& key, const std::string& id,
                               bool paused, const timing& of_function) {
  auto& my = self->state;
  auto take = [self, of_function](const variant_entry& entry) {
    insert(self, entry, of_function);
    return entry;
  };
  return write<variant_entry, variant_entry>(self, take, atom::add_v, key, id, paused,
                                             my.config.named_max);
}

caf::result<atom::ok> remove(self_ptr self, const variant_key& key) {
  variant_order order;
  order.verb = order_verb::remove;
  order.name = key.name;
  auto render = [](const batch_result& result) -> expected<atom::ok> {
    if (result.results.front().outcome != order_outcome::removed)
      return fail(errc::not_found, "the variant does not exist");
    return atom::ok_v;
  };
  return carry_out<atom::ok>(self, {key.sync, {order}, false, {}}, render);
}

caf::result<atom::ok> set_limit(self_ptr self, const limit_change& what) {
  auto& my = self->state;
  if (auto why = check_lead(self))
    return why;
  auto promise = self->make_response_promise<atom::ok>();
  self->request(my.peers.store, patience, atom::limit_v, *my.epoch, what, my.config.named_max)
    .then([promise](atom::ok) mutable { promise.deliver(atom::ok_v); },
          [self, promise](caf::error& why) mutable {
            mind_fence(self, why);
            promise.deliver(std::move(why));
          });
  return promise;
}

caf::result<batch_result> change(self_ptr self, const variant_batch& batch) {
  return carry_out<batch_result>(self, batch, [](const batch_result& result) { return result; });
}

caf::result<atom::ok> set_paused(self_ptr self, const std::vector<variant_key>& keys, bool paused,
                                 const std::string& reason) {
  auto take = [self, paused, reason](const std::vector<variant_entry>& entries) {
    auto ids = take_in(self, entries);
    send_assignments(self, ids);
    if (paused)
      cancel_runs(self, ids, reason.empty() ? "the variant was paused" : reason);
    return atom::ok_v;
  };
  return write<atom::ok, std::vector<variant_entry>>(self, take, atom::pause_v, keys, paused,
                                                     reason);
}

// Where a variant is under way to another worker, its run was cut short or ends there anyway.
caf::result<atom::ok> cancel(self_ptr self, const std::vector<variant_key>& keys,
                             const std::string& reason) {
  auto& my = self->state;
  if (auto why = check_lead(self))
    return why;
  std::map<std::string, std::vector<std::string>> by_worker;
  for (auto& key : keys) {
    auto* row = my.variants.find(key);
    if (row == nullptr)
      return fail(errc::not_found, to_string(key));
    if (my.homeless.count(row->entry.id) == 0 && my.workers.count(row->placement.worker) > 0)
      by_worker[row->placement.worker].push_back(row->entry.id);
  }
  auto all = std::make_shared<last_step>(self, by_worker.size());
  for (auto& [worker, ids] : by_worker)
    self->request(my.workers.at(worker).node, patience, atom::cancel_v, ids, reason)
      .then([all](atom::ok) { all->done(); },
            [all](caf::error& why) { all->done(std::move(why)); });
  return all->answer();
}

caf::result<atom::ok> trigger(self_ptr self, const std::vector<variant_key>& keys,
                              trigger_options options) {
  auto take = [self, options](const std::vector<variant_entry>& entries) {
    wake_variants(self, take_in(self, entries), options.reset);
    return atom::ok_v;
  };
  return write<atom::ok, std::vector<variant_entry>>(self, take, atom::trigger_v, keys, options);
}

caf::result<atom::ok> wake(self_ptr self, const std::vector<variant_key>& keys) {
  if (auto why = check_lead(self))
    return why;
  std::vector<std::string> ids;
  for (auto& key : keys)
    if (auto* row = self->state.variants.find(key))
      ids.push_back(row->entry.id);
  wake_variants(self, ids, false);
  return atom::ok_v;
}

caf::result<atom::ok> set_frequency(self_ptr self, const variant_key& key, const std::string& text,
                                    const timing& of_function) {
  auto take = [self, of_function](const variant_entry& entry) {
    self->state.variants.update(entry, in_effect(entry, of_function));
    send_assignments(self, {entry.id});
    return atom::ok_v;
  };
  return write<atom::ok, variant_entry>(self, take, atom::frequency_v, key, text);
}

caf::result<atom::ok> set_schedule(self_ptr self, const variant_key& key, const std::string& text,
                                   bool replaces_frequency, const timing& of_function) {
  auto take = [self, of_function](const variant_entry& entry) {
    self->state.variants.update(entry, in_effect(entry, of_function));
    send_assignments(self, {entry.id});
    return atom::ok_v;
  };
  return write<atom::ok, variant_entry>(self, take, atom::schedule_v, key, text,
                                        replaces_frequency);
}

caf::result<atom::ok> ensure(self_ptr self, const std::vector<sync_wish>& wishes) {
  auto& my = self->state;
  if (auto why = check_lead(self))
    return why;
  std::vector<std::string> changed;
  std::vector<sync_wish> missing;
  std::vector<variant_key> asleep; // Created paused, and nobody has touched them since.
  for (auto& wish : wishes) {
    if (my.variants.find(variant_key{wish.sync, base_variant}) == nullptr)
      missing.push_back(wish);
    for (auto& id : my.variants.ids_of(wish.sync)) {
      auto* row = my.variants.find(id);
      if (!wish.paused && row->entry.paused && row->entry.pause_reason == not_started)
        asleep.push_back(row->entry.key);
      auto due = in_effect(row->entry, wish.due);
      if (row->due == due)
        continue;
      my.variants.set_due(id, std::move(due));
      changed.push_back(id);
    }
  }
  send_assignments(self, changed);
  auto all = std::make_shared<last_step>(self, missing.size() + (asleep.empty() ? 0 : 1));
  if (!asleep.empty())
    start_asleep(self, asleep, [all](caf::error why) { all->done(std::move(why)); });
  for (auto& wish : missing)
    self
      ->request(my.peers.store, patience, atom::add_v, *my.epoch,
                variant_key{wish.sync, base_variant}, make_uuid(), wish.paused, my.config.named_max)
      .then(
        [self, all, due = wish.due, epoch = *my.epoch](const variant_entry& entry) {
          auto late = check_epoch(self, epoch);
          if (!late)
            insert(self, entry, due);
          all->done(std::move(late));
        },
        [self, all](caf::error& why) {
          mind_fence(self, why);
          mind_doubt(self, why);
          all->done(code_of(why) == errc::exists ? caf::error{} : std::move(why));
        });
  return all->answer();
}

caf::result<atom::ok> forget(self_ptr self, const std::vector<sync_id>& syncs) {
  auto& my = self->state;
  if (auto why = check_lead(self))
    return why;
  std::vector<variant_key> keys;
  for (auto& sync : syncs)
    for (auto& id : my.variants.ids_of(sync))
      keys.push_back(my.variants.find(id)->entry.key);
  auto all = std::make_shared<last_step>(self, keys.size());
  for (auto& key : keys)
    self->request(my.peers.store, patience, atom::remove_v, *my.epoch, key)
      .then(
        [self, all, epoch = *my.epoch](const variant_entry& entry) {
          auto late = check_epoch(self, epoch);
          if (!late)
            removed(self, entry.id);
          all->done(std::move(late));
        },
        [self, all](caf::error& why) {
          mind_fence(self, why);
          mind_doubt(self, why);
          all->done(code_of(why) == errc::not_found ? caf::error{} : std::move(why));
        });
  return all->answer();
}

} // namespace varia::coordinating
