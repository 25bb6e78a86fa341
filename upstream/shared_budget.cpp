#include "upstream/shared_budget.hpp"

#include "core/ids.hpp"
#include "store/budgets.hpp"
#include "store/redis_pool.hpp"
#include "upstream/budget_desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varia {

namespace {

using clock = std::chrono::steady_clock;

constexpr milliseconds failure_wait_min{50};
constexpr milliseconds failure_wait_max{1000};
constexpr milliseconds longest_sleep{1000};

struct wanted_pause {
  clock::time_point until;
  std::string why;
};

using wanted_pauses = std::map<std::string, wanted_pause>;
using ready_call = std::pair<request_budget::grant_handler, uint64_t>;

} // namespace

struct shared_budget::state {
  explicit state(const redis_config& config) : stores{config} {
    thread = std::thread{[this] { run(); }};
  }

  void run();
  void round(std::unique_lock<std::mutex>& lock);
  bool tell_pauses(wanted_pauses wanted);
  void wake();

  redis_pool stores;
  const std::string process = make_uuid();
  milliseconds failure_wait{0}; ///< Of the thread alone.

  std::mutex mutex; ///< Guards all below.
  std::condition_variable changed;
  budget_desk desk;
  wanted_pauses pauses;
  std::unordered_map<uint64_t, grant_handler> handlers;
  uint64_t last_ticket = 0;
  bool is_changed = false;
  bool is_stopping = false;
  std::thread thread;
};

void shared_budget::state::run() {
  std::unique_lock lock{mutex};
  while (!is_stopping) {
    auto until = clock::now() + longest_sleep;
    if (auto next = desk.next_moment())
      until = std::min(until, *next);
    if (!pauses.empty())
      until = std::min(until, clock::now() + failure_wait);
    changed.wait_until(lock, until, [this] { return is_changed || is_stopping; });
    is_changed = false;
    round(lock);
  }
}

void shared_budget::state::round(std::unique_lock<std::mutex>& lock) {
  auto wanted = std::exchange(pauses, {});
  auto questions = desk.questions(clock::now());
  if (questions.empty() && wanted.empty())
    return;
  lock.unlock();
  auto all_told = tell_pauses(std::move(wanted));
  auto answers = stores.use([&](redis& db) { return budgets{db, process}.ask(questions); });
  if (!answers && failure_wait.count() == 0)
    spdlog::warn("requests to providers wait: {}", describe(answers.error()));
  failure_wait = answers && all_told
                   ? milliseconds{0}
                   : std::clamp(failure_wait * 2, failure_wait_min, failure_wait_max);
  lock.lock();
  auto now = clock::now();
  if (!answers)
    return desk.postpone(questions, now + failure_wait);
  std::vector<ready_call> ready;
  for (size_t i = 0; i < questions.size(); ++i)
    for (auto ticket : desk.take(questions[i], (*answers)[i], now))
      if (auto found = handlers.find(ticket); found != handlers.end()) {
        ready.emplace_back(std::move(found->second), ticket);
        handlers.erase(found);
      }
  lock.unlock();
  for (auto& [granted, ticket] : ready)
    granted(ticket);
  lock.lock();
}

// A pause that cannot be told is told later, for what is left of it. False if there is one.
bool shared_budget::state::tell_pauses(wanted_pauses wanted) {
  auto all_told = true;
  for (auto& [connection, x] : wanted) {
    auto left = std::chrono::ceil<milliseconds>(x.until - clock::now());
    if (left.count() <= 0)
      continue;
    auto told = stores.use([&, &of = connection, &why = x.why](redis& db) {
      return budgets{db, process}.pause(of, left, why);
    });
    if (told)
      continue;
    all_told = false;
    std::lock_guard guard{mutex};
    pauses.try_emplace(connection, std::move(x));
  }
  return all_told;
}

void shared_budget::state::wake() {
  is_changed = true;
  changed.notify_one();
}

shared_budget::shared_budget(const redis_config& config)
  : state_{std::make_unique<state>(config)} {}

shared_budget::~shared_budget() {
  {
    std::lock_guard guard{state_->mutex};
    state_->is_stopping = true;
    state_->wake();
  }
  state_->thread.join();
}

uint64_t shared_budget::ask(budget_claim claim, grant_handler granted) {
  auto& my = *state_;
  std::lock_guard guard{my.mutex};
  auto ticket = ++my.last_ticket;
  my.desk.add(ticket, claim, clock::now());
  my.handlers.emplace(ticket, std::move(granted));
  my.wake();
  return ticket;
}

void shared_budget::sent(uint64_t ticket) {
  auto& my = *state_;
  std::lock_guard guard{my.mutex};
  if (!my.desk.knows(ticket))
    return;
  my.desk.sent(ticket, clock::now());
  my.wake();
}

void shared_budget::end(uint64_t ticket) {
  auto& my = *state_;
  std::lock_guard guard{my.mutex};
  my.handlers.erase(ticket);
  if (!my.desk.knows(ticket))
    return;
  my.desk.end(ticket, clock::now());
  my.wake();
}

void shared_budget::pause(const std::string& connection, milliseconds wait,
                          const std::string& why) {
  auto& my = *state_;
  std::lock_guard guard{my.mutex};
  auto until = clock::now() + wait;
  auto& wanted = my.pauses[connection];
  if (until > wanted.until)
    wanted = {until, why};
  my.wake();
}

} // namespace varia
