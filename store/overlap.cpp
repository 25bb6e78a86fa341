#include "store/overlap.hpp"

#include "store/call.hpp"
#include "store/deletions.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace varia {

namespace {

// What one round trip asks for at most: Redis serves nobody else meanwhile.
constexpr size_t states_max = 100;
constexpr size_t draws_max = 250;
constexpr size_t lookups_at_once = 1000;

// A draw may hit a deleted record. Where fewer are live than one in so many, we leave it.
constexpr size_t draws_per_live = 50;

constexpr size_t pairs_shown = 10;

// Behind every number that a run can have.
constexpr auto no_run = uint64_t{1} << 32;

struct source {
  const record_source* of;
  uint64_t live;
};

expected<std::vector<source>> sources_with(redis& db, const std::vector<record_source>& variants,
                                           const std::string& model) {
  std::vector<source> result;
  for (size_t first = 0; first < variants.size(); first += states_max) {
    auto last = std::min(first + states_max, variants.size());
    std::vector<variant_ref> refs;
    for (auto i = first; i < last; ++i)
      refs.push_back(variants[i].variant);
    auto states = runs{db}.states(refs);
    if (!states)
      return std::move(states.error());
    for (auto i = first; i < last; ++i) {
      auto& counts = (*states)[i - first].record_count;
      if (auto live = counts.find(model); live != counts.end() && live->second > 0)
        result.push_back({&variants[i], static_cast<uint64_t>(live->second)});
    }
  }
  return result;
}

/// Counts how many ids each two variants share.
class pair_counts {
public:
  explicit pair_counts(size_t variants) : variants_{variants}, ids_(variants * variants) {}

  void add(size_t first, size_t second) { ++ids_[first * variants_ + second]; }

  std::vector<overlap_pair> greatest(const std::vector<source>& names) const {
    std::vector<size_t> places;
    for (size_t i = 0; i < ids_.size(); ++i)
      if (ids_[i] > 0)
        places.push_back(i);
    auto shown = std::min(places.size(), pairs_shown);
    std::partial_sort(places.begin(), places.begin() + static_cast<ptrdiff_t>(shown), places.end(),
                      [this](size_t a, size_t b) {
                        return std::make_tuple(ids_[b], a) < std::make_tuple(ids_[a], b);
                      });
    std::vector<overlap_pair> result;
    for (size_t i = 0; i < shown; ++i)
      result.push_back({names[places[i] / variants_].of->name,
                        names[places[i] % variants_].of->name, ids_[places[i]]});
    return result;
  }

private:
  size_t variants_;
  std::vector<uint32_t> ids_; ///< Of each pair, the smaller number first.
};

using holding
  = std::pair<std::string, uint32_t>; // An id, and the number of the source it lives in.

expected<std::vector<holding>> read_holdings(redis& db, const std::vector<source>& sources,
                                             const std::string& model) {
  std::vector<holding> result;
  for (uint32_t i = 0; i < sources.size(); ++i) {
    auto all = deletions{db}.find_unseen(sources[i].of->variant, model, no_run);
    if (!all)
      return std::move(all.error());
    for (auto& id : all->ids)
      result.emplace_back(std::move(id), i);
  }
  std::sort(result.begin(), result.end());
  // What changed while we read came again at its new place.
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

expected<overlap_report> count_overlap(redis& db, const std::vector<source>& sources,
                                       const std::string& model, const overlap_limits& limits) {
  auto all = read_holdings(db, sources, model);
  if (!all)
    return std::move(all.error());
  overlap_report result;
  result.live = all->size();
  result.distinct = 0;
  pair_counts pairs{sources.size() <= limits.pairs_variants_max ? sources.size() : 0};
  for (auto begin = all->begin(); begin != all->end();) {
    auto end = std::find_if(begin, all->end(), [&](auto& x) { return x.first != begin->first; });
    ++*result.distinct;
    result.overlapping += end - begin > 1 ? 1 : 0;
    if (sources.size() <= limits.pairs_variants_max)
      for (auto a = begin; a != end; ++a)
        for (auto b = a + 1; b != end; ++b)
          pairs.add(a->second, b->second);
    begin = end;
  }
  result.pairs = pairs.greatest(sources);
  return result;
}

// Judges what is kept of a record, or the nil where there is none.
bool is_live(const redisReply& packed) {
  if (packed.type != REDIS_REPLY_STRING)
    return false;
  auto kept = read_record_meta({packed.str, packed.len});
  return kept && kept->action != last_action::deleted;
}

// Draws ids of live records of a variant, with repeats. Fewer, if hardly any of its records lives.
expected<void> draw(redis& db, const std::string& meta, size_t count,
                    std::vector<std::string>& ids) {
  for (size_t got = 0, drawn = 0; got < count && drawn < count * draws_per_live;) {
    // Some more than are missing, for those that are deleted.
    auto asked = std::min(draws_max, (count - got) * 5 / 4 + 4);
    auto number = '-' + std::to_string(asked);
    auto reply = db.run({"HRANDFIELD", meta, number, "WITHVALUES"});
    if (!reply)
      return std::move(reply.error());
    if ((*reply)->elements == 0)
      return caf::unit;
    for (size_t i = 0; i + 1 < (*reply)->elements && got < count; i += 2) {
      if (!is_live(*(*reply)->element[i + 1]))
        continue;
      ids.push_back(text_of(*(*reply)->element[i]));
      ++got;
    }
    drawn += asked;
  }
  return caf::unit;
}

// Draws about `count` live records, as many of each variant as its share is.
expected<std::vector<std::string>> draw_all(redis& db, const std::vector<source>& sources,
                                            const std::string& model, uint64_t live, size_t count) {
  std::vector<std::string> ids;
  auto per_draw = static_cast<double>(live) / static_cast<double>(count);
  // Half a draw in advance, so that of many small variants every second has one, and not none.
  auto due = per_draw / 2;
  uint64_t passed = 0;
  for (auto& x : sources) {
    passed += x.live;
    size_t wanted = 0;
    for (; due < static_cast<double>(passed); due += per_draw)
      ++wanted;
    if (auto drawn = draw(db, keys::record_meta(x.of->variant, model), wanted, ids); !drawn)
      return std::move(drawn.error());
  }
  return ids;
}

// Adds to each of some ids in how many of some variants it lives.
expected<void> add_holders(redis& db, const std::vector<source>& sources, const std::string& model,
                           const std::vector<std::string>& ids, size_t first, size_t last,
                           std::vector<uint32_t>& holders) {
  for (size_t from = 0; from < sources.size(); from += lookups_at_once) {
    std::vector<owned_command> questions;
    for (auto i = from; i < std::min(from + lookups_at_once, sources.size()); ++i) {
      questions.push_back({"HMGET", keys::record_meta(sources[i].of->variant, model)});
      for (auto id = first; id < last; ++id)
        questions.back().push_back(ids[id]);
    }
    auto answers = run_checked(db, questions);
    if (!answers)
      return std::move(answers.error());
    for (auto& answer : *answers)
      for (size_t i = 0; i < answer->elements; ++i) {
        holders[first + i] += is_live(*answer->element[i]) ? 1 : 0;
      }
  }
  return caf::unit;
}

expected<overlap_report> sample_overlap(redis& db, const std::vector<source>& sources,
                                        const std::string& model, uint64_t live,
                                        const overlap_limits& limits) {
  auto count = std::max(size_t{1}, std::min(limits.sample, limits.lookups_max / sources.size()));
  auto ids = draw_all(db, sources, model, live, count);
  if (!ids)
    return std::move(ids.error());
  std::vector<uint32_t> holders(ids->size());
  auto at_once = std::max(size_t{1}, lookups_at_once / sources.size());
  for (size_t first = 0; first < ids->size(); first += at_once) {
    auto last = std::min(first + at_once, ids->size());
    if (auto added = add_holders(db, sources, model, *ids, first, last, holders); !added)
      return std::move(added.error());
  }
  auto estimate = estimate_overlap(live, holders);
  // What could not be drawn may be anything: all in two variants, or in one.
  if (ids->size() < count)
    estimate.margin += static_cast<double>(live) / 2
                       * (1 - static_cast<double>(ids->size()) / static_cast<double>(count));
  overlap_report result;
  result.live = live;
  result.overlapping = static_cast<uint64_t>(std::llround(estimate.ids));
  result.margin = static_cast<uint64_t>(std::llround(std::ceil(estimate.margin)));
  return result;
}

} // namespace

expected<overlap_report> measure_overlap(redis& db, const std::vector<record_source>& variants,
                                         const std::string& model, const overlap_limits& limits) {
  auto sources = sources_with(db, variants, model);
  if (!sources)
    return std::move(sources.error());
  uint64_t live = 0;
  for (auto& x : *sources)
    live += x.live;
  if (sources->size() == 1)
    return overlap_report{1, live, live, 0, {}, {}};
  auto result = live <= limits.exact_max ? count_overlap(db, *sources, model, limits)
                                         : sample_overlap(db, *sources, model, live, limits);
  if (result)
    result->variants = sources->size();
  return result;
}

overlap_estimate estimate_overlap(uint64_t live, const std::vector<uint32_t>& holders) {
  auto all = static_cast<double>(live);
  if (holders.empty())
    return {0, all / 2};
  auto count = static_cast<double>(holders.size());
  double sum = 0;
  double squares = 0;
  for (auto variants : holders) {
    auto share = variants > 1 ? 1.0 / variants : 0.0;
    sum += share;
    squares += share * share;
  }
  auto mean = sum / count;
  auto variance = std::max(0.0, squares / count - mean * mean);
  // A sample in which all are alike leaves room for three in its size that are not (the rule of
  // three), and one record stands for half an id at most.
  auto unseen = std::min(1.0, 3 / count) / 2;
  return {all * mean, all * std::max(1.96 * std::sqrt(variance / count), unseen)};
}

} // namespace varia
