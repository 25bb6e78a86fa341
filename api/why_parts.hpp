#pragma once

#include "api/why.hpp"

/// What `explain` is made of: a sentence about each thing that matters for a variant, empty where
/// there is nothing to tell.
namespace varia::why {

/// The slot of its schedule that has passed and may be run for now; nothing in a blackout, or if it
/// is too late.
std::optional<time_ms> due_slot(const why_facts& x);

/// Whether a slot has passed and waits for the end of a blackout.
bool is_dark(const why_facts& x);

/// The worker that hosts the variant; nullptr if there is none or no leader has told.
const worker_info* worker_of(const why_facts& x);

/// "in 4 min (2026-11-26T15:10:02Z)", or "4 min ago (...)".
std::string moment(time_ms at, time_ms now);

/// "no runs wait", "1 run waits", "2 runs wait".
std::string counted(uint64_t count, const std::string& one, const std::string& many);

std::string about_schedule(const why_facts& x);
std::string about_pause(const why_facts& x);
std::string about_placement(const why_facts& x);
std::string about_limits(const why_facts& x);
std::string about_budget(const why_facts& x);
std::string about_credentials(const why_facts& x);
std::string about_last_run(const why_facts& x);
std::string about_what_was_left_out(const why_facts& x);
std::string about_failures(const why_facts& x);
std::string about_next_run(const why_facts& x);

} // namespace varia::why
