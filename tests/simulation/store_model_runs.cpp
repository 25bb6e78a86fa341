#include "tests/simulation/store_model.hpp"

#include <utility>

// The runs of the store model: what runs.lua, checkpoints.lua and records_write.lua do.
namespace varia::test {

void store_model::close_run(stored_variant& head, run_outcome outcome, bool is_lost) {
  if (outcome == run_outcome::failed && !is_lost)
    ++head.fails;
  if (outcome == run_outcome::success)
    head.fails = head.retries = 0;
  head.outcome = outcome;
  head.finished = now_();
  if (!head.begun.empty())
    head.begun.back().ended_at = now_();
  if (outcome == run_outcome::success)
    head.last_sync = head.started;
}

namespace {

failing failing_of(const stored_variant& head) {
  auto has_failed = head.outcome == run_outcome::failed && head.fails > 0;
  return {head.fails, head.retries, has_failed ? head.finished : -1};
}

} // namespace

void store_model::reset(stored_variant& head, int level) {
  if (level < 2)
    return;
  if (std::exchange(head.checkpoint, std::nullopt))
    ++head.version;
  head.last_sync.reset();
  if (level >= 3)
    head.records.clear();
}

expected<run_start> store_model::begin(const variant_ref& variant, const token& owner,
                                       const run_cause& cause) {
  auto found = heads_.find(variant.id);
  if (found == heads_.end())
    return fail(errc::not_found, "the variant is gone");
  auto& head = found->second;
  auto is_stale = head.placement.worker.empty() || head.placement.owner != owner;
  if (is_stale && rules.fences_owners)
    return fail(errc::fenced, "another owner was named");
  auto was_running = head.outcome == run_outcome::running;
  auto goes_on = was_running || head.outcome == run_outcome::interrupted;
  if (was_running)
    close_run(head, run_outcome::failed, true);
  auto level = head.want;
  run_start result;
  if (cause.only_if_wanted && level == 0 && !goes_on) {
    result.is_idle = true;
    return result;
  }
  if (level > 0 || !goes_on || cause.slot)
    head.retries = level > 0 ? 0 : cause.retry;
  reset(head, level);
  head.want = 0;
  head.batch = 0;
  head.found_checkpoint.reset();
  head.result = {};
  ++head.run;
  head.outcome = run_outcome::running;
  head.run_owner = owner;
  head.started = now_();
  head.finished = 0;
  if (cause.slot)
    head.slot = cause.slot;
  head.begun.push_back({head.run, now_(), -1, is_stale, level >= 3});
  result.ticket = {variant, owner, head.run};
  result.started_at = now_();
  result.last_sync = head.last_sync;
  result.empty_cache = level >= 3;
  return result;
}

expected<stored_variant*> store_model::find_running(const run_ticket& ticket, bool may_have_ended) {
  auto found = heads_.find(ticket.variant.id);
  if (found == heads_.end())
    return fail(errc::fenced, "the variant is gone");
  auto& head = found->second;
  if (!rules.fences_owners)
    return &head;
  if (head.placement.worker.empty() || head.placement.owner != ticket.owner)
    return fail(errc::fenced, "another owner was named");
  if (ticket.run > head.run)
    return fail(errc::cancelled, "the store knows of less than the run was told");
  if (head.run == 0 || head.run != ticket.run)
    return fail(errc::fenced, "another run has begun");
  if (!may_have_ended && head.outcome != run_outcome::running)
    return fail(errc::fenced, "the run has ended");
  return &head;
}

expected<run_ending> store_model::end(const run_ticket& ticket, const run_report& report) {
  if (report.outcome == run_outcome::running)
    return fail(errc::invalid, "a run cannot end as running");
  auto found = find_running(ticket, true);
  if (!found)
    return std::move(found.error());
  auto& head = **found;
  auto more = head.want > 0;
  if (head.outcome != run_outcome::running)
    return run_ending{*head.outcome, more, failing_of(head)};
  auto is_stuck = report.needs_progress && head.found_checkpoint
                  && *head.found_checkpoint == head.checkpoint.value_or("");
  auto outcome = is_stuck ? run_outcome::failed : report.outcome;
  close_run(head, outcome);
  return run_ending{outcome, more, failing_of(head)};
}

expected<void> store_model::note(const variant_ref& variant, const token& owner,
                                 const std::string& what) {
  auto found = heads_.find(variant.id);
  if (found == heads_.end())
    return fail(errc::not_found, "the variant is gone");
  auto& head = found->second;
  if (head.placement.worker.empty() || head.placement.owner != owner)
    return fail(errc::fenced, "another owner was named");
  auto goes_on = head.outcome == run_outcome::interrupted
                 || (head.outcome == run_outcome::running && head.run_owner != owner);
  if (what == "cancelled" && goes_on)
    close_run(head, run_outcome::cancelled);
  return caf::unit;
}

std::vector<variant_state> store_model::states(const std::vector<variant_ref>& variants) const {
  std::vector<variant_state> result;
  for (auto& variant : variants) {
    auto found = heads_.find(variant.id);
    auto& state = result.emplace_back();
    if (found == heads_.end())
      continue;
    auto& head = found->second;
    state.placement = head.placement;
    state.last_outcome = head.outcome;
    state.run = head.run;
    state.started_at = head.started;
    state.finished_at = head.finished;
    state.last_slot = head.slot;
    state.last_sync = head.last_sync;
    state.fails = head.fails;
    state.retries = head.retries;
    state.wanted = head.want > 0;
    state.checkpoint = head.checkpoint.value_or("");
  }
  return result;
}

caf::error store_model::put_checkpoint(stored_variant& head, const std::string& json,
                                       uint64_t version) {
  auto known = head.checkpoint.value_or("");
  if (head.version == version + 1 && known == json)
    return {};
  if (head.version < version)
    return fail(errc::cancelled, "the store knows of less than the run was told");
  if (head.version != version)
    return fail(errc::conflict, "the checkpoint has been changed since it was read");
  if (!head.found_checkpoint)
    head.found_checkpoint = known;
  if (json.empty() && !head.checkpoint)
    return {};
  head.checkpoint = json.empty() ? std::nullopt : std::optional{json};
  ++head.version;
  return {};
}

expected<commit_result> store_model::save(const run_ticket& ticket, uint64_t batch,
                                          const std::vector<saved_record>& all,
                                          const checkpoint_change& last) {
  auto found = find_running(ticket, false);
  if (!found)
    return std::move(found.error());
  auto& head = **found;
  if (rules.knows_batches && head.batch == batch)
    return head.answer;
  if (rules.knows_batches && batch < head.batch)
    return fail(errc::invalid, "a batch comes after a later one");
  if (!last.json.empty())
    if (auto refused = put_checkpoint(head, last.json, last.version);
        refused && rules.knows_batches)
      return refused;
  commit_result done;
  stored_commit commit{ticket.run, batch, head.placement.owner != ticket.owner, {}};
  for (auto& x : all) {
    auto [at, is_new] = head.records.try_emplace(x.id, x.payload);
    commit.ids.push_back(x.id);
    auto is_same = at->second == x.payload;
    ++(is_new ? done.added : is_same ? done.unchanged : done.updated);
    at->second = x.payload;
  }
  head.commits.push_back(std::move(commit));
  head.result.added += done.added;
  head.result.updated += done.updated;
  head.batch = batch;
  head.answer = done;
  return done;
}

expected<checkpoint> store_model::load_checkpoint(const run_ticket& ticket) {
  auto found = find_running(ticket, false);
  if (!found)
    return std::move(found.error());
  auto& head = **found;
  if (!head.found_checkpoint)
    head.found_checkpoint = head.checkpoint.value_or("");
  return checkpoint{head.checkpoint, head.version};
}

expected<uint64_t> store_model::save_checkpoint(const run_ticket& ticket, const std::string& json,
                                                uint64_t version) {
  auto found = find_running(ticket, false);
  if (!found)
    return std::move(found.error());
  auto& head = **found;
  if (auto refused = put_checkpoint(head, json, version))
    return refused;
  head.commits.push_back({ticket.run, 0, head.placement.owner != ticket.owner, {}});
  return head.version;
}

} // namespace varia::test
