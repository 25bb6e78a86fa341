#include "worker/action_runner.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace varia {

namespace {

// How often it looks without being told: what others have lost, or could not tell, is found then.
constexpr std::chrono::milliseconds look_every{1000};
constexpr std::chrono::milliseconds pause_without_redis{200};

size_t left_of(size_t most, size_t used) {
  return most > used ? most - used : 0;
}

} // namespace

action_runner::action_runner(redis db, action_runner_config config, action_engine engine)
  : db_{std::move(db)}, config_{config}, engine_{std::move(engine)}, claim_{make_uuid()}, thread_{
                                                                                            [this] {
                                                                                              run();
                                                                                            }} {}

action_runner::~action_runner() {
  stop();
}

void action_runner::stop() {
  {
    std::lock_guard guard{mutex_};
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void action_runner::begin(const std::string& worker) {
  std::lock_guard guard{mutex_};
  worker_ = worker;
  is_taking_ = true;
  is_woken_ = true;
  changed_.notify_all();
}

void action_runner::wake() {
  std::lock_guard guard{mutex_};
  is_woken_ = true;
  changed_.notify_all();
}

void action_runner::hold() {
  std::lock_guard guard{mutex_};
  is_taking_ = false;
}

bool action_runner::await_idle(milliseconds patience) {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, patience, [this] { return running_.empty(); });
}

size_t action_runner::running() const {
  std::lock_guard guard{mutex_};
  return running_.size();
}

void action_runner::run() {
  auto has_redis = true;
  while (await_work()) {
    auto done = take();
    if (done && clock::now() - renewed_at_ >= config_.lease / 3)
      done = renew();
    if (!done && has_redis)
      spdlog::warn("actions are not looked after for now: {}", describe(done.error()));
    has_redis = static_cast<bool>(done);
    if (has_redis)
      continue;
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, pause_without_redis, [this] { return is_stopping_; });
  }
}

// Returns false when it is time to end.
bool action_runner::await_work() {
  std::unique_lock guard{mutex_};
  changed_.wait_for(guard, std::min(look_every, config_.lease / 3),
                    [this] { return is_stopping_ || is_woken_; });
  is_woken_ = false;
  return !is_stopping_;
}

expected<void> action_runner::take() {
  std::string worker;
  {
    std::lock_guard guard{mutex_};
    if (!is_taking_)
      return caf::unit;
    worker = worker_;
  }
  auto wanted = actions{db_}.may_take(worker);
  if (!wanted)
    return std::move(wanted.error());
  // Also without room: it ends what others have lost.
  auto taken = actions{db_}.take(claim_, worker, *wanted ? room() : action_room{}, config_.lease);
  if (!taken)
    return std::move(taken.error());
  for (auto& each : *taken)
    start(each);
  return caf::unit;
}

action_room action_runner::room() const {
  std::lock_guard guard{mutex_};
  std::array<size_t, action_depth_max + 1> used{};
  size_t queued = 0;
  for (const auto& [id, depth] : running_)
    ++(depth ? used.at(std::min<size_t>(*depth, action_depth_max)) : queued);
  action_room result;
  for (size_t i = 0; i < used.size(); ++i)
    result.by_depth.at(i) = left_of(config_.slots, used.at(i));
  result.queued = left_of(config_.queued_slots, queued);
  return result;
}

void action_runner::start(const taken_action& what) {
  auto id = what.order.id;
  {
    std::lock_guard guard{mutex_};
    running_[id] = what.order.is_queued ? std::nullopt : std::optional{what.order.depth};
  }
  engine_.start(what, claim_, [this, id] { end(id); });
}

void action_runner::end(const std::string& id) {
  std::lock_guard guard{mutex_};
  running_.erase(id);
  is_woken_ = true;
  changed_.notify_all();
}

expected<void> action_runner::renew() {
  std::vector<std::string> ids;
  {
    std::lock_guard guard{mutex_};
    for (const auto& [id, depth] : running_)
      ids.push_back(id);
  }
  renewed_at_ = clock::now();
  if (ids.empty())
    return caf::unit;
  auto lost = actions{db_}.renew(claim_, ids, config_.lease);
  if (!lost)
    return std::move(lost.error());
  for (auto& id : *lost)
    engine_.lose(id);
  return caf::unit;
}

} // namespace varia
