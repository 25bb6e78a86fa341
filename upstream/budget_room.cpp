#include "upstream/budget_room.hpp"

#include "upstream/upstream_metrics.hpp"

#include <mutex>
#include <utility>

namespace varia {

namespace {

constexpr milliseconds look_every{100};

} // namespace

// Outlives the room in the hands of a budget that is granting just now.
struct budget_room::inbox {
  void put(uint64_t ticket) {
    std::lock_guard guard{mutex};
    granted.push_back(ticket);
    if (wake)
      wake();
  }

  std::mutex mutex;
  std::vector<uint64_t> granted;
  std::function<void()> wake;
};

budget_room::budget_room(std::shared_ptr<request_budget> budget, std::function<void()> wake)
  : budget_{std::move(budget)}, inbox_{std::make_shared<inbox>()} {
  inbox_->wake = std::move(wake);
}

bool budget_room::is_for(const transfer& x) const {
  return budget_ != nullptr && !x.request().rate_key.empty();
}

void budget_room::add(std::unique_ptr<transfer> x, time_point now) {
  const auto& request = x->request();
  auto ticket = budget_->ask({request.rate_key, request.rate_variant, request.rate},
                             [to = inbox_](uint64_t granted) { to->put(granted); });
  x->permit = budget_permit{*budget_, ticket};
  auto until = now + request.budget_wait_max;
  if (request.watch)
    request.watch->begin(now);
  all_.emplace(ticket, waiting{std::move(x), now, until});
}

// Whatever ended its wait, the time is spent.
std::unique_ptr<transfer> budget_room::let_go(waiting x) {
  auto now = std::chrono::steady_clock::now();
  measured_upstream().throttled.add(std::chrono::duration<double>(now - x.since).count());
  if (auto& watch = x.what->request().watch)
    watch->end(now);
  return std::move(x.what);
}

budget_room::transfers budget_room::take_granted() {
  std::vector<uint64_t> tickets;
  {
    std::lock_guard guard{inbox_->mutex};
    tickets.swap(inbox_->granted);
  }
  transfers result;
  for (auto ticket : tickets)
    if (auto found = all_.find(ticket); found != all_.end()) {
      result.push_back(let_go(std::move(found->second)));
      all_.erase(found);
    }
  return result;
}

template <class Predicate>
budget_room::transfers budget_room::take_if(Predicate wanted) {
  transfers result;
  for (auto at = all_.begin(); at != all_.end();)
    if (wanted(at->second)) {
      result.push_back(let_go(std::move(at->second)));
      at = all_.erase(at);
    } else {
      ++at;
    }
  return result;
}

budget_room::transfers budget_room::take_overdue(time_point now) {
  if (now - looked_at_ < look_every)
    return {};
  looked_at_ = now;
  return take_if([now](const waiting& x) { return x.until <= now; });
}

budget_room::transfers budget_room::take_owner(uint64_t owner) {
  return take_if([owner](const waiting& x) { return x.what->request().owner == owner; });
}

budget_room::transfers budget_room::take_all() {
  return take_if([](const waiting&) { return true; });
}

void budget_room::close() {
  std::lock_guard guard{inbox_->mutex};
  inbox_->wake = nullptr;
}

void budget_room::pause(const std::string& connection, milliseconds wait, const std::string& why) {
  if (budget_ != nullptr && !connection.empty())
    budget_->pause(connection, wait, why);
}

} // namespace varia
