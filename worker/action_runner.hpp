#pragma once

#include "store/actions.hpp"
#include "store/redis.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace varia {

/// What an ACTION RUNNER needs of a run engine, so that its tests can do without Node.
struct action_engine {
  /// Begins a call; `done` is to be called once, from any thread.
  std::function<void(const taken_action&, const std::string& claim, std::function<void()> done)>
    start;
  /// The call of this id is somebody else's now.
  std::function<void(const std::string& id)> lose;
};

struct action_runner_config {
  size_t slots = 8;          ///< Of each depth of calls that somebody waits for.
  size_t queued_slots = 4;   ///< Of the others.
  milliseconds lease{10000}; ///< A worker that is silent for longer loses its calls.
};

/// Takes calls of actions from the store as long as there is room, has them run, and keeps them
/// while they do. One thread with one connection to Redis. Thread-safe.
class action_runner {
public:
  action_runner(redis db, action_runner_config config, action_engine engine);
  ~action_runner();

  action_runner(const action_runner&) = delete;
  action_runner& operator=(const action_runner&) = delete;

  /// Takes calls from here on, in the name of this worker; none while it is cordoned.
  void begin(const std::string& worker);

  /// There may be something to take.
  void wake();

  /// Takes no more.
  void hold();

  /// Does nothing any more but hear of ends.
  void stop();

  /// Returns true once nothing runs any more, false if it still does after `patience`.
  bool await_idle(milliseconds patience);

  /// How many run.
  size_t running() const;

private:
  using clock = std::chrono::steady_clock;

  void run();
  bool await_work();
  expected<void> take();
  expected<void> renew();
  action_room room() const;
  void start(const taken_action& what);
  void end(const std::string& id);

  redis db_; // The thread's.
  const action_runner_config config_;
  const action_engine engine_;
  const std::string claim_; // Of this process, never used by another.
  clock::time_point renewed_at_{};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string worker_;
  std::map<std::string, std::optional<uint32_t>> running_; // The depth by id; none: queued.
  bool is_woken_ = false;
  bool is_taking_ = false;
  bool is_stopping_ = false;
  std::thread thread_;
};

} // namespace varia
