#pragma once

#include "store/checkpoints.hpp"
#include "store/keys.hpp"
#include "store/leases.hpp"
#include "store/records.hpp"
#include "store/runs.hpp"
#include "store/variant_orders.hpp"
#include "store/variants.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace varia::test {

template <class T>
T must(expected<T> x) {
  if (!x)
    throw std::runtime_error(varia::describe(x.error()));
  return std::move(*x);
}

/// The classes of the store behind the names that the model has for them.
class real_store {
public:
  explicit real_store(redis& db) : db_{db} {}

  auto take_lead(const candidate& who) { return leases{db_}.take_lead(who); }
  auto give_up_lead(const std::string& from) { return leases{db_}.give_up_lead(from); }
  auto pass_lead(const std::string& from, const std::string& to, milliseconds span) {
    return leases{db_}.pass_lead(from, to, span);
  }
  auto leader() { return must(leases{db_}.leader()); }
  auto coordinators() { return must(leases{db_}.coordinators()); }
  auto renew_worker(const std::string& worker, const std::string& boot, const std::string& address,
                    milliseconds span) {
    return leases{db_}.renew_worker(worker, boot, address, span);
  }
  auto give_up_worker(const std::string& worker, const std::string& boot) {
    return leases{db_}.give_up_worker(worker, boot);
  }
  auto workers() { return must(leases{db_}.workers()); }
  auto set_duty(uint64_t epoch, const std::string& worker, worker_duty duty) {
    return leases{db_}.set_duty(epoch, worker, duty);
  }
  auto add(uint64_t epoch, const variant_key& key, bool paused, size_t most,
           const std::string& id) {
    return variants{db_}.add(epoch, key, paused, most, id);
  }
  auto remove(uint64_t epoch, const variant_key& key) { return variants{db_}.remove(epoch, key); }
  auto set_paused(uint64_t epoch, const variant_key& key, bool paused) {
    return variants{db_}.set_paused(epoch, key, paused);
  }
  auto set_frequency(uint64_t epoch, const variant_key& key, const std::string& text) {
    return variants{db_}.set_frequency(epoch, key, text);
  }
  auto want_run(uint64_t epoch, const variant_key& key, trigger_options options) {
    return variants{db_}.want_run(epoch, key, options);
  }
  auto place(uint64_t epoch, const std::string& worker, const std::vector<assignment>& wanted) {
    return variants{db_}.place(epoch, worker, wanted);
  }
  auto apply(uint64_t epoch, const variant_batch& batch, size_t most, milliseconds keep) {
    return variant_orders{db_}.apply(epoch, batch, most, keep);
  }
  auto claim_all(uint64_t epoch) { return variants{db_}.claim_all(epoch); }
  auto begin(const variant_ref& variant, const token& owner, const run_cause& cause) {
    return runs{db_}.begin(variant, owner, cause);
  }
  auto end(const run_ticket& ticket, const run_report& report) {
    return runs{db_}.end(ticket, report);
  }
  auto states(const std::vector<variant_ref>& all) { return must(runs{db_}.states(all)); }
  auto save(const run_ticket& ticket, uint64_t batch, const std::vector<saved_record>& all,
            const checkpoint_change& last) {
    return records{db_}.save(ticket, batch, "Order", all, {}, last);
  }
  auto load_checkpoint(const run_ticket& ticket) { return checkpoints{db_}.load(ticket); }
  auto save_checkpoint(const run_ticket& ticket, const std::string& json, uint64_t version) {
    return checkpoints{db_}.save(ticket, json, version);
  }
  void end_lead() { lapse(keys::lead); }
  void end_worker(const std::string& worker) { lapse(keys::worker(worker)); }
  void end_coordinator(const std::string& name) {
    lapse(std::string{keys::coordinators} + ':' + name);
  }

private:
  void lapse(const std::string& key) { must(db_.run({"DEL", key})); }

  redis& db_;
};

} // namespace varia::test
