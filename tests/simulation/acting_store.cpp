#include "tests/simulation/acting_store.hpp"

#include "tests/simulation/late_answer.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace varia::test {

namespace {

using line_ptr = std::shared_ptr<redis_line>;

// Answers with what the model says, when it says it.
template <class Answer, class Self, class Ask>
caf::result<Answer> ask(Self* self, const line_ptr& line, Ask ask) {
  late_answer<Answer> answer{self};
  line->call<Answer>(std::move(ask), [answer](const expected<Answer>& x) { answer.give(x); });
  return answer.to_come();
}

expected<atom::ok> without_answer(const expected<void>& done) {
  if (!done)
    return done.error();
  return atom::ok_v;
}

expected<atom::ok> promote(store_model& db, const std::string& from, const std::string& name,
                           milliseconds ttl) {
  for (auto& lease : db.coordinators())
    if (lease.holder == name || lease.holder.rfind(name + '/', 0) == 0)
      return without_answer(db.pass_lead(from, lease.holder, ttl));
  return fail(errc::not_found, "no coordinator named " + name + " is alive");
}

template <class Change>
expected<std::vector<variant_entry>> change_all(const std::vector<variant_key>& keys,
                                                Change change) {
  std::vector<variant_entry> entries;
  for (auto& key : keys) {
    expected<variant_entry> entry = change(key);
    if (!entry)
      return std::move(entry.error());
    entries.push_back(std::move(*entry));
  }
  return entries;
}

expected<std::vector<variant_row>> rows_of(store_model& db, uint64_t epoch, due_teller due) {
  auto all = db.claim_all(epoch);
  if (!all)
    return std::move(all.error());
  std::vector<variant_row> rows;
  for (auto& [entry, placement, wanted] : *all)
    rows.push_back({entry, placement, due(entry.key), wanted});
  return rows;
}

std::vector<variant_past> pasts_of(const store_model& db, const std::vector<assignment>& all) {
  std::vector<variant_ref> refs;
  for (auto& what : all)
    refs.push_back(ref_of(what));
  std::vector<variant_past> pasts;
  for (auto& state : db.states(refs))
    pasts.push_back(
      {state.last_slot.value_or(-1), is_open(state), state.wanted, failing_of(state)});
  return pasts;
}

store_actor::behavior_type acting_store(store_actor::pointer self, const line_ptr& line,
                                        due_teller due) {
  using db = store_model&;
  using keys = std::vector<variant_key>;
  using entries = std::vector<variant_entry>;
  using ok = atom::ok;
  return {
    [=](atom::lead, const candidate& who) {
      return ask<leadership>(self, line, [=](db x) { return x.take_lead(who); });
    },
    [=](atom::promote, const std::string& from, const std::string& name, uint64_t ttl) {
      return ask<ok>(self, line, [=](db x) {
        return promote(x, from, name, milliseconds{static_cast<int64_t>(ttl)});
      });
    },
    [=](atom::resign, const std::string& holder) {
      return ask<ok>(self, line, [=](db x) { return without_answer(x.give_up_lead(holder)); });
    },
    [=](atom::load, uint64_t epoch) {
      return ask<std::vector<variant_row>>(self, line,
                                           [=](db x) { return rows_of(x, epoch, due); });
    },
    [=](atom::workers) {
      return ask<std::vector<worker_lease>>(self, line, [](db x) { return x.workers(); });
    },
    [=](atom::cordon, uint64_t epoch, const std::string& worker, worker_duty duty) {
      return ask<ok>(self, line,
                     [=](db x) { return without_answer(x.set_duty(epoch, worker, duty)); });
    },
    [=](atom::add, uint64_t epoch, const variant_key& key, const std::string& id, bool paused,
        uint32_t named_max) {
      return ask<variant_entry>(self, line,
                                [=](db x) { return x.add(epoch, key, paused, named_max, id); });
    },
    [=](atom::remove, uint64_t epoch, const variant_key& key) {
      return ask<variant_entry>(self, line, [=](db x) { return x.remove(epoch, key); });
    },
    [=](atom::change, uint64_t epoch, const variant_batch& batch, uint32_t named_max,
        uint64_t keep) {
      return ask<batch_result>(self, line, [=](db x) {
        return x.apply(epoch, batch, named_max, milliseconds{static_cast<int64_t>(keep)});
      });
    },
    [](atom::limit, uint64_t, const limit_change&, uint32_t) -> expected<atom::ok> {
      return fail(errc::invalid, "this store has one limit for all");
    },
    [=](atom::pause, uint64_t epoch, const keys& which, bool paused, const std::string& why) {
      return ask<entries>(self, line, [=](db x) {
        return change_all(which, [&](auto& key) { return x.set_paused(epoch, key, paused, why); });
      });
    },
    [=](atom::frequency, uint64_t epoch, const variant_key& key, const std::string& text) {
      return ask<variant_entry>(self, line,
                                [=](db x) { return x.set_frequency(epoch, key, text); });
    },
    [=](atom::schedule, uint64_t epoch, const variant_key& key, const std::string& text,
        bool replaces_frequency) {
      return ask<variant_entry>(
        self, line, [=](db x) { return x.set_schedule(epoch, key, text, replaces_frequency); });
    },
    [=](atom::trigger, uint64_t epoch, const keys& which, const trigger_options& options) {
      return ask<entries>(self, line, [=](db x) {
        return change_all(which, [&](auto& key) { return x.want_run(epoch, key, options); });
      });
    },
    [=](atom::place, uint64_t epoch, const std::string& worker,
        const std::vector<assignment>& wanted) {
      return ask<std::vector<assignment>>(self, line,
                                          [=](db x) { return x.place(epoch, worker, wanted); });
    },
  };
}

node_store_actor::behavior_type acting_node_store(node_store_actor::pointer self,
                                                  const line_ptr& line, const std::string& worker,
                                                  const std::string& boot) {
  using db = store_model&;
  return {
    [=](atom::renew, uint64_t ttl) {
      return ask<leadership>(self, line, [=](db x) {
        return x.renew_worker(worker, boot, worker, milliseconds{static_cast<int64_t>(ttl)});
      });
    },
    [=](atom::resign) {
      return ask<atom::ok>(self, line,
                           [=](db x) { return without_answer(x.give_up_worker(worker, boot)); });
    },
    [=](atom::load, const std::vector<assignment>& all) {
      return ask<std::vector<variant_past>>(self, line, [=](db x) { return pasts_of(x, all); });
    },
    [=](atom::note, const assignment& variant, const tick_note& x) {
      line->call<atom::ok>(
        [=](db store) {
          return without_answer(store.note(ref_of(variant), variant.owner, x.what));
        },
        [](const expected<atom::ok>&) {});
    },
  };
}

} // namespace

store_actor spawn_acting_store(world& all, redis_room& room, process_id who, due_teller due) {
  return all.system().spawn(acting_store, std::make_shared<redis_line>(room, who), due);
}

node_store_actor spawn_acting_node_store(world& all, redis_room& room, process_id who,
                                         const std::string& worker, const std::string& boot) {
  return all.system().spawn(acting_node_store, std::make_shared<redis_line>(room, who), worker,
                            boot);
}

} // namespace varia::test
