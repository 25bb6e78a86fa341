#include "store/variant_orders.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"
#include "store/packing.hpp"
#include "store/variants.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <tuple>

namespace varia {

namespace {

// What variant_orders answers before the orders, and for each of them.
constexpr size_t words_ahead = 2;
constexpr size_t words_per_order = 3;

// What is not mentioned is a list without elements.
using maybe_text = std::vector<std::string>;

// An order as orders.lua reads it.
using packed_order = std::tuple<std::string, std::string, std::string, bool, int8_t, maybe_text,
                                maybe_text, bool, bool>;

// A deleted life as orders.lua packs it.
using packed_life = std::tuple<std::string, std::string, time_ms, time_ms>;

const char* word_of(order_verb x) {
  switch (x) {
    case order_verb::create: return "create";
    case order_verb::put: return "put";
    case order_verb::change: return "change";
    case order_verb::remove: return "remove";
    case order_verb::undelete: return "undelete";
  }
  return "";
}

maybe_text mention(bool is_set, const std::string& text) {
  return is_set ? maybe_text{text} : maybe_text{};
}

std::vector<packed_order> packed_orders(const std::vector<variant_order>& orders) {
  std::vector<packed_order> result;
  result.reserve(orders.size());
  for (auto& x : orders)
    result.emplace_back(word_of(x.verb), x.name, x.id, x.starts_paused, x.pause,
                        mention(x.sets_frequency, x.frequency),
                        mention(x.sets_settings, x.settings), x.resets, x.discovered);
  return result;
}

expected<order_outcome> read_outcome(const std::string& word) {
  using outcome = order_outcome;
  static const std::vector<std::pair<std::string, outcome>> all{
    {"created", outcome::created}, {"changed", outcome::changed},    {"kept", outcome::kept},
    {"removed", outcome::removed}, {"restored", outcome::restored},  {"full", outcome::full},
    {"exists", outcome::exists},   {"not_found", outcome::not_found}};
  for (auto& [known, result] : all)
    if (known == word)
      return result;
  return fail(errc::internal, "the store answers an order with " + word);
}

expected<order_result> read_result(const variant_key& key, redisReply** words) {
  auto outcome = read_outcome(text_of(*words[0]));
  if (!outcome)
    return std::move(outcome.error());
  order_result result;
  result.outcome = *outcome;
  result.entry.key = key;
  if (auto packed = text_of(*words[1]); !packed.empty()) {
    auto entry = read_variant_entry(key, packed);
    if (!entry)
      return std::move(entry.error());
    result.entry = std::move(*entry);
  }
  result.wanted = number_of(*words[2]) == 1;
  return result;
}

} // namespace

expected<batch_result> variant_orders::apply(uint64_t epoch, const variant_batch& batch,
                                             size_t named_max, milliseconds keep) {
  auto& sync = batch.sync;
  // The index comes first: an entry of it without a registry does no harm, the opposite would.
  auto answers = run_checked(
    db_, {{"ZADD", keys::syncs, "0", to_string(sync)},
          call_of("variant_orders", {keys::registry(sync), keys::epoch(sync)},
                  {std::to_string(epoch), keys::of_sync(sync), std::to_string(named_max),
                   std::to_string(keep.count()), batch.all_or_nothing ? "1" : "0",
                   pack(packed_orders(batch.orders))})});
  if (!answers)
    return std::move(answers.error());
  auto& answer = *answers->back();
  auto& orders = batch.orders;
  if (answer.elements != words_ahead + words_per_order * orders.size())
    return fail(errc::internal, "the store answers another number of orders");
  batch_result result;
  result.applied = number_of(*answer.element[0]) == 1;
  result.named = static_cast<uint32_t>(number_of(*answer.element[1]));
  result.limit = static_cast<uint32_t>(named_max);
  for (size_t i = 0; i < orders.size(); ++i) {
    auto one
      = read_result({sync, orders[i].name}, answer.element + words_ahead + words_per_order * i);
    if (!one)
      return std::move(one.error());
    result.results.push_back(std::move(*one));
  }
  return result;
}

expected<std::vector<deleted_variant>> variant_orders::deleted(const sync_id& sync) {
  std::vector<owned_command> questions{{"TIME"}, {"HVALS", keys::deleted(sync)}};
  auto answers = run_checked(db_, questions);
  if (!answers)
    return std::move(answers.error());
  auto now = number_of(*answers->front()->element[0]) * 1000;
  auto& all = *answers->back();
  std::vector<deleted_variant> result;
  for (size_t i = 0; i < all.elements; ++i) {
    auto life = unpack<packed_life>(text_of(*all.element[i]));
    if (!life)
      return std::move(life.error());
    auto& [name, packed, deleted_at, kept_until] = *life;
    auto entry = read_variant_entry({sync, name}, packed);
    if (!entry)
      return std::move(entry.error());
    if (kept_until > now)
      result.push_back({std::move(*entry), deleted_at, kept_until});
  }
  std::sort(result.begin(), result.end(), [](auto& a, auto& b) {
    return std::tie(b.deleted_at, a.entry.id) < std::tie(a.deleted_at, b.entry.id);
  });
  return result;
}

expected<burial> variant_orders::bury(const sync_id& sync, size_t most) {
  auto reply = call(db_, "variants_bury", {keys::deleted(sync)},
                    {keys::of_sync(sync), std::to_string(most)});
  if (!reply)
    return std::move(reply.error());
  auto& answer = **reply;
  return burial{static_cast<size_t>(number_of(*answer.element[0])), number_of(*answer.element[1])};
}

} // namespace varia
