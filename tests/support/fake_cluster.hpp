#pragma once

#include "actors/interfaces.hpp"
#include "core/error.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

// The neighbours of a COORDINATOR, in memory: a STORE, a RETENTION and NODEs.
namespace varia::test {

// The registry in memory. The lead can be given to somebody else, and workers' leases can end.
struct fake_db {
  uint64_t epoch = 1;
  bool taken = false;
  bool down = false;
  std::vector<variant_row> rows;
  std::vector<std::string> alive;
  std::map<std::string, worker_duty> duties;
  std::string holder = "c1"; ///< Who leads; `taken` says that it is somebody else.
  std::string server = "redis-1";

  variant_row* find(const variant_key& key) {
    for (auto& row : rows)
      if (row.entry.key == key)
        return &row;
    return nullptr;
  }

  uint32_t named(const sync_id& sync) const {
    uint32_t result = 0;
    for (auto& row : rows)
      result += row.entry.key.sync == sync && row.entry.key.name != base_variant ? 1 : 0;
    return result;
  }
};

using db_ptr = std::shared_ptr<fake_db>;

template <class T>
expected<T> guarded(const db_ptr& db, uint64_t epoch, std::function<expected<T>()> write) {
  if (db->down)
    return fail(errc::unavailable, "no Redis");
  if (epoch < db->epoch)
    return fail(errc::fenced, "a newer leader");
  return write();
}

inline expected<variant_entry> add(const db_ptr& db, uint64_t epoch, const variant_key& key,
                                   const std::string& id, bool paused, uint32_t named_max) {
  return guarded<variant_entry>(db, epoch, [&]() -> expected<variant_entry> {
    if (auto* known = db->find(key); known != nullptr && known->entry.id == id)
      return known->entry;
    if (key.name != base_variant && db->named(key.sync) >= named_max)
      return fail(errc::full, std::to_string(named_max));
    if (db->find(key) != nullptr)
      return fail(errc::exists, key.name);
    variant_row row;
    row.entry.key = key;
    row.entry.id = id;
    row.entry.paused = paused;
    db->rows.push_back(row);
    return row.entry;
  });
}

inline expected<variant_entry> remove(const db_ptr& db, uint64_t epoch, const variant_key& key) {
  return guarded<variant_entry>(db, epoch, [&]() -> expected<variant_entry> {
    auto* row = db->find(key);
    if (row == nullptr)
      return fail(errc::not_found, key.name);
    auto entry = row->entry;
    db->rows.erase(db->rows.begin() + (row - db->rows.data()));
    return entry;
  });
}

inline expected<std::vector<variant_entry>> change(const db_ptr& db, uint64_t epoch,
                                                   const std::vector<variant_key>& keys,
                                                   const std::function<void(variant_entry&)>& how) {
  return guarded<std::vector<variant_entry>>(db, epoch,
                                             [&]() -> expected<std::vector<variant_entry>> {
                                               std::vector<variant_entry> result;
                                               for (auto& key : keys) {
                                                 auto* row = db->find(key);
                                                 if (row == nullptr)
                                                   return fail(errc::not_found, key.name);
                                                 how(row->entry);
                                                 result.push_back(row->entry);
                                               }
                                               return result;
                                             });
}

// One order, as far as the COORDINATOR can tell: no settings, and what is removed is gone.
inline order_result carry_out(const db_ptr& db, const sync_id& sync, const variant_order& order,
                              uint32_t named_max) {
  variant_key key{sync, order.name};
  auto refused = [&](order_outcome why) {
    order_result result;
    result.outcome = why;
    result.entry.key = key;
    return result;
  };
  auto* row = db->find(key);
  if (order.verb == order_verb::remove && row != nullptr) {
    auto entry = row->entry;
    db->rows.erase(db->rows.begin() + (row - db->rows.data()));
    return {order_outcome::removed, entry, false};
  }
  if (row != nullptr && row->entry.id == order.id)
    return {order_outcome::created, row->entry, false};
  if (order.verb == order_verb::create && db->named(sync) >= named_max)
    return refused(order_outcome::full);
  if (order.verb == order_verb::create && row == nullptr) {
    variant_row added;
    added.entry.key = key;
    added.entry.id = order.id;
    added.entry.paused = order.pause == 1;
    added.entry.frequency = order.frequency;
    db->rows.push_back(added);
    return {order_outcome::created, added.entry, false};
  }
  if (row == nullptr)
    return refused(order_outcome::not_found);
  if (order.verb == order_verb::create)
    return refused(order_outcome::exists);
  if (order.pause >= 0)
    row->entry.paused = order.pause == 1;
  if (order.sets_frequency)
    row->entry.frequency = order.frequency;
  return {order_outcome::changed, row->entry, order.resets};
}

inline expected<batch_result> carry_out(const db_ptr& db, uint64_t epoch,
                                        const variant_batch& batch, uint32_t named_max) {
  return guarded<batch_result>(db, epoch, [&]() -> expected<batch_result> {
    batch_result result;
    result.limit = named_max;
    for (auto& order : batch.orders)
      result.results.push_back(carry_out(db, batch.sync, order, named_max));
    return result;
  });
}

inline expected<std::vector<worker_lease>> live_workers(const db_ptr& db) {
  if (db->down)
    return fail(errc::unavailable, "no Redis");
  std::vector<worker_lease> result;
  for (auto& name : db->alive)
    result.push_back({name, name, 0, db->duties[name]});
  return result;
}

inline store_actor::behavior_type fake_store(db_ptr db) {
  using keys = std::vector<variant_key>;
  return {
    [db](atom::lead, const candidate&) -> expected<leadership> {
      if (db->down)
        return fail(errc::unavailable, "no Redis");
      return leadership{db->taken ? "c2" : db->holder, db->epoch, "c:1", 1000, db->server};
    },
    [db](atom::promote, const std::string&, const std::string& to, uint64_t) -> expected<atom::ok> {
      if (to != "c2")
        return fail(errc::not_found, to);
      db->taken = true;
      ++db->epoch;
      return atom::ok_v;
    },
    [](atom::resign, const std::string&) { return atom::ok_v; },
    [db](atom::load, uint64_t) { return db->rows; },
    [db](atom::workers) { return live_workers(db); },
    [db](atom::cordon, uint64_t, const std::string& worker, worker_duty duty) {
      db->duties[worker] = duty;
      return atom::ok_v;
    },
    [db](atom::add, uint64_t epoch, const variant_key& key, const std::string& id, bool paused,
         uint32_t named_max) { return add(db, epoch, key, id, paused, named_max); },
    [db](atom::remove, uint64_t epoch, const variant_key& key) { return remove(db, epoch, key); },
    [db](atom::change, uint64_t epoch, const variant_batch& batch, uint32_t named_max, uint64_t) {
      return carry_out(db, epoch, batch, named_max);
    },
    [](atom::limit, uint64_t, const limit_change&, uint32_t) { return atom::ok_v; },
    [db](atom::pause, uint64_t epoch, const keys& which, bool paused, const std::string& why) {
      return change(db, epoch, which, [&](variant_entry& x) {
        x.paused = paused;
        x.pause_reason = why;
      });
    },
    [db](atom::frequency, uint64_t epoch, const variant_key& key, const std::string& text) {
      auto done = change(db, epoch, {key}, [&](variant_entry& x) { x.frequency = text; });
      return done ? expected<variant_entry>{done->front()} : expected<variant_entry>{done.error()};
    },
    [db](atom::schedule, uint64_t epoch, const variant_key& key, const std::string& text, bool) {
      auto done = change(db, epoch, {key}, [&](variant_entry& x) { x.schedule = text; });
      return done ? expected<variant_entry>{done->front()} : expected<variant_entry>{done.error()};
    },
    [db](atom::trigger, uint64_t epoch, const keys& which, const trigger_options&) {
      return change(db, epoch, which, [](variant_entry&) {});
    },
    [db](atom::place, uint64_t epoch, const std::string& worker,
         const std::vector<assignment>& wanted) {
      return guarded<std::vector<assignment>>(
        db, epoch, [&]() -> expected<std::vector<assignment>> {
          std::vector<assignment> placed;
          for (auto& what : wanted)
            if (auto* row = db->find(what.key); row != nullptr && row->entry.id == what.id) {
              row->placement = {what.owner, worker};
              placed.push_back(what);
            }
          return placed;
        });
    },
  };
}

using text_ptr = std::shared_ptr<std::string>;

// Notes what it is told.
inline retention_actor::behavior_type fake_retention(text_ptr notes) {
  return {
    [notes](atom::start) { *notes += "start "; },
    [notes](atom::cancel) { *notes += "cancel "; },
  };
}

// What a worker was told.
struct worker_log {
  std::map<std::string, assignment> hosted;
  std::vector<std::string> woken;
  bool restarted = false;
  bool deaf = false;
  std::vector<std::string> cancelled;
  std::set<std::string> busy;      ///< Ids that run, and let go only if they are given time.
  std::vector<uint64_t> deadlines; ///< That they were given.
};

using log_ptr = std::shared_ptr<worker_log>;

inline node_actor::behavior_type fake_node(log_ptr log) {
  using texts = std::vector<std::string>;
  return {
    [log](atom::put, const std::vector<assignment>& variants) -> expected<atom::ok> {
      if (log->deaf)
        return fail(errc::unavailable, "deaf");
      for (auto& what : variants)
        log->hosted[what.id] = what;
      return atom::ok_v;
    },
    [log](atom::leave, uint64_t, const hosted_list& which) {
      for (auto& [id, owner] : which)
        if (auto found = log->hosted.find(id);
            found != log->hosted.end() && found->second.owner == owner)
          log->hosted.erase(found);
      return atom::ok_v;
    },
    [log](atom::cancel, const texts& ids, const std::string&) {
      log->cancelled = ids;
      return atom::ok_v;
    },
    [log](atom::wake, const texts& ids, bool restart) {
      log->woken.insert(log->woken.end(), ids.begin(), ids.end());
      log->restarted = restart;
      return atom::ok_v;
    },
    [log](atom::yield, uint64_t, const texts& ids, uint64_t deadline) {
      texts released;
      for (auto& id : ids)
        if (deadline > 0 || log->busy.count(id) == 0) {
          log->hosted.erase(id);
          released.push_back(id);
        }
      log->deadlines.push_back(deadline);
      return released;
    },
  };
}

} // namespace varia::test
