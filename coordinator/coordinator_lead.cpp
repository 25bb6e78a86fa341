#include "coordinator/coordinator_state.hpp"

#include <spdlog/spdlog.h>

namespace varia::coordinating {

namespace {

// We stop acting this long before the lease ends by our own clock (design 5).
constexpr milliseconds lease_margin{500};

void take_over(self_ptr self, uint64_t epoch, std::vector<variant_row>& rows) {
  auto& my = self->state;
  my.loading = false;
  my.epoch = epoch;
  my.variants = registry{my.config.named_max};
  my.homeless.clear();
  my.absent.clear();
  auto now = my.config.now();
  for (auto& row : rows) {
    if (row.placement.worker.empty())
      my.homeless.insert(row.entry.id);
    else
      my.absent.emplace(row.placement.worker, now);
    my.variants.put(std::move(row));
  }
  spdlog::info("leading with epoch {}, {} variants", epoch, my.variants.size());
  place_homeless(self);
}

void load_registry(self_ptr self, uint64_t epoch) {
  auto& my = self->state;
  my.loading = true;
  self->request(my.store, std::chrono::minutes{1}, atom::load_v)
    .then([self, epoch](std::vector<variant_row>& rows) { take_over(self, epoch, rows); },
          [self](const caf::error& why) {
            self->state.loading = false;
            spdlog::error("the registry cannot be read: {}", describe(why));
          });
}

void renewed(self_ptr self, uint64_t epoch, time_ms until) {
  auto& my = self->state;
  my.lease_until = until;
  if (my.epoch && *my.epoch != epoch)
    step_down(self, fail(errc::fenced, "another leader came between"));
  if (!my.epoch && !my.loading)
    load_registry(self, epoch);
}

// Rounds are due while we lead only; the RETENTION passes over one that comes too early.
void begin_retention(self_ptr self) {
  auto& my = self->state;
  auto now = my.config.now();
  if (!my.retention || now < my.retention_due)
    return;
  my.retention_due = now + my.config.retention_interval.count();
  self->send(my.retention, atom::start_v);
}

} // namespace

caf::error check_lead(self_ptr self) {
  auto& my = self->state;
  if (my.epoch && my.config.now() < my.lease_until)
    return {};
  return fail(errc::unavailable, "this coordinator does not lead");
}

void step_down(self_ptr self, const caf::error& why) {
  auto& my = self->state;
  if (!my.epoch)
    return;
  spdlog::error("no longer leading: {}", describe(why));
  my.epoch.reset();
  my.variants = registry{my.config.named_max};
  my.workers.clear();
  my.homeless.clear();
  my.absent.clear();
  if (my.retention)
    self->send(my.retention, atom::cancel_v);
}

void beat(self_ptr self) {
  auto& my = self->state;
  self->delayed_send(self, my.config.lease / 3, atom::tick_v);
  if (my.epoch && my.config.now() >= my.lease_until)
    step_down(self, fail(errc::unavailable, "the lease could not be renewed"));
  auto until = my.config.now() + (my.config.lease - lease_margin).count();
  auto ttl = static_cast<uint64_t>(my.config.lease.count());
  self->request(my.store, my.config.lease, atom::lead_v, my.config.name, ttl)
    .then([self, until](uint64_t epoch) { renewed(self, epoch, until); },
          [self](const caf::error& why) {
            if (code_of(why) == errc::fenced)
              step_down(self, why);
          });
  if (my.epoch) {
    check_absent(self);
    place_homeless(self);
    begin_retention(self);
  }
}

} // namespace varia::coordinating
