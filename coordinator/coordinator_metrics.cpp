#include "coordinator/cluster_metrics.hpp"
#include "coordinator/coordinator_state.hpp"

#include <algorithm>
#include <cstdint>

namespace varia::coordinating {

namespace {

// Looking at every sync is nothing to do twice a second.
constexpr milliseconds largest_every{10'000};

void set_count(const gauge& to, size_t count) {
  to.set(static_cast<double>(count));
}

void measure_workers(self_ptr self) {
  auto& my = self->state;
  auto& all = measured_cluster();
  size_t active = 0;
  size_t cordoned = 0;
  size_t draining = 0;
  size_t leaving = 0;
  for (auto& [name, worker] : my.workers)
    if (worker.leaving)
      ++leaving;
    else if (worker.duty == worker_duty::cordoned)
      ++cordoned;
    else if (worker.duty == worker_duty::draining)
      ++draining;
    else
      ++active;
  set_count(all.active, active);
  set_count(all.cordoned, cordoned);
  set_count(all.draining, draining);
  set_count(all.leaving, leaving);
  set_count(all.absent, my.absent.size());
}

size_t count_unplaced(self_ptr self) {
  auto& my = self->state;
  auto result = my.homeless.size();
  for (auto& [worker, since] : my.absent)
    result += my.variants.owned_by(worker).size();
  return result;
}

void measure_variants(self_ptr self) {
  auto& my = self->state;
  auto& all = measured_cluster();
  size_t running = 0;
  size_t queued = 0;
  for (auto& [name, worker] : my.workers) {
    running += worker.load.running;
    queued += worker.load.queued;
  }
  auto unplaced = count_unplaced(self);
  auto known = running + queued + unplaced + my.variants.paused();
  set_count(all.running, running);
  set_count(all.queued, queued);
  set_count(all.paused, my.variants.paused());
  set_count(all.unplaced, unplaced);
  // A paused one may run, and have no worker, so this is at times a little too low.
  set_count(all.waiting, my.variants.size() - std::min(known, my.variants.size()));
}

void measure_failover(self_ptr self) {
  auto& my = self->state;
  if (my.lost_at < 0 || !my.homeless.empty() || my.placing)
    return;
  measured_cluster().failover.observe(seconds_of(milliseconds{my.config.now() - my.lost_at}));
  my.lost_at = -1;
}

void measure_largest(self_ptr self) {
  auto& my = self->state;
  auto now = my.config.now();
  if (my.measured_at >= 0 && now - my.measured_at < largest_every.count())
    return;
  my.measured_at = now;
  auto most = std::max<double>(my.config.named_max, 1);
  measured_cluster().limit_used.set(static_cast<double>(my.variants.largest_sync()) / most);
}

} // namespace

void measure(self_ptr self) {
  auto& my = self->state;
  auto& all = measured_cluster();
  all.leads.set(my.epoch ? 1 : 0);
  all.epoch.set(static_cast<double>(my.last_epoch));
  measure_workers(self);
  measure_variants(self);
  measure_failover(self);
  measure_largest(self);
}

} // namespace varia::coordinating
