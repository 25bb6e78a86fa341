#pragma once

#include "tests/integration/store/model_batch.hpp"

namespace varia::test {

/// What is learned from the store after a step, because no model can know it beforehand.
struct learned {
  moment when;
  record_place last_place = 0;
  std::string id;         ///< Of a variant that was added.
  time_ms started_at = 0; ///< Of a run that began.
};

/// What the store should be: the same operations, done the simplest way. Answers are texts.
class record_model {
public:
  /// Does a step and returns the answer that the store should give.
  std::string apply(const request& x, const learned& facts) {
    auto answer = answer_of(x, facts);
    if (last_place != facts.last_place)
      throw mismatch{"the last place is " + std::to_string(facts.last_place) + " instead of "
                     + std::to_string(last_place)};
    return answer;
  }

  /// Returns what merging should make of some patches.
  std::vector<merged_record> merge(size_t variant, const std::string& model,
                                   const std::vector<saved_record>& patches) const {
    std::vector<merged_record> result;
    auto* cache = find_cache(variant, model);
    for (auto& patch : patches) {
      auto known = cache == nullptr ? nullptr : find(*cache, patch.id);
      if (known == nullptr || !known->lives())
        continue;
      auto text = known->payload.empty() ? std::string{"{}"} : known->payload;
      auto merged = ordered::parse(text);
      merge_into(merged, ordered::parse(patch.payload));
      result.push_back({patch.id, merged.dump(), known->place});
    }
    return result;
  }

  /// Returns the ids that no run since that one has seen, in order of places.
  std::vector<std::string> unseen(size_t variant, const std::string& model, uint64_t since) const {
    std::map<record_place, std::string> result;
    if (auto* cache = find_cache(variant, model))
      for (auto& [id, record] : cache->records)
        if (record.lives() && record.seen_by < since)
          result.emplace(record.place, id);
    std::vector<std::string> ids;
    ids.reserve(result.size());
    for (auto& x : result)
      ids.push_back(x.second);
    return ids;
  }

  const model_cache* find_cache(size_t variant, const std::string& model) const {
    auto& it = variants.at(variant);
    auto known = it ? it->caches.find(model) : decltype(it->caches.find(model)){};
    return it && known != it->caches.end() ? &known->second : nullptr;
  }

  std::array<std::optional<model_variant>, 2> variants;
  record_place last_place = 0;
  std::vector<record_place> places; ///< All that records have ever had.

private:
  using ordered = nlohmann::ordered_json;

  // NOLINTNEXTLINE(misc-no-recursion)
  static void merge_into(ordered& to, const ordered& patch) {
    for (auto& field : patch.items())
      if (to.contains(field.key()) && to[field.key()].is_object() && field.value().is_object())
        merge_into(to[field.key()], field.value());
      else
        to[field.key()] = field.value();
  }

  static const model_record* find(const model_cache& cache, const std::string& id) {
    auto known = cache.records.find(id);
    return known == cache.records.end() ? nullptr : &known->second;
  }

  std::string answer_of(const request& x, const learned& facts) {
    switch (x.what.what) {
      case step::add:
      case step::drop:
      case step::own:
      case step::want: return as_leader(x, facts);
      case step::begin: return begin(x, facts);
      case step::save:
      case step::update:
      case step::remove:
      case step::sweep: return commit(x, facts);
      case step::prune: return prune(x, facts);
      case step::purge: return purge(x);
      case step::lead_clock: last_place = facts.last_place; return "done";
      default: return with_ticket(x);
    }
  }

  // What leaders do.
  std::string as_leader(const request& x, const learned& facts) {
    auto& it = variants.at(x.what.variant);
    if (x.what.what == step::add) {
      if (it)
        return "exists";
      it.emplace(facts.id);
      return "done";
    }
    if (!it)
      return x.what.what == step::own ? "gone" : "not_found";
    if (x.what.what == step::drop)
      it.reset();
    else if (x.what.what == step::own)
      it->place(x.owner, "worker");
    else
      it->want(x.what.level);
    return "done";
  }

  std::string begin(const request& x, const learned& facts) {
    auto& it = variants.at(x.what.variant);
    if (!it)
      return "not_found";
    if (it->owner != x.owner)
      return "fenced";
    if (!facts.when.holds(facts.started_at))
      throw mismatch{"the run began at another time: " + std::to_string(facts.started_at)};
    auto erases = it->wanted >= 3;
    it->begin(x.what.time, facts.started_at);
    return "run " + std::to_string(it->run) + (erases ? ", emptied" : "") + ", last "
           + std::to_string(it->last_sync.value_or(0));
  }

  // The variant whose last run shows its ticket; nothing for any other ticket.
  model_variant* owned(const request& x) {
    auto& it = variants.at(x.what.variant);
    auto shown = it && it->id == x.ticket.variant.id && it->owner == x.ticket.owner
                 && it->run == x.ticket.run;
    return shown ? &*it : nullptr;
  }

  // Why a checkpoint is refused: somebody else's came between, or the store has lost the run's own.
  static std::string refusal_of(const request& x, const model_variant& to) {
    return x.version > to.version ? "cancelled" : "conflict";
  }

  // What runs do beside changing records.
  std::string with_ticket(const request& x) {
    auto* it = owned(x);
    if (it == nullptr)
      return "fenced";
    switch (x.what.what) {
      case step::end: it->end(x.what.outcome, report_of(x.what)); return "done";
      case step::track: it->tracked.emplace(x.model, x.ticket.run); return "done";
      case step::untrack: it->tracked.erase(x.model); return "done";
      default: break;
    }
    if (!it->is_running())
      return "fenced";
    if (x.what.what == step::load_checkpoint) {
      auto text = it->load_checkpoint();
      return text + " of version " + std::to_string(it->version);
    }
    auto clears = x.what.what == step::clear_checkpoint;
    if (!it->put_checkpoint(clears ? std::string{} : x.what.checkpoint, x.version))
      return refusal_of(x, *it);
    return "version " + std::to_string(it->version);
  }

  std::string commit(const request& x, const learned& facts) {
    if (x.batch == 0)
      return "invalid";
    auto* it = owned(x);
    if (it == nullptr || !it->is_running())
      return "fenced";
    if (x.batch <= it->batch)
      return x.batch == it->batch ? it->batch_answer : "invalid";
    auto copy = *it; // A refused batch leaves nothing.
    model_batch batch{x, copy};
    if (!batch.write())
      return x.what.checkpoint.empty() ? "conflict" : refusal_of(x, *it);
    number(batch.changed(), facts);
    *it = std::move(copy);
    return it->batch_answer;
  }

  // Gives the changed records their places: the next ones, of the present unless they ran ahead.
  void number(const std::vector<model_record*>& changed, const learned& facts) {
    if (changed.empty())
      return;
    auto place = facts.last_place - changed.size();
    auto at_least = [this](time_ms now) { return std::max(last_place + 1, first_place_at(now)); };
    if (place + 1 < at_least(facts.when.from) || place + 1 > at_least(facts.when.to))
      throw mismatch{std::to_string(changed.size()) + " places are taken up to "
                     + std::to_string(facts.last_place)};
    for (auto* record : changed) {
      record->place = ++place;
      if (record->first_seen_at == 0)
        record->first_seen_at = time_of(place);
      places.push_back(place);
    }
    last_place = place;
  }

  std::string prune(const request& x, const learned& facts) {
    auto& it = variants.at(x.what.variant);
    if (!it)
      return "not_found";
    std::map<record_place, model_record*> full;
    if (auto cache = it->caches.find(x.model); cache != it->caches.end())
      for (auto& [id, record] : cache->second.records)
        if (!record.pruned_at && record.place <= x.place)
          full.emplace(record.place, &record);
    auto limit = static_cast<size_t>(x.what.level);
    auto has_more = full.size() > limit;
    size_t pruned = 0;
    for (auto next = full.begin(); next != full.end() && pruned < limit; ++next, ++pruned) {
      next->second->payload.clear();
      next->second->pruned_at = facts.when;
    }
    return std::to_string(pruned) + " pruned" + (has_more ? ", more to do" : "");
  }

  std::string purge(const request& x) {
    auto& it = variants.at(x.what.variant);
    auto is_idle = it && it->run > 0 && !it->is_running() && x.what.level > 0;
    return std::to_string(is_idle ? it->erase() : 0) + " purged";
  }
};

} // namespace varia::test
