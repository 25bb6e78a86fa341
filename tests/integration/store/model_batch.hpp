#pragma once

#include "tests/integration/store/model_variant.hpp"

#include <set>

namespace varia::test {

/// A step with everything that it means in the state it meets.
struct request {
  operation what;
  std::string model;
  variant_ref ref; ///< The last life of the variant.
  token owner;     ///< The last owner that was named.
  run_ticket ticket;
  uint64_t batch = 0;
  uint64_t version = 0; ///< Of the checkpoint.
  std::optional<record_place> place;
  std::vector<merged_record> merged;
  std::vector<std::string> unseen;
  uint64_t since = 0;
};

inline std::string text_of(const commit_result& x) {
  return std::to_string(x.added) + " added, " + std::to_string(x.updated) + " updated, "
         + std::to_string(x.deleted) + " deleted, " + std::to_string(x.unchanged) + " unchanged, "
         + std::to_string(x.ignored) + " ignored";
}

/// What a batch does to a variant, done one record after the other.
class model_batch {
public:
  model_batch(const request& what, model_variant& to)
    : x_{what}, to_{to}, cache_{to.caches[what.model]} {}

  /// Returns false for a conflict, and has changed the variant even so.
  bool write() {
    if (!write_records())
      return false;
    auto counts = cache_.counts.value_or(change_counts{});
    cache_.counts = {counts.added + result_.added, counts.updated + result_.updated,
                     counts.deleted + result_.deleted};
    to_.batch = x_.batch;
    to_.batch_answer = text_of(result_);
    return true;
  }

  /// The records that are to get new places, in their order.
  const std::vector<model_record*>& changed() const { return changed_; }

private:
  bool write_records() {
    switch (x_.what.what) {
      case step::save: return save();
      case step::update: return update();
      case step::remove: remove(); return true;
      default: sweep(); return true;
    }
  }

  bool save() {
    if (!x_.what.checkpoint.empty() && !to_.put_checkpoint(x_.what.checkpoint, x_.version))
      return false;
    std::set<std::string> ids;
    for (auto& x : x_.what.records)
      if (ids.insert(x.id).second)
        save_one(x);
    return true;
  }

  void save_one(const saved_record& x) {
    auto [known, is_new] = cache_.records.try_emplace(x.id);
    auto& record = known->second;
    if (!is_new && is_newer(record)) {
      ignore_newer(record);
    } else if (!is_new && record.lives() && record.content == content_of(x.payload)) {
      ++result_.unchanged;
      if (x_.what.marks || record.pruned_at)
        record.seen_by = x_.ticket.run;
      if (record.pruned_at)
        put(record, x.payload);
    } else if (!is_new && record.lives()) {
      ++result_.updated;
      put(record, x.payload);
      change(record, last_action::updated);
    } else {
      ++result_.added;
      record = {};
      put(record, x.payload);
      change(record, last_action::added);
    }
  }

  bool update() {
    std::set<std::string> ids;
    for (auto& x : x_.merged) {
      if (!ids.insert(x.id).second)
        continue;
      auto known = cache_.records.find(x.id);
      if (known == cache_.records.end() || !known->second.lives())
        ++result_.ignored;
      else if (is_newer(known->second))
        ignore_newer(known->second);
      else if (known->second.place != x.place)
        return false;
      else
        update_one(known->second, x.payload);
    }
    return true;
  }

  void update_one(model_record& record, const std::string& payload) {
    if (!record.pruned_at && record.content == content_of(payload)) {
      ++result_.unchanged;
      if (x_.what.marks)
        record.seen_by = x_.ticket.run;
      return;
    }
    ++result_.updated;
    put(record, payload);
    change(record, last_action::updated);
  }

  void remove() {
    for (auto& x : x_.what.records) {
      auto [known, is_new] = cache_.records.try_emplace(x.id);
      auto& record = known->second;
      if (!is_new && !record.lives())
        continue;
      if (is_new)
        put(record, x.payload);
      result_.deleted += is_new ? 0 : 1;
      record.deleted_at = x_.what.time;
      change(record, last_action::deleted);
    }
  }

  void sweep() {
    for (auto& id : x_.unseen) {
      auto known = cache_.records.find(id);
      if (known == cache_.records.end() || !known->second.lives()
          || known->second.seen_by >= x_.since)
        continue;
      ++result_.deleted;
      change(known->second, last_action::deleted);
    }
  }

  bool is_newer(const model_record& record) const {
    return x_.what.place && record.place > x_.place && record.changed_by != x_.ticket.run;
  }

  void ignore_newer(model_record& record) {
    record.seen_by = x_.ticket.run;
    ++result_.ignored;
  }

  static void put(model_record& record, const std::string& payload) {
    record.payload = payload;
    record.content = content_of(payload);
    record.pruned_at.reset();
  }

  void change(model_record& record, last_action action) {
    record.action = action;
    record.changed_by = record.seen_by = x_.ticket.run;
    changed_.push_back(&record);
  }

  const request& x_;
  model_variant& to_;
  model_cache& cache_;
  commit_result result_;
  std::vector<model_record*> changed_;
};

} // namespace varia::test
