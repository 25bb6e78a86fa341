#include "api/connection_text.hpp"
#include "api/schedule_text.hpp"
#include "api/sync_status.hpp"
#include "api/why_parts.hpp"

#include <utility>

namespace varia {

namespace {

json moment_text(std::optional<time_ms> at) {
  return at && *at > 0 ? json(to_iso_z(*at)) : json(nullptr);
}

json worker_text(const why_facts& x) {
  if (x.state.placement.worker.empty())
    return nullptr;
  json result{{"worker", x.state.placement.worker}};
  if (auto host = why::worker_of(x))
    result.update({{"alive", host->alive},
                   {"duty", host->duty},
                   {"slots", host->load.slots},
                   {"running", host->load.running},
                   {"queued", host->load.queued},
                   {"longest_wait_ms", host->load.longest_wait_ms}});
  return result;
}

json limit_text(const gate_place& x) {
  return {{"waits", x.waits}, {"ahead", x.ahead}, {"inside", x.inside}};
}

json budget_text(const obstacles& x) {
  auto rate
    = x.requests == 0 ? json(nullptr) : json{{"requests", x.requests}, {"per_ms", x.per.count()}};
  return {{"rate", std::move(rate)},
          {"granted", x.granted},
          {"waiting", x.row},
          {"waits", x.waits_for_request},
          {"paused_until", moment_text(x.paused_until)},
          {"reason", x.paused_until > 0 ? json(x.pause_reason) : json(nullptr)}};
}

json last_run_text(const variant_state& x) {
  if (!x.last_outcome)
    return nullptr;
  auto result = json::object();
  for (auto& [model, counts] : x.result)
    result[model]
      = {{"added", counts.added}, {"updated", counts.updated}, {"deleted", counts.deleted}};
  return {{"run", x.run},
          {"outcome", to_string(*x.last_outcome)},
          {"started_at", moment_text(x.started_at)},
          {"finished_at", moment_text(x.finished_at)},
          {"result", std::move(result)},
          {"error", stored_json(x.error, nullptr)}};
}

json waiting_text(const obstacles& x) {
  return {{"triggered_at", moment_text(x.asked_at)}, {"reset", x.wanted > 1}, {"events", x.events}};
}

} // namespace

json facts_text(const why_facts& x) {
  auto due = why::due_slot(x);
  return {
    {"id", x.entry.id},
    {"status", status_of(x.entry, x.state)},
    {"paused", x.entry.paused},
    {"pause_reason", x.entry.pause_reason.empty() ? json(nullptr) : json(x.entry.pause_reason)},
    {"schedule", schedule_text(rules_in_effect(x.entry, x.of()))},
    {"function", x.deployed ? json(x.deployed->version) : json(nullptr)},
    {"leader", x.cluster ? json(x.cluster->leader) : json(nullptr)},
    {"placement", worker_text(x)},
    {"waiting", waiting_text(x.held)},
    {"due_since", moment_text(due)},
    {"limits",
     {{"connection", limit_text(x.held.of_connection)},
      {"integration", limit_text(x.held.of_integration)}}},
    {"budget", budget_text(x.held)},
    {"credentials",
     {{"refusals", x.held.refusals}, {"refused_until", moment_text(x.held.refused_until)}}},
    {"last_run", last_run_text(x.state)},
    {"failures_in_a_row", x.state.fails},
    {"retry_at", moment_text(next_retry_of(x.entry, x.state, x.of()))},
    {"next_run", moment_text(next_run_of(x.entry, x.of(), x.held.now))}};
}

} // namespace varia
