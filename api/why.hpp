#pragma once

#include "actors/messages.hpp"
#include "api/json.hpp"
#include "store/functions.hpp"
#include "store/obstacles.hpp"
#include "store/runs.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// All that is known, at one moment, of why a variant runs or does not.
struct why_facts {
  variant_entry entry;
  std::optional<function> deployed; ///< Nothing: its function is gone.
  variant_state state;
  obstacles held;                        ///< Its `now` is the moment.
  std::optional<cluster_status> cluster; ///< Nothing: no leader answered.
  std::vector<run_entry> history;        ///< Newest first, a few.

  const function* of() const { return deployed ? &*deployed : nullptr; }
};

/// What a variant does or waits for, in one word.
enum class verdict {
  runs,
  waits_for_provider, ///< It runs, and its next request waits for its turn.
  has_no_worker,      ///< It is to be placed, or no worker could take it.
  waits_for_limit,    ///< A limit of concurrent runs.
  waits_for_slot,
  is_about_to_run,
  is_paused,
  has_no_function,
  is_in_blackout,
  waits_for_retry,
  waits_for_schedule,
  waits_for_trigger ///< It has no schedule.
};

const char* to_string(verdict x);

/// Says what a variant does or waits for.
verdict judge(const why_facts& x);

/// Tells in whole sentences what a variant does or waits for and what matters for it: first the
/// verdict, then schedule, placement, slots, limits, budget, the last run, failures, the next run.
std::vector<std::string> explain(const why_facts& x);

/// The same facts as JSON.
json facts_text(const why_facts& x);

/// Renders a span for people, such as "4 min 12 s"; less than a second in milliseconds.
std::string in_words(milliseconds span);

} // namespace varia
