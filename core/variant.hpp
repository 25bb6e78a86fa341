#pragma once

#include "core/ids.hpp"
#include "core/schedule.hpp"

#include <caf/meta/type_name.hpp>

#include <optional>
#include <string>

namespace varia {

/// What the registry keeps of a variant: its name in the sync, its identity, and its schedule.
struct variant_entry {
  variant_key key;
  std::string id;          ///< The uuid of this life of the name.
  bool paused = false;     ///< Paused variants run only when triggered.
  std::string frequency;   ///< The override as the caller wrote it; empty: the function's.
  time_ms created_at = 0;  ///< Anchors the schedule.
  std::string settings;    ///< JSON text of an object that its script may read; empty: none.
  bool discovered = false; ///< Made because the function's partitions say so, which may change.
};

/// Who may write for a variant. Nobody while `worker` is empty.
struct placement_entry {
  token owner;
  std::string worker;
};

/// Everything a worker must know to host a variant. Sent again, it replaces what was said before:
/// the message is idempotent.
struct assignment {
  variant_key key;
  std::string id;
  token owner;
  bool paused = false;
  time_ms anchor = 0;
  uint64_t period_ms = 0; ///< 0: only when triggered.
};

/// Builds the schedule of a hosted variant, jitter included.
inline schedule schedule_of(const assignment& x) {
  milliseconds period{x.period_ms};
  return {x.anchor, period, jitter_of(x.id, period)};
}

inline variant_ref ref_of(const assignment& x) {
  return {x.key.sync, x.id};
}

inline variant_ref ref_of(const variant_entry& x) {
  return {x.key.sync, x.id};
}

template <class Inspector>
auto inspect(Inspector& f, variant_entry& x) {
  return f(caf::meta::type_name("variant_entry"), x.key, x.id, x.paused, x.frequency, x.created_at,
           x.settings, x.discovered);
}

template <class Inspector>
auto inspect(Inspector& f, placement_entry& x) {
  return f(caf::meta::type_name("placement_entry"), x.owner, x.worker);
}

template <class Inspector>
auto inspect(Inspector& f, assignment& x) {
  return f(caf::meta::type_name("assignment"), x.key, x.id, x.owner, x.paused, x.anchor,
           x.period_ms);
}

} // namespace varia
