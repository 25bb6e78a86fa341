#pragma once

#include "store/checkpoints.hpp"
#include "store/leases.hpp"
#include "store/records.hpp"
#include "store/runs.hpp"
#include "store/variant_orders.hpp"
#include "store/variants.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace varia::test {

using varia::describe;

/// What the Functions of the store promise, one by one. Switching one off shows that those who
/// check a history would notice.
struct store_rules {
  bool fences_owners = true;
  bool fences_leaders = true;
  bool limits_variants = true;
  bool knows_batches = true; ///< A number that is repeated gets its first answer.
};

/// A write of a run as the store took it, with what was true at that moment.
struct stored_commit {
  uint64_t run = 0;
  uint64_t batch = 0; ///< 0 for a checkpoint without records.
  bool is_stale = false;
  std::vector<std::string> ids;
};

/// A run that began.
struct stored_begin {
  uint64_t run = 0;
  time_ms at = 0;
  time_ms ended_at = -1;
  bool is_stale = false;
  bool erased = false; ///< It forgot all records first.
};

/// What the store has of one life of a variant.
struct stored_variant {
  variant_key key;
  placement_entry placement;
  int want = 0;
  uint64_t run = 0;
  bool deleted = false; ///< It may come back.
  std::optional<run_outcome> outcome;
  token run_owner;
  time_ms started = 0, finished = 0;
  std::optional<time_ms> slot, last_sync;
  uint32_t fails = 0, retries = 0;
  std::optional<std::string> checkpoint, found_checkpoint;
  uint64_t version = 0;
  uint64_t batch = 0; ///< 0: none yet.
  commit_result answer;
  change_counts result;
  std::map<std::string, std::string> records; ///< Id to payload.

  // What no store remembers, for those who check.
  std::vector<stored_commit> commits;
  std::vector<stored_begin> begun;
};

/// The store in plain C++ and in virtual time: what the classes of `store/` answer, as far as the
/// cluster depends on it: leases, the registry, placement, runs, batches of one model, checkpoints.
/// `store_model_test` compares it with them and a real Redis.
class store_model {
public:
  explicit store_model(std::function<time_ms()> now) : now_{std::move(now)} {}

  store_rules rules;
  std::string server_id = "server-1";

  // As class leases.
  expected<leadership> take_lead(const candidate& who);
  expected<void> give_up_lead(const std::string& holder);
  expected<void> pass_lead(const std::string& from, const std::string& to, milliseconds ttl);
  leadership leader() const;
  std::vector<coordinator_lease> coordinators() const;
  expected<leadership> renew_worker(const std::string& worker, const std::string& boot,
                                    const std::string& address, milliseconds ttl);
  expected<void> give_up_worker(const std::string& worker, const std::string& boot);
  std::vector<worker_lease> workers() const;
  expected<void> set_duty(uint64_t epoch, const std::string& worker, worker_duty duty);

  // As class variants.
  expected<variant_entry> add(uint64_t epoch, const variant_key& key, bool paused, size_t named_max,
                              const std::string& id);
  expected<variant_entry> remove(uint64_t epoch, const variant_key& key);
  expected<variant_entry> set_paused(uint64_t epoch, const variant_key& key, bool paused,
                                     const std::string& reason = {});
  expected<variant_entry> set_frequency(uint64_t epoch, const variant_key& key,
                                        const std::string& frequency);
  expected<variant_entry> set_schedule(uint64_t epoch, const variant_key& key,
                                       const std::string& schedule, bool replaces_frequency);
  expected<variant_entry> want_run(uint64_t epoch, const variant_key& key, trigger_options options);
  expected<std::vector<assignment>> place(uint64_t epoch, const std::string& worker,
                                          const std::vector<assignment>& wanted);
  expected<std::vector<registered_variant>> claim_all(uint64_t epoch);

  // As class variant_orders.
  expected<batch_result> apply(uint64_t epoch, const variant_batch& batch, size_t named_max,
                               milliseconds keep);

  // As class runs.
  expected<run_start> begin(const variant_ref& variant, const token& owner, const run_cause& cause);
  expected<run_ending> end(const run_ticket& ticket, const run_report& report);
  expected<void> note(const variant_ref& variant, const token& owner, const std::string& what);
  std::vector<variant_state> states(const std::vector<variant_ref>& variants) const;

  // As classes records, of one model, and checkpoints.
  expected<commit_result> save(const run_ticket& ticket, uint64_t batch,
                               const std::vector<saved_record>& all,
                               const checkpoint_change& last = {});
  expected<checkpoint> load_checkpoint(const run_ticket& ticket);
  expected<uint64_t> save_checkpoint(const run_ticket& ticket, const std::string& json,
                                     uint64_t version);

  /// Ends all leases, as a restart may.
  void forget_leases();

  /// Ends the lease of one coordinator, of one worker, or the lead.
  void end_coordinator(const std::string& holder) { coordinators_.erase(holder); }
  void end_worker(const std::string& worker) { workers_.erase(worker); }
  void end_lead() { lead_until_ = -1; }

  // For those who check.
  const std::map<std::string, stored_variant>& variants() const { return heads_; }
  const variant_entry* find(const variant_key& key) const;
  size_t named(const sync_id& sync) const;
  std::vector<sync_id> syncs() const;
  worker_duty duty_of(const std::string& worker) const;
  size_t late_orders() const { return late_orders_; } ///< Taken of leaders of the past.

private:
  struct lease {
    std::string boot;
    std::string address;
    time_ms since = 0;
    time_ms until = 0;
  };
  using lease_map = std::map<std::string, lease>;

  struct registry {
    uint64_t epoch = 0;
    bool is_indexed = false; ///< Somebody has tried to put a variant into it.
    std::map<std::string, variant_entry> entries;
    std::map<std::string, deleted_variant> deleted; ///< By id.
  };

  bool lives(const lease_map& all, const std::string& name) const;
  lease& renew(lease_map& all, const std::string& name, milliseconds ttl);
  std::string holder() const;
  order_result carry_out(registry& sync, const sync_id& of, const variant_order& order,
                         size_t named_max, milliseconds keep);
  order_result create(registry& sync, const variant_key& key, const variant_order& order);
  order_result change(variant_entry& known, const variant_order& order);
  order_result remove(registry& sync, const variant_key& key, const variant_order& order,
                      milliseconds keep);
  order_result undelete(registry& sync, const variant_key& key, const variant_order& order,
                        bool is_full);
  caf::error fence_leader(registry& sync, uint64_t epoch);
  expected<variant_entry*> find_entry(uint64_t epoch, const variant_key& key);
  expected<stored_variant*> find_running(const run_ticket& ticket, bool may_have_ended);
  caf::error put_checkpoint(stored_variant& head, const std::string& json, uint64_t version);
  void close_run(stored_variant& head, run_outcome outcome, bool is_lost = false);
  void reset(stored_variant& head, int level);

  std::function<time_ms()> now_;
  std::string lead_;
  time_ms lead_until_ = -1;
  uint64_t epoch_ = 0;
  lease_map coordinators_;
  lease_map workers_;
  std::map<std::string, worker_duty> duties_;
  size_t late_orders_ = 0;
  std::map<sync_id, registry> syncs_;
  std::map<std::string, stored_variant> heads_; ///< By id.
};

} // namespace varia::test
