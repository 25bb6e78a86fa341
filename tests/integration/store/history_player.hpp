#pragma once

#include "store/checkpoints.hpp"
#include "tests/integration/store/store_checker.hpp"

namespace varia::test {

/// Does histories to a store and to a model at once.
class history_player {
public:
  explicit history_player(redis& db) : db_{db} {
    for (auto& ref : refs_)
      ref = {sync_, make_uuid()};
  }

  /// Does one step and compares the answers. Throws `mismatch`; and `lost_connection`, after which
  /// `recover` must be called.
  void play(const operation& what) {
    in_flight_.reset();
    answer_.reset();
    started_ = now_ms();
    in_flight_ = resolve(what);
    answer_ = ask(*in_flight_);
    compare("answer to " + describe(what), *answer_, learn_and_apply());
  }

  /// Compares everything else.
  void check_all(unsigned seed) { store_checker{db_, model_, refs_}.check_all(seed); }

  /// Compares what the step should have changed.
  void check_after(const operation& what) { store_checker{db_, model_, refs_}.check_after(what); }

  /// Goes on after the connection was lost during a step. If that was answered, the store must have
  /// done it; else it must have done all of it or nothing. A batch is sent again even so.
  void recover(const operation& what) {
    if (!in_flight_ || (!answer_ && is_as_before(what.seed))) {
      play(what);
      return;
    }
    auto wanted = learn_and_apply();
    compare("answer to " + describe(what), answer_.value_or(wanted), wanted);
    check_all(what.seed);
    if (in_flight_->batch > 0 && is_batch(what.what))
      compare("repeated answer to " + describe(what), ask(*in_flight_), wanted);
  }

  const record_model& model() const { return model_; }

  const std::array<variant_ref, 2>& refs() const { return refs_; }

private:
  static void compare(const std::string& what, const std::string& found,
                      const std::string& wanted) {
    if (found != wanted)
      throw mismatch{what + "\n  is        " + found + "\n  should be " + wanted};
  }

  static bool is_batch(step x) {
    return x == step::save || x == step::update || x == step::remove || x == step::sweep;
  }

  bool is_as_before(unsigned seed) {
    try {
      check_all(seed);
      return true;
    } catch (const mismatch&) {
      return false;
    }
  }

  // Says what a step means now. What it has to read for that is compared too.
  request resolve(const operation& what) {
    request x;
    x.what = what;
    x.model = model_names.at(what.model);
    x.ref = refs_.at(what.variant);
    auto& it = model_.variants.at(what.variant);
    if (what.what == step::own)
      owners_.at(what.variant) = {1, ++nonce_};
    x.owner = owners_.at(what.variant);
    auto& tickets = tickets_.at(what.variant);
    x.ticket = what.stale < tickets.size() ? tickets.at(tickets.size() - 1 - what.stale)
                                           : run_ticket{x.ref, {1, 1}, 1};
    auto number = static_cast<int64_t>(it ? it->batch : 0) + what.batch;
    x.batch = static_cast<uint64_t>(std::max<int64_t>(number, 0));
    auto version = static_cast<int64_t>(it ? it->version : 0) + what.version;
    x.version = static_cast<uint64_t>(std::max<int64_t>(version, 0));
    if (what.place && !model_.places.empty())
      x.place = model_.places.at(*what.place * 7919 % model_.places.size());
    else if (what.what == step::prune)
      x.place = model_.last_place;
    if (what.what == step::update)
      merge(x);
    if (what.what == step::sweep)
      find_unseen(x);
    return x;
  }

  void merge(request& x) {
    auto merged = answered(records{db_}.merge(x.ref, x.model, x.what.records));
    auto wanted = model_.merge(x.what.variant, x.model, x.what.records);
    auto text = [](const std::vector<merged_record>& all) {
      std::string result;
      for (auto& m : all)
        result += readable(m.id) + ' ' + m.payload + " at " + std::to_string(m.place) + ", ";
      return result;
    };
    compare("merging of " + describe(x.what), text(merged.records), text(wanted));
    compare("merged", std::to_string(merged.taken), std::to_string(x.what.records.size()));
    x.merged = std::move(merged.records);
    if (x.what.version != 0) // Stands for a change that came between, here and there.
      for (auto& m : x.merged)
        m.place -= m.place % 2;
  }

  void find_unseen(request& x) {
    auto& it = model_.variants.at(x.what.variant);
    x.since = x.ticket.run;
    if (it && it->tracked.count(x.model) > 0)
      x.since = it->tracked[x.model];
    x.unseen = answered(deletions{db_}.find_unseen(x.ref, x.model, x.since)).ids;
    if (x.unseen != model_.unseen(x.what.variant, x.model, x.since))
      throw mismatch{"something else is unseen before " + describe(x.what)};
    x.unseen.insert(x.unseen.end(), {"1", "2", "unknown", "1"}); // May well have been seen.
  }

  std::string learn_and_apply() {
    auto& x = *in_flight_;
    learned facts;
    facts.when = {started_, now_ms()};
    auto place = keys::place(sync_);
    facts.last_place = static_cast<record_place>(number_of(*answered(db_.run({"GET", place}))));
    auto i = x.what.variant;
    if (x.what.what == step::add)
      for (auto& entry : answered(variants{db_}.list(sync_)))
        if (entry.key.name == variant_names.at(i))
          refs_.at(i).id = facts.id = entry.id;
    if (x.what.what == step::begin)
      facts.started_at = answered(runs{db_}.states({refs_.at(i)})).front().started_at;
    auto runs_before = model_.variants.at(i) ? model_.variants.at(i)->run : 0;
    auto answer = model_.apply(x, facts);
    auto& it = model_.variants.at(i);
    if (it && it->run > runs_before)
      tickets_.at(i).push_back({refs_.at(i), it->owner, it->run});
    return answer;
  }

  template <class T, class Render>
  static std::string render(expected<T> x, Render render) {
    if (!x && code_of(x.error()) == errc::unavailable)
      throw lost_connection{describe(x.error())};
    return x ? render(*x) : std::string{to_string(code_of(x.error()))};
  }

  template <class T>
  static std::string done(expected<T> x) {
    return render(std::move(x), [](auto&) { return std::string{"done"}; });
  }

  static std::string done(const expected<void>& x) {
    return x ? "done" : done(expected<bool>{x.error()});
  }

  std::string ask(const request& x) {
    variants registry{db_};
    variant_key key{sync_, variant_names.at(x.what.variant)};
    switch (x.what.what) {
      case step::add: return done(registry.add(1, key, false, 100));
      case step::drop: return done(registry.remove(1, key));
      case step::own:
        return render(registry.place(1, "worker", {{key, x.ref.id, x.owner, false, 0, {}}}),
                      [](auto& placed) { return placed.empty() ? "gone" : "done"; });
      case step::want:
        return done(registry.want_run(1, key, {x.what.level >= 2, x.what.level >= 3}));
      case step::begin: return begin(x);
      case step::save:
      case step::update:
      case step::remove:
      case step::sweep: return commit(x);
      case step::prune:
      case step::purge: return retain(x);
      case step::lead_clock: return lead_clock(x);
      default: return with_ticket(x);
    }
  }

  std::string begin(const request& x) {
    return render(runs{db_}.begin(x.ref, x.owner, {x.what.time}), [](auto& start) {
      return "run " + std::to_string(start.ticket.run) + (start.empty_cache ? ", emptied" : "")
             + ", last " + std::to_string(start.last_sync.value_or(0));
    });
  }

  std::string commit(const request& x) {
    records cache{db_};
    auto text = [](auto& result) { return text_of(result); };
    write_rules rules{x.what.marks, x.place};
    switch (x.what.what) {
      case step::save:
        return render(cache.save(x.ticket, x.batch, x.model, x.what.records, rules,
                                 {x.what.checkpoint, x.version}),
                      text);
      case step::update:
        return render(cache.update(x.ticket, x.batch, x.model, x.merged, rules), text);
      case step::remove: {
        std::vector<removed_record> all;
        for (auto& record : x.what.records)
          all.push_back({record.id, record.payload, x.what.time});
        return render(cache.remove(x.ticket, x.batch, x.model, all), text);
      }
      default:
        return render(cache.remove_unseen(x.ticket, x.batch, x.model, x.since, x.unseen), text);
    }
  }

  std::string retain(const request& x) {
    retention all{db_};
    if (x.what.what == step::purge)
      return render(all.purge(x.ref, x.what.level > 0 ? now_ms() + 3600000 : 1000),
                    [](auto live) { return std::to_string(live) + " purged"; });
    auto limit = static_cast<size_t>(x.what.level);
    return render(all.prune(x.ref, x.model, *x.place, limit), [](auto& result) {
      return std::to_string(result.pruned) + " pruned" + (result.has_more ? ", more to do" : "");
    });
  }

  std::string with_ticket(const request& x) {
    auto version = [](uint64_t now) { return "version " + std::to_string(now); };
    checkpoints all{db_};
    switch (x.what.what) {
      case step::end: return done(runs{db_}.end(x.ticket, {x.what.outcome, report_of(x.what)}));
      case step::track: return done(deletions{db_}.start(x.ticket, x.model));
      case step::untrack: return done(deletions{db_}.end(x.ticket, x.model));
      case step::keep_checkpoint:
        return render(all.save(x.ticket, x.what.checkpoint, x.version), version);
      case step::clear_checkpoint: return render(all.clear(x.ticket, x.version), version);
      default:
        return render(all.load(x.ticket), [](auto& found) {
          return found.json.value_or("none") + " of version " + std::to_string(found.version);
        });
    }
  }

  // A clock that was set back leaves places behind that lie in the future.
  std::string lead_clock(const request& x) {
    auto ahead = first_place_at(now_ms() + milliseconds{x.what.level * 1000}.count());
    auto place = keys::place(sync_);
    auto text = std::to_string(std::max(model_.last_place, ahead));
    answered(db_.run({"SET", place, text}));
    return "done";
  }

  redis& db_;
  sync_id sync_{14, "orders"};
  record_model model_;
  std::array<variant_ref, 2> refs_;
  std::array<token, 2> owners_{{{1, 1}, {1, 1}}}; // Nobody's, before the first is named.
  std::array<std::vector<run_ticket>, 2> tickets_;
  uint64_t nonce_ = 100;
  time_ms started_ = 0;
  std::optional<request> in_flight_;
  std::optional<std::string> answer_; // To that, if it came.
};

} // namespace varia::test
