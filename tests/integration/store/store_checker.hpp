#pragma once

#include "store/call.hpp"
#include "store/deletions.hpp"
#include "store/keys.hpp"
#include "store/record_pages.hpp"
#include "store/retention.hpp"
#include "store/variants.hpp"
#include "tests/integration/store/record_model.hpp"

#include <hiredis/hiredis.h>

namespace varia::test {

/// What a history ends with when Redis did not answer.
struct lost_connection : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Returns the value; throws `lost_connection`, or `mismatch` for any other error.
template <class T>
T answered(expected<T> x) {
  if (x)
    return std::move(*x);
  if (code_of(x.error()) == errc::unavailable)
    throw lost_connection{describe(x.error())};
  throw mismatch{"a question was refused: " + describe(x.error())};
}

/// Compares everything that can be seen of a store with a model of it.
class store_checker {
public:
  /// The refs are those of the last life of each variant.
  store_checker(redis& db, const record_model& model, const std::array<variant_ref, 2>& refs)
    : db_{db}, model_{model}, refs_{refs} {}

  /// Reads everything, and asks some random questions. Throws `mismatch`.
  void check_all(unsigned seed) {
    check_registry();
    for (size_t i = 0; i < refs_.size(); ++i) {
      if (model_.variants.at(i))
        check_variant(i, *model_.variants.at(i));
      else
        check_gone(i);
    }
    history_maker chance{seed};
    for (auto& model : model_names) {
      for (size_t i = 0; i < refs_.size(); ++i) {
        check_pages({i}, all_of(model));
        check_unseen(i, model, chance);
      }
      check_pages({0, 1}, all_of(model));
      for (auto n = 0; n < 3; ++n)
        check_pages(some_sources(chance), some_query(chance, model));
    }
  }

  /// Reads what a step should have changed, and asks one random question.
  void check_after(const operation& x) {
    if (model_.variants.at(x.variant))
      check_state(x.variant, *model_.variants.at(x.variant));
    auto& model = model_names.at(x.model);
    check_pages({x.variant}, all_of(model));
    history_maker chance{x.seed};
    check_unseen(x.variant, model, chance);
    check_pages(some_sources(chance), some_query(chance, model));
  }

private:
  struct row {
    size_t variant;
    const std::string* id;
    const model_record* record;
  };

  template <class Text>
  static void same(const std::string& what, const Text& found, const Text& wanted) {
    auto text = [](const nlohmann::json& x) {
      return x.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    };
    if (found != wanted)
      throw mismatch{what + "\n  is        " + text(found) + "\n  should be " + text(wanted)};
  }

  // Shows no more than the first few lines that differ.
  static void same(const std::string& what, std::vector<std::string> found,
                   std::vector<std::string> wanted) {
    if (found == wanted)
      return;
    auto [from, in_wanted]
      = std::mismatch(found.begin(), found.end(), wanted.begin(), wanted.end());
    auto equal = std::to_string(from - found.begin());
    found.erase(found.begin(), from);
    wanted.erase(wanted.begin(), in_wanted);
    found.resize(std::min<size_t>(found.size(), 5));
    wanted.resize(std::min<size_t>(wanted.size(), 5));
    same(what + ", after " + equal + " equal ones", nlohmann::json(found), nlohmann::json(wanted));
  }

  void check_registry() {
    std::map<std::string, std::string> found, wanted;
    for (auto& entry : answered(variants{db_}.list(refs_.front().sync)))
      found[entry.key.name] = entry.id;
    for (size_t i = 0; i < refs_.size(); ++i)
      if (model_.variants.at(i))
        wanted[variant_names.at(i)] = refs_.at(i).id;
    same("the registry", found, wanted);
  }

  void check_gone(size_t i) {
    auto keys = answered(db_.run({"KEYS", "*" + refs_.at(i).id + "*"}));
    same<size_t>("keys of a variant that is gone", keys->elements, 0);
  }

  void check_variant(size_t i, const model_variant& wanted) {
    auto& ref = refs_.at(i);
    check_state(i, wanted);
    check_history(ref, wanted);
    for (auto& model : model_names) {
      auto begun = answered(deletions{db_}.started(ref, model));
      auto known = wanted.tracked.find(model);
      same("tracking of " + model, begun.value_or(0),
           known == wanted.tracked.end() ? 0 : known->second);
      auto* cache = model_.find_cache(i, model);
      auto head = keys::head(ref);
      auto bytes = answered(db_.run({"HGET", head, "b:" + model}));
      same("bytes of " + model, number_of(*bytes), cache == nullptr ? 0 : cache->bytes());
      record_place newest = 0;
      if (cache != nullptr)
        for (auto& x : cache->records)
          newest = std::max(newest, x.second.place);
      same("newest of " + model, answered(record_pages{db_}.newest(ref, model)), newest);
    }
    std::set<std::string> models;
    for (auto& x : wanted.caches)
      models.insert(x.first);
    auto named = answered(retention{db_}.models_of(ref));
    same("models of " + variant_names.at(i), std::set(named.begin(), named.end()), models);
  }

  void check_state(size_t i, const model_variant& wanted) {
    auto found = answered(runs{db_}.states({refs_.at(i)})).front();
    same("state of " + variant_names.at(i), as_json(found), as_json(wanted));
  }

  void check_history(const variant_ref& ref, const model_variant& wanted) {
    auto found = answered(runs{db_}.history(ref, 3));
    for (size_t i = 0; i < 3; ++i) {
      if (i >= wanted.entries.size()) {
        same<size_t>("entries of the history", found.size(), wanted.entries.size());
        return;
      }
      auto& entry = wanted.entries.at(wanted.entries.size() - 1 - i);
      auto detail = nlohmann::json::parse(found.at(i).detail);
      detail.erase("started_at");
      detail.erase("finished_at");
      detail.erase("waited_ms");
      same("history, " + std::to_string(i) + " before the last", {found[i].what, detail},
           nlohmann::json{entry.what, entry.detail});
    }
  }

  static nlohmann::json as_json(const change_counts& x) { return {x.added, x.updated, x.deleted}; }

  static nlohmann::json as_json(const variant_state& x) {
    auto result = common(x);
    result["worker"] = x.placement.worker;
    result["owner"] = to_string(x.placement.owner);
    result["wanted"] = x.wanted;
    result["error"] = x.error.empty() ? nlohmann::json{} : nlohmann::json::parse(x.error);
    result["counts"] = nlohmann::json::object();
    for (auto& [model, counts] : x.result)
      result["counts"][model] = as_json(counts);
    result["live"] = x.record_count;
    result["has_finished"] = x.finished_at >= x.started_at && x.finished_at > 0;
    return result;
  }

  static nlohmann::json as_json(const model_variant& x) {
    auto result = common(x);
    result["worker"] = x.worker;
    result["owner"] = to_string(x.owner);
    result["wanted"] = x.wanted > 0;
    result["error"] = x.error;
    result["counts"] = nlohmann::json::object();
    result["live"] = nlohmann::json::object();
    for (auto& [model, cache] : x.caches) {
      result["live"][model] = cache.live();
      if (cache.counts)
        result["counts"][model] = as_json(*cache.counts);
    }
    result["has_finished"] = x.run > 0 && !x.is_running();
    return result;
  }

  template <class State>
  static nlohmann::json common(const State& x) {
    return {{"outcome", x.last_outcome ? to_string(*x.last_outcome) : "none"},
            {"run", x.run},
            {"started_at", x.started_at},
            {"slot", x.last_slot.value_or(0)},
            {"sync", x.last_sync.value_or(0)},
            {"checkpoint", x.checkpoint}};
  }

  // Asks what tracking would find that had begun with one of the last runs.
  void check_unseen(size_t i, const std::string& model, history_maker& chance) {
    auto& it = model_.variants.at(i);
    auto since = it ? it->run - std::min<uint64_t>(it->run, chance.roll(4)) : 1;
    auto found = answered(deletions{db_}.find_unseen(refs_.at(i), model, since));
    auto what = model + " of " + variant_names.at(i) + " unseen since " + std::to_string(since);
    same(what, found.ids, model_.unseen(i, model, since));
    auto* cache = model_.find_cache(i, model);
    same(what + ", of", found.live, cache == nullptr ? 0 : cache->live());
  }

  static record_query all_of(const std::string& model) {
    record_query result;
    result.model = model;
    result.limit = 10000;
    return result;
  }

  static std::vector<size_t> some_sources(history_maker& chance) {
    auto first = chance.roll(2);
    return chance.roll(2) == 0 ? std::vector<size_t>{first} : std::vector<size_t>{first, 1 - first};
  }

  record_query some_query(history_maker& chance, const std::string& model) const {
    auto some_place = [&] {
      return model_.places.empty()
               ? record_place{1}
               : model_.places[chance.roll(static_cast<unsigned>(model_.places.size()))];
    };
    record_query result;
    result.model = model;
    result.limit = 1 + chance.roll(chance.roll(2) == 0 ? 3 : 30);
    if (chance.roll(2) == 0)
      result.cursor = to_cursor(some_place());
    if (chance.roll(3) == 0)
      result.modified_after = time_of(some_place()) + chance.roll(2);
    if (chance.roll(4) == 0)
      result.until = some_place();
    result.added = chance.roll(3) != 0;
    result.updated = chance.roll(3) != 0;
    result.deleted = chance.roll(3) != 0;
    if (chance.roll(4) == 0)
      for (auto n = chance.roll(6); n > 0; --n)
        result.ids.push_back(std::to_string(chance.roll(10)));
    return result;
  }

  // Follows the first pages of a query.
  void check_pages(const std::vector<size_t>& variants, record_query query) {
    std::vector<record_source> sources;
    sources.reserve(variants.size());
    for (auto i : variants)
      sources.push_back({refs_.at(i), variants.size() > 1 ? variant_names.at(i) : std::string{}});
    auto rows = rows_of(variants, query);
    auto question = describe(variants, query);
    size_t first = 0;
    for (auto n = 0; n < 10; ++n) {
      auto page = answered(record_pages{db_}.page(sources, query));
      auto last = std::min(first + query.limit, rows.size());
      std::vector<std::string> found, wanted;
      for (auto& x : page.records)
        found.push_back(text_of(x, rows));
      for (auto i = first; i < last; ++i)
        wanted.push_back(text_of(rows[i], variants.size() > 1));
      same("page of " + question + ", from " + std::to_string(first), found, wanted);
      auto next = last < rows.size() ? to_cursor(rows[last - 1].record->place) : std::string{};
      same("next cursor of " + question, page.next_cursor, next);
      if (last == rows.size())
        return;
      first = last;
      query.cursor = next;
    }
  }

  // The records that a query is about, all pages of it.
  std::vector<row> rows_of(const std::vector<size_t>& variants, const record_query& query) const {
    std::map<record_place, row> ordered;
    auto after = query.cursor.empty() ? 0 : answered(parse_cursor(query.cursor));
    for (auto i : variants) {
      auto* cache = model_.find_cache(i, query.model);
      if (cache == nullptr)
        continue;
      for (auto& [id, record] : cache->records) {
        auto& asked = query.ids;
        auto named = asked.empty() || std::find(asked.begin(), asked.end(), id) != asked.end();
        auto late = record.place > after && record.place <= query.until.value_or(record.place)
                    && time_of(record.place) >= query.modified_after.value_or(0);
        if (named && late && wants(query, record.action))
          ordered.emplace(record.place, row{i, &id, &record});
      }
    }
    std::vector<row> result;
    result.reserve(ordered.size());
    for (auto& x : ordered)
      result.push_back(x.second);
    return result;
  }

  static bool wants(const record_query& query, last_action x) {
    return x == last_action::added     ? query.added
           : x == last_action::updated ? query.updated
                                       : query.deleted;
  }

  static std::string text_of(const row& x, bool tells_variant) {
    auto& record = *x.record;
    auto deleted_at = record.lives() ? 0 : record.deleted_at.value_or(time_of(record.place));
    return readable(*x.id) + ' ' + to_string(record.action) + " at " + std::to_string(record.place)
           + " first " + std::to_string(record.first_seen_at) + " deleted "
           + std::to_string(deleted_at) + ' ' + (record.pruned_at ? "pruned" : record.payload) + ' '
           + (tells_variant ? variant_names.at(x.variant) : "");
  }

  // The rows tell at what time a record may have been pruned.
  static std::string text_of(const stored_record& x, const std::vector<row>& rows) {
    auto& meta = x.meta;
    auto place_of = [](const row& known) { return known.record->place; };
    auto known = std::lower_bound(rows.begin(), rows.end(), meta.place,
                                  [&](auto& each, auto place) { return place_of(each) < place; });
    std::string pruned = "pruned";
    if (meta.pruned_at && known != rows.end() && place_of(*known) == meta.place
        && known->record->pruned_at && !known->record->pruned_at->holds(*meta.pruned_at))
      pruned += " at another time";
    return readable(x.id) + ' ' + to_string(meta.action) + " at " + std::to_string(meta.place)
           + " first " + std::to_string(meta.first_seen_at) + " deleted "
           + std::to_string(meta.deleted_at.value_or(0)) + ' '
           + (meta.pruned_at ? pruned + x.payload : x.payload) + ' ' + x.variant;
  }

  static std::string describe(const std::vector<size_t>& variants, const record_query& query) {
    auto result = query.model + " in";
    for (auto i : variants)
      result += ' ' + variant_names.at(i);
    result += ", limit " + std::to_string(query.limit) + ", actions ";
    result += query.added ? "a" : "";
    result += query.updated ? "u" : "";
    result += query.deleted ? "d" : "";
    if (!query.cursor.empty())
      result += ", after " + std::to_string(answered(parse_cursor(query.cursor)));
    if (query.modified_after)
      result += ", modified after " + std::to_string(*query.modified_after);
    if (query.until)
      result += ", until " + std::to_string(*query.until);
    for (auto& id : query.ids)
      result += ", id " + id;
    return result;
  }

  redis& db_;
  const record_model& model_;
  const std::array<variant_ref, 2>& refs_;
};

} // namespace varia::test
