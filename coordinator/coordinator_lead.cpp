#include "coordinator/cluster_metrics.hpp"
#include "coordinator/coordinator_state.hpp"
#include "core/log.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace varia::coordinating {

namespace {

// We stop acting this long before the lease ends by our own clock (design 5).
constexpr milliseconds lease_margin{500};

// The soonest that one who does not lead asks again.
constexpr milliseconds ask_min{20};

void take_over(self_ptr self, uint64_t epoch, std::vector<variant_row>& rows) {
  auto& my = self->state;
  my.epoch = my.last_epoch = epoch;
  my.variants = registry{};
  set_log_fact("epoch", std::to_string(epoch));
  auto now = my.config.now();
  // Who had to go without Redis for a while must have had the time to renew its lease.
  my.judge_from = now + my.config.lease.count();
  for (auto& row : rows) {
    if (row.placement.worker.empty())
      my.homeless.insert(row.entry.id);
    else
      my.absent.emplace(row.placement.worker, now);
    if (row.wanted)
      my.unheard.insert(row.entry.id);
    my.variants.put(std::move(row));
  }
  spdlog::info("leading with epoch {}, {} variants", epoch, my.variants.size());
  measured_cluster().leads_taken.add();
  if (my.peers.discovery)
    self->send(my.peers.discovery, atom::start_v);
  place_homeless(self);
}

// From here on no write of an earlier epoch can come to what is read, so what is read is true.
void load_registry(self_ptr self, const leadership& now) {
  auto& my = self->state;
  my.loading = true;
  my.server_id = now.server_id;
  self->request(my.peers.store, std::chrono::minutes{1}, atom::load_v, now.epoch)
    .then(
      [self, epoch = now.epoch](std::vector<variant_row>& rows) {
        self->state.loading = false;
        take_over(self, epoch, rows);
      },
      [self](const caf::error& why) {
        self->state.loading = false;
        spdlog::error("the registry cannot be read: {}", describe(why));
      });
}

// Begins anew, under an epoch that is later than every write in doubt.
void lead_anew(self_ptr self) {
  auto& my = self->state;
  auto ttl = static_cast<uint64_t>(my.config.lease.count());
  self->request(my.peers.store, patience, atom::promote_v, my.config.name, my.config.name, ttl)
    .then([self](atom::ok) { step_down(self, "a write got no answer, and all is read again"); },
          [](const caf::error& why) {
            spdlog::warn("the lead was not taken anew: {}", describe(why));
          });
}

void follow(self_ptr self, const leadership& now, time_ms asked_at) {
  auto& my = self->state;
  auto is_ours = now.leader == my.config.name;
  if (my.epoch && (!is_ours || *my.epoch != now.epoch))
    step_down(self, "another leader came between");
  else if (my.epoch && my.server_id != now.server_id)
    // It may be a restart that lost what it was told last, or a replica that never heard of it.
    step_down(self, "this is another Redis, and the registry is read again");
  if (is_ours)
    my.lease_until = asked_at + (my.config.lease - lease_margin).count();
  if (is_ours && !my.epoch && !my.loading)
    load_registry(self, now);
  else if (is_ours && my.epoch && *my.epoch == my.doubted)
    lead_anew(self);
  if (my.peers.line)
    self->send(my.peers.line, atom::lead_v, now, coordinator_actor{self});
}

// One who leads renews the lease in time; the others ask as soon as it would have ended.
milliseconds next_beat(self_ptr self, const leadership& now) {
  auto& my = self->state;
  auto third = my.config.lease / 3;
  if (now.leader == my.config.name)
    return third;
  auto left = milliseconds{static_cast<int64_t>(now.left_ms)} + ask_min;
  return std::clamp(left, ask_min, third / 4);
}

// Takes or renews the lead if it is free or ours; `then` is told when to do so again.
template <class Then>
void ask_who_leads(self_ptr self, Then then) {
  auto& my = self->state;
  candidate me{my.config.name, my.config.address, static_cast<uint64_t>(my.config.lease.count())};
  self->request(my.peers.store, my.config.lease, atom::lead_v, me)
    .then(
      [self, then, asked_at = my.config.now()](const leadership& found) {
        follow(self, found, asked_at);
        then(next_beat(self, found));
      },
      [self, then](const caf::error&) { then(self->state.config.lease / 6); });
}

// Rounds are due while we lead only; the RETENTION passes over one that comes too early.
void begin_retention(self_ptr self) {
  auto& my = self->state;
  auto now = my.config.now();
  if (!my.peers.retention || now < my.retention_due)
    return;
  my.retention_due = now + my.config.retention_interval.count();
  self->send(my.peers.retention, atom::start_v);
}

} // namespace

caf::error check_lead(self_ptr self) {
  auto& my = self->state;
  if (my.epoch && my.config.now() < my.lease_until)
    return {};
  return fail(errc::fenced, "this coordinator does not lead");
}

void step_down(self_ptr self, const std::string& why) {
  auto& my = self->state;
  if (!my.epoch)
    return;
  spdlog::warn("no longer leading: {}", why);
  my.epoch.reset();
  set_log_fact("epoch", {});
  my.variants = registry{};
  my.workers.clear();
  my.homeless.clear();
  my.absent.clear();
  my.wishes.clear();
  my.moving.clear();
  my.unheard.clear();
  my.yielding = 0;
  my.lost_at = my.measured_at = -1;
  if (my.peers.retention)
    self->send(my.peers.retention, atom::cancel_v);
  if (my.peers.discovery)
    self->send(my.peers.discovery, atom::cancel_v);
}

// A leader that the store refuses is none any more.
void mind_fence(self_ptr self, const caf::error& why) {
  if (code_of(why) == errc::fenced)
    step_down(self, describe(why));
}

void mind_doubt(self_ptr self, const caf::error& why) {
  if (code_of(why) == errc::unavailable)
    self->state.doubted = self->state.last_epoch;
}

void beat(self_ptr self) {
  auto& my = self->state;
  if (my.epoch && my.config.now() >= my.lease_until)
    step_down(self, "the lease could not be renewed");
  ask_who_leads(self, [self](milliseconds wait) { self->delayed_send(self, wait, atom::tick_v); });
  if (my.epoch)
    begin_retention(self);
}

caf::result<atom::ok> promote(self_ptr self, const std::string& name) {
  auto& my = self->state;
  if (auto why = check_lead(self))
    return why;
  auto promise = self->make_response_promise<atom::ok>();
  auto ttl = static_cast<uint64_t>(my.config.lease.count());
  self->request(my.peers.store, patience, atom::promote_v, my.config.name, name, ttl)
    .then(
      [self, promise, name](atom::ok) mutable {
        step_down(self, "the lead was handed to " + name);
        ask_who_leads(self, [](milliseconds) {});
        promise.deliver(atom::ok_v);
      },
      [promise](caf::error& why) mutable { promise.deliver(std::move(why)); });
  return promise;
}

} // namespace varia::coordinating
