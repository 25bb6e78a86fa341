#include "tests/simulation/store_model.hpp"

#include <algorithm>
#include <utility>

namespace varia::test {

bool store_model::lives(const lease_map& all, const std::string& name) const {
  auto found = all.find(name);
  return found != all.end() && found->second.until > now_();
}

store_model::lease& store_model::renew(lease_map& all, const std::string& name, milliseconds ttl) {
  auto was_there = lives(all, name);
  auto& mine = all[name];
  if (!was_there)
    mine = {{}, {}, now_(), 0};
  mine.until = now_() + ttl.count();
  return mine;
}

std::string store_model::holder() const {
  return lead_until_ > now_() ? lead_ : std::string{};
}

leadership store_model::leader() const {
  leadership result;
  result.leader = holder();
  result.epoch = epoch_;
  if (!result.leader.empty())
    result.left_ms = static_cast<uint64_t>(lead_until_ - now_());
  if (lives(coordinators_, result.leader))
    result.address = coordinators_.at(result.leader).address;
  result.server_id = server_id;
  return result;
}

expected<leadership> store_model::take_lead(const candidate& who) {
  milliseconds ttl{static_cast<int64_t>(who.ttl_ms)};
  renew(coordinators_, who.holder, ttl).address = who.address;
  auto leads = holder();
  if (leads.empty()) {
    lead_ = who.holder;
    ++epoch_;
  }
  if (leads.empty() || leads == who.holder)
    lead_until_ = now_() + ttl.count();
  return leader();
}

expected<void> store_model::give_up_lead(const std::string& from) {
  coordinators_.erase(from);
  if (holder() == from)
    end_lead();
  return caf::unit;
}

expected<void> store_model::pass_lead(const std::string& from, const std::string& to,
                                      milliseconds ttl) {
  if (holder() != from)
    return fail(errc::fenced, "another one leads");
  if (!lives(coordinators_, to))
    return fail(errc::not_found, "no such coordinator is alive");
  lead_ = to;
  lead_until_ = now_() + ttl.count();
  ++epoch_;
  return caf::unit;
}

std::vector<coordinator_lease> store_model::coordinators() const {
  std::vector<coordinator_lease> result;
  for (auto& [name, x] : coordinators_)
    if (lives(coordinators_, name))
      result.push_back({name, x.address, x.since});
  return result;
}

expected<leadership> store_model::renew_worker(const std::string& worker, const std::string& boot,
                                               const std::string& address, milliseconds ttl) {
  if (lives(workers_, worker) && workers_[worker].boot != boot)
    return fail(errc::fenced, "another process is the worker of this name");
  auto& mine = renew(workers_, worker, ttl);
  mine.boot = boot;
  mine.address = address;
  return leader();
}

expected<void> store_model::give_up_worker(const std::string& worker, const std::string& boot) {
  if (lives(workers_, worker) && workers_[worker].boot == boot)
    workers_.erase(worker);
  return caf::unit;
}

std::vector<worker_lease> store_model::workers() const {
  std::vector<worker_lease> result;
  for (auto& [name, x] : workers_)
    if (lives(workers_, name))
      result.push_back({name, x.address, x.since, duty_of(name)});
  return result;
}

expected<void> store_model::set_duty(uint64_t epoch, const std::string& worker, worker_duty duty) {
  if (epoch_ == 0 || epoch != epoch_)
    return fail(errc::fenced, "another one leads");
  duties_[worker] = duty;
  return caf::unit;
}

worker_duty store_model::duty_of(const std::string& worker) const {
  auto found = duties_.find(worker);
  return found == duties_.end() ? worker_duty::active : found->second;
}

void store_model::forget_leases() {
  coordinators_.clear();
  workers_.clear();
  end_lead();
}

caf::error store_model::fence_leader(registry& sync, uint64_t epoch) {
  if (epoch < sync.epoch && rules.fences_leaders)
    return fail(errc::fenced, "a leader of a later epoch has written");
  late_orders_ += epoch < sync.epoch ? 1 : 0;
  sync.epoch = std::max(sync.epoch, epoch);
  return {};
}

expected<variant_entry*> store_model::find_entry(uint64_t epoch, const variant_key& key) {
  auto& sync = syncs_[key.sync];
  if (auto refused = fence_leader(sync, epoch))
    return refused;
  auto found = sync.entries.find(key.name);
  if (found == sync.entries.end())
    return fail(errc::not_found, "the variant does not exist");
  return &found->second;
}

const variant_entry* store_model::find(const variant_key& key) const {
  auto sync = syncs_.find(key.sync);
  if (sync == syncs_.end())
    return nullptr;
  auto found = sync->second.entries.find(key.name);
  return found == sync->second.entries.end() ? nullptr : &found->second;
}

size_t store_model::named(const sync_id& sync) const {
  auto found = syncs_.find(sync);
  if (found == syncs_.end())
    return 0;
  auto& entries = found->second.entries;
  return entries.size() - entries.count(base_variant);
}

std::vector<sync_id> store_model::syncs() const {
  std::vector<sync_id> result;
  for (auto& [sync, _] : syncs_)
    result.push_back(sync);
  return result;
}

expected<variant_entry> store_model::add(uint64_t epoch, const variant_key& key, bool paused,
                                         size_t named_max, const std::string& id) {
  auto& sync = syncs_[key.sync];
  sync.is_indexed = true;
  if (auto refused = fence_leader(sync, epoch))
    return refused;
  auto known = sync.entries.find(key.name);
  if (known != sync.entries.end() && known->second.id == id)
    return known->second;
  if (key.name != base_variant && named(key.sync) >= named_max && rules.limits_variants)
    return fail(errc::full, "so many variants per sync");
  if (auto old = heads_.find(id);
      known != sync.entries.end() || (old != heads_.end() && old->second.deleted))
    return fail(errc::exists, "the variant exists already");
  variant_entry entry{key, id, paused, {}, now_(), {}, false, {}, 0, paused ? not_started : ""};
  sync.entries[key.name] = entry;
  heads_[id].key = key;
  return entry;
}

expected<variant_entry> store_model::remove(uint64_t epoch, const variant_key& key) {
  auto found = find_entry(epoch, key);
  if (!found)
    return std::move(found.error());
  auto entry = **found;
  heads_.erase(entry.id);
  auto& sync = syncs_[key.sync];
  sync.entries.erase(key.name);
  if (key.name == base_variant)
    for (auto& [id, _] : std::exchange(sync.deleted, {}))
      heads_.erase(id);
  return entry;
}

expected<variant_entry> store_model::set_paused(uint64_t epoch, const variant_key& key, bool paused,
                                                const std::string& reason) {
  auto found = find_entry(epoch, key);
  if (!found)
    return std::move(found.error());
  (*found)->paused = paused;
  (*found)->pause_reason = paused ? reason : "";
  if (!paused)
    heads_.at((*found)->id).fails = 0;
  return **found;
}

expected<variant_entry> store_model::set_frequency(uint64_t epoch, const variant_key& key,
                                                   const std::string& frequency) {
  auto found = find_entry(epoch, key);
  if (!found)
    return std::move(found.error());
  (*found)->frequency = frequency;
  (*found)->since = now_();
  return **found;
}

expected<variant_entry> store_model::set_schedule(uint64_t epoch, const variant_key& key,
                                                  const std::string& schedule,
                                                  bool replaces_frequency) {
  auto found = find_entry(epoch, key);
  if (!found)
    return std::move(found.error());
  (*found)->schedule = schedule;
  (*found)->since = now_();
  if (replaces_frequency)
    (*found)->frequency.clear();
  return **found;
}

expected<variant_entry> store_model::want_run(uint64_t epoch, const variant_key& key,
                                              trigger_options options) {
  auto found = find_entry(epoch, key);
  if (!found)
    return std::move(found.error());
  auto& head = heads_.at((*found)->id);
  auto level = !options.reset ? 1 : options.empty_cache ? 3 : 2;
  auto in_progress = head.outcome == run_outcome::running && head.run_owner == head.placement.owner;
  if (level > 1 || !in_progress)
    head.want = std::max(head.want, level);
  return **found;
}

// Each sync is written by itself; what one of them refuses has no say in the others.
expected<std::vector<assignment>> store_model::place(uint64_t epoch, const std::string& worker,
                                                     const std::vector<assignment>& wanted) {
  std::map<sync_id, std::vector<const assignment*>> groups;
  for (auto& x : wanted)
    groups[x.key.sync].push_back(&x);
  caf::error refused;
  std::vector<assignment> result;
  for (auto& [sync, group] : groups) {
    if (auto why = fence_leader(syncs_[sync], epoch)) {
      refused = refused ? refused : why;
      continue;
    }
    for (auto* what : group)
      if (auto head = heads_.find(what->id); head != heads_.end() && !head->second.deleted) {
        head->second.placement = {what->owner, worker};
        result.push_back(*what);
      }
  }
  if (refused)
    return refused;
  return result;
}

expected<std::vector<registered_variant>> store_model::claim_all(uint64_t epoch) {
  std::vector<registered_variant> result;
  for (auto& [_, sync] : syncs_) {
    if (!sync.is_indexed)
      continue;
    if (auto why = fence_leader(sync, epoch))
      return why;
    for (auto& [name, entry] : sync.entries) {
      auto& head = heads_.at(entry.id);
      result.push_back({entry, head.placement, head.want > 0});
    }
  }
  return result;
}

} // namespace varia::test
