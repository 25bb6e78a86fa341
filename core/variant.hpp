#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"

#include <caf/meta/type_name.hpp>

#include <optional>
#include <string>
#include <tuple>

namespace varia {

struct schedule;

/// When a variant is due: a period, or the cron text of the rules, and what else they say.
struct timing {
  uint64_t period_ms = 0; ///< 0: by the cron text of the rules, or only when triggered.
  std::string rules;      ///< Packed `schedule_rules`; empty for those of the contract.
  time_ms since = 0;      ///< What was due before does not count as missed.
};

inline bool operator==(const timing& a, const timing& b) {
  return std::tie(a.period_ms, a.rules, a.since) == std::tie(b.period_ms, b.rules, b.since);
}

/// What the registry keeps of a variant: its name in the sync, its identity, and its schedule.
struct variant_entry {
  variant_key key;
  std::string id;           ///< The uuid of this life of the name.
  bool paused = false;      ///< Paused variants run only when triggered.
  std::string frequency;    ///< The override as the caller wrote it; empty: the function's.
  time_ms created_at = 0;   ///< Anchors the schedule.
  std::string settings;     ///< JSON text of an object that its script may read; empty: none.
  bool discovered = false;  ///< Made because the function's partitions say so, which may change.
  std::string schedule;     ///< Packed `schedule_rules` in place of the function's; empty: those.
  time_ms since = 0;        ///< When `frequency` or `schedule` was changed last; 0 for never.
  std::string pause_reason; ///< In words, unless somebody paused it by command; or `not_started`.
};

/// Why a variant is paused that was created so and has never been started.
inline constexpr auto not_started = "not started yet";

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
  timing due; ///< In effect: of the function, with what the variant has of its own.
};

/// When variants are due by a frequency and a schedule (packed `schedule_rules`), of which the
/// latter wins where it says something of the time.
timing timing_of(const std::string& frequency, const std::string& schedule, time_ms since);

/// When a variant is due by what it has of its own and by what its function says.
timing in_effect(const variant_entry& entry, const timing& of_function);

/// Builds the schedule of a hosted variant, jitter included.
schedule schedule_of(const assignment& x);

inline variant_ref ref_of(const assignment& x) {
  return {x.key.sync, x.id};
}

inline variant_ref ref_of(const variant_entry& x) {
  return {x.key.sync, x.id};
}

/// How a variant's syncs have failed of late. Cancelled runs, interrupted ones and those whose
/// worker was lost do not count.
struct failing {
  uint32_t fails = 0;     ///< In a row, since it was started last.
  uint32_t retries = 0;   ///< How often the last run was a retry already.
  time_ms failed_at = -1; ///< When the last run failed; -1 unless it did.
};

template <class Inspector>
auto inspect(Inspector& f, failing& x) {
  return f(caf::meta::type_name("failing"), x.fails, x.retries, x.failed_at);
}

template <class Inspector>
auto inspect(Inspector& f, timing& x) {
  return f(caf::meta::type_name("timing"), x.period_ms, x.rules, x.since);
}

template <class Inspector>
auto inspect(Inspector& f, variant_entry& x) {
  return f(caf::meta::type_name("variant_entry"), x.key, x.id, x.paused, x.frequency, x.created_at,
           x.settings, x.discovered, x.schedule, x.since, x.pause_reason);
}

template <class Inspector>
auto inspect(Inspector& f, placement_entry& x) {
  return f(caf::meta::type_name("placement_entry"), x.owner, x.worker);
}

template <class Inspector>
auto inspect(Inspector& f, assignment& x) {
  return f(caf::meta::type_name("assignment"), x.key, x.id, x.owner, x.paused, x.anchor, x.due);
}

} // namespace varia
