#pragma once

#include "core/variant.hpp"

#include <caf/meta/type_name.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace varia {

/// What is to become of one variant.
enum class order_verb : uint8_t {
  create,   ///< A new one, which must not be there.
  put,      ///< A new one, or this one changed.
  change,   ///< This one changed, which must be there.
  remove,   ///< None. With an `id`, only the life of that id goes.
  undelete, ///< The deleted life of this `id` again, under its name.
};

/// What came of an order.
enum class order_outcome : uint8_t {
  created,
  changed,
  kept, ///< It was as it should be.
  removed,
  restored,
  full, ///< Refused: so many named variants are there.
  exists,
  not_found,
};

const char* to_string(order_outcome x);

/// True if the order was refused: nothing has changed.
inline bool is_refusal(order_outcome x) {
  return x >= order_outcome::full;
}

/// One order for one variant of a sync. What it does not mention stays as it is.
struct variant_order {
  order_verb verb = order_verb::create;
  std::string name;
  std::string id;             ///< Of a new variant, so that an order may be repeated.
  bool starts_paused = false; ///< How a new one begins that `pause` says nothing of.
  int8_t pause = -1;          ///< 0: started, 1: paused, -1: not mentioned.
  bool sets_frequency = false;
  std::string frequency; ///< The override; empty: the function's.
  bool sets_settings = false;
  std::string settings;    ///< JSON text of an object; empty: none.
  bool resets = false;     ///< Settings that differ mean a run from the very beginning.
  bool discovered = false; ///< Of a new one: the function's partitions ask for it.
};

/// Orders for variants of one sync, carried out in their order and in one step of the store.
struct variant_batch {
  sync_id sync;
  std::vector<variant_order> orders;
  bool all_or_nothing = false; ///< One refusal refuses all.
  timing due;                  ///< Of the function.
};

/// So many orders one step of the store carries out at most: some milliseconds.
inline constexpr size_t orders_max = 500;

/// Cuts a batch of any length into batches that the store takes. `all_or_nothing` holds for each
/// of them by itself.
std::vector<variant_batch> in_steps(const variant_batch& batch);

/// What came of an order, and the variant as it is then (or was, if it was removed).
struct order_result {
  order_outcome outcome = order_outcome::kept;
  variant_entry entry;
  bool wanted = false; ///< It is to run from the very beginning now.
};

struct batch_result {
  bool applied = true;               ///< False if one refusal has refused all.
  uint32_t limit = 0;                ///< How many named variants the sync may have.
  uint32_t named = 0;                ///< How many it has now.
  std::vector<order_result> results; ///< One per order.
};

template <class Inspector>
auto inspect(Inspector& f, variant_order& x) {
  return f(caf::meta::type_name("variant_order"), x.verb, x.name, x.id, x.starts_paused, x.pause,
           x.sets_frequency, x.frequency, x.sets_settings, x.settings, x.resets, x.discovered);
}

template <class Inspector>
auto inspect(Inspector& f, variant_batch& x) {
  return f(caf::meta::type_name("variant_batch"), x.sync, x.orders, x.all_or_nothing, x.due);
}

template <class Inspector>
auto inspect(Inspector& f, order_result& x) {
  return f(caf::meta::type_name("order_result"), x.outcome, x.entry, x.wanted);
}

template <class Inspector>
auto inspect(Inspector& f, batch_result& x) {
  return f(caf::meta::type_name("batch_result"), x.applied, x.limit, x.named, x.results);
}

} // namespace varia
