#include "store/variant_census.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <iterator>

namespace varia {

namespace {

// How many connections, syncs or variants one round trip asks for.
constexpr size_t step_max = 500;

// The index is ordered by text; '0' follows '/', so this is all that begins with "14/".
owned_command syncs_question(connection_number number) {
  auto text = std::to_string(number);
  return {"ZRANGEBYLEX", keys::syncs, '[' + text + '/', '(' + text + '0'};
}

expected<std::vector<sync_id>> syncs_of(redis& db, const census_query& query) {
  std::vector<sync_id> result;
  auto& all = query.connections;
  for (size_t first = 0; first < all.size(); first += step_max) {
    std::vector<owned_command> questions;
    for (auto i = first; i < std::min(first + step_max, all.size()); ++i)
      questions.push_back(syncs_question(all[i]));
    auto answers = run_checked(db, questions);
    if (!answers)
      return std::move(answers.error());
    for (auto& answer : *answers)
      for (size_t i = 0; i < answer->elements; ++i) {
        auto sync = parse_sync_id(text_of(*answer->element[i]));
        if (query.sync.empty() || sync.name == query.sync)
          result.push_back(std::move(sync));
      }
  }
  return result;
}

expected<void> add_entries(const sync_id& sync, const redisReply& registry,
                           std::vector<counted_variant>& to) {
  auto first = static_cast<ptrdiff_t>(to.size());
  for (size_t i = 0; i + 1 < registry.elements; i += 2) {
    auto& packed = *registry.element[i + 1];
    auto entry
      = read_variant_entry({sync, text_of(*registry.element[i])}, {packed.str, packed.len});
    if (!entry)
      return std::move(entry.error());
    to.push_back({std::move(*entry), {}});
  }
  auto rank = [](const counted_variant& x) {
    return std::make_pair(x.entry.key.name != base_variant, std::cref(x.entry.key.name));
  };
  std::sort(to.begin() + first, to.end(), [rank](auto& a, auto& b) { return rank(a) < rank(b); });
  return caf::unit;
}

expected<void> read_entries(redis& db, const std::vector<sync_id>& syncs, size_t most,
                            std::vector<counted_variant>& to) {
  for (size_t first = 0; first < syncs.size() && to.size() <= most; first += step_max) {
    auto last = std::min(first + step_max, syncs.size());
    std::vector<owned_command> questions;
    for (auto i = first; i < last; ++i)
      questions.push_back({"HGETALL", keys::registry(syncs[i])});
    auto answers = run_checked(db, questions);
    if (!answers)
      return std::move(answers.error());
    for (auto i = first; i < last; ++i)
      if (auto done = add_entries(syncs[i], *(*answers)[i - first], to); !done)
        return done;
  }
  return caf::unit;
}

expected<void> read_states(redis& db, std::vector<counted_variant>& all) {
  for (size_t first = 0; first < all.size(); first += step_max) {
    auto last = std::min(first + step_max, all.size());
    std::vector<variant_ref> refs;
    for (auto i = first; i < last; ++i)
      refs.push_back(ref_of(all[i].entry));
    auto states = runs{db}.states(refs);
    if (!states)
      return std::move(states.error());
    for (auto i = first; i < last; ++i)
      all[i].state = std::move((*states)[i - first]);
  }
  return caf::unit;
}

} // namespace

expected<census_result> count_variants(redis& db, const census_query& query) {
  auto syncs = syncs_of(db, query);
  if (!syncs)
    return std::move(syncs.error());
  census_result result;
  if (auto done = read_entries(db, *syncs, query.most, result.variants); !done)
    return std::move(done.error());
  result.truncated = result.variants.size() > query.most;
  if (result.truncated)
    result.variants.resize(query.most);
  if (auto done = read_states(db, result.variants); !done)
    return std::move(done.error());
  return result;
}

} // namespace varia
