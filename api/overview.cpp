#include "api/overview.hpp"

#include "api/cluster_text.hpp"
#include "api/connection_text.hpp"
#include "api/sync_status.hpp"
#include "api/variant_sums.hpp"
#include "store/leases.hpp"

#include <algorithm>

namespace varia {

namespace {

// Since when a run is to be made that nobody has begun; nothing if none is.
std::optional<time_ms> due_since(const counted_variant& x, const function* deployed, time_ms now) {
  auto& [entry, state] = x;
  if (state.wanted)
    return state.asked_at > 0 ? state.asked_at : now;
  if (entry.paused || deployed == nullptr)
    return std::nullopt;
  auto plan = schedule_of(entry, deployed);
  auto slot = next_slot(plan, state.last_slot, now);
  if (!slot || *slot > now || is_too_late(plan, *slot, now) || blackout_end(plan, now))
    return std::nullopt;
  return slot;
}

time_ms last_success_of(const variant_state& x) {
  return x.last_outcome == run_outcome::success ? x.finished_at : x.last_sync.value_or(0);
}

} // namespace

variant_standing standing_of(const counted_variant& x, const function* deployed, time_ms now) {
  variant_standing result;
  result.running = is_open(x.state);
  if (result.running)
    return result;
  result.paused = x.entry.paused;
  result.failing = x.state.last_outcome == run_outcome::failed;
  if (auto since = due_since(x, deployed, now)) {
    result.waiting = true;
    result.late = milliseconds{std::max<time_ms>(0, now - *since)};
  }
  return result;
}

overview_tally::overview_tally(const variant_survey& all, const std::set<std::string>& workers,
                               time_ms now)
  : all_{all} {
  for (auto& each : all.census.variants)
    count(each, workers, now);
  auto newer = [](auto* a, auto* b) { return a->state.finished_at > b->state.finished_at; };
  auto shown = std::min(failures_max, failed_.size());
  std::partial_sort(failed_.begin(), failed_.begin() + static_cast<ptrdiff_t>(shown), failed_.end(),
                    newer);
  failed_.resize(shown);
}

void overview_tally::count(const counted_variant& x, const std::set<std::string>& workers,
                           time_ms now) {
  auto owner = all_.owner_of(x.entry);
  if (owner == nullptr)
    return;
  auto how = standing_of(x, all_.function_of(x.entry), now);
  auto& of_sync = syncs_[{owner->provider_config_key, owner->connection_id, x.entry.key.sync.name}];
  ++of_sync.variants;
  of_sync.records += records_of(x.state);
  of_sync.last_success_at = std::max(of_sync.last_success_at, last_success_of(x.state));
  for (auto [is_so, all, here] :
       {std::tuple<bool, size_t*, size_t*>{how.running, &running_, &of_sync.running},
        {how.paused, &paused_, &of_sync.paused},
        {how.failing, &failing_, &of_sync.failing}}) {
    *all += is_so ? 1 : 0;
    *here += is_so ? 1 : 0;
  }
  waiting_ += how.waiting ? 1 : 0;
  late_ += how.late >= late_from ? 1 : 0;
  latest_ = std::max(latest_, how.late);
  unplaced_ += workers.count(x.state.placement.worker) == 0 ? 1 : 0;
  if (how.failing)
    failed_.push_back(&x);
}

json overview_tally::variants() const {
  return {{"total", all_.census.variants.size()},
          {"running", running_},
          {"paused", paused_},
          {"failing", failing_},
          {"waiting", waiting_},
          {"unplaced", unplaced_}};
}

json overview_tally::lag() const {
  return {{"late", late_}, {"latest_ms", latest_.count()}};
}

bool overview_tally::is_truncated() const {
  return syncs_.size() > syncs_max || all_.census.truncated;
}

json overview_tally::syncs() const {
  using row = decltype(syncs_)::value_type;
  std::vector<const row*> order;
  for (auto& each : syncs_)
    order.push_back(&each);
  std::stable_sort(order.begin(), order.end(), [](auto* a, auto* b) {
    return std::tie(a->second.failing, a->second.running)
           > std::tie(b->second.failing, b->second.running);
  });
  order.resize(std::min(order.size(), syncs_max));
  auto result = json::array();
  for (auto* each : order) {
    auto& [key, connection_id, name] = each->first;
    auto& sum = each->second;
    auto at = sum.last_success_at;
    result.push_back({{"provider_config_key", key},
                      {"connection_id", connection_id},
                      {"sync", name},
                      {"variants", sum.variants},
                      {"running", sum.running},
                      {"failing", sum.failing},
                      {"paused", sum.paused},
                      {"records", sum.records},
                      {"last_success_at", at > 0 ? json(to_iso_z(at)) : json(nullptr)}});
  }
  return result;
}

json overview_tally::failures() const {
  auto result = json::array();
  for (auto* each : failed_) {
    auto owner = all_.owner_of(each->entry);
    result.push_back({{"provider_config_key", owner->provider_config_key},
                      {"connection_id", owner->connection_id},
                      {"sync", each->entry.key.sync.name},
                      {"variant", each->entry.key.name},
                      {"at", to_iso_z(each->state.finished_at)},
                      {"failures_in_a_row", each->state.fails},
                      {"error", stored_json(each->state.error, nullptr)}});
  }
  return result;
}

expected<overview_scene> read_scene(redis& db, const cluster_commands& cluster) {
  leases all{db};
  auto leader = all.leader();
  if (!leader)
    return std::move(leader.error());
  auto coordinators = all.coordinators();
  if (!coordinators)
    return std::move(coordinators.error());
  auto alive = all.workers();
  if (!alive)
    return std::move(alive.error());
  overview_scene result;
  for (auto& each : *alive)
    result.alive.insert(each.worker);
  auto& name = leader->leader;
  result.cluster = {{"leader", name.empty() ? json(nullptr) : json(name)},
                    {"epoch", leader->epoch},
                    {"coordinators", coordinators->size()},
                    {"redis", "ok"}};
  // Whoever asks while nobody leads is told at once.
  auto status = name.empty() ? expected<cluster_status>{cluster_status{}} : cluster.status();
  if (!status && code_of(status.error()) != errc::unavailable
      && code_of(status.error()) != errc::fenced)
    return std::move(status.error());
  if (status)
    result.workers = workers_text(*status);
  return result;
}

json overview_text(const overview_tally& tally, const overview_scene& scene, bool shows_workers) {
  return {
    {"cluster", scene.cluster},     {"workers", shows_workers ? scene.workers : json::array()},
    {"variants", tally.variants()}, {"lag", tally.lag()},
    {"syncs", tally.syncs()},       {"truncated", tally.is_truncated()},
    {"failures", tally.failures()}};
}

} // namespace varia
