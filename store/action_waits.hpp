#pragma once

#include "store/actions.hpp"
#include "store/redis.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace varia {

/// Waits for the outcomes of calls, and tells when there is something to take. One thread with one
/// connection to Redis reads the news of all calls. Thread-safe.
class action_waits {
public:
  /// Gets the state of a call that has ended; or `not_found` if nothing is known of it any more,
  /// `unavailable` if it should have ended by now, and `cancelled` if this ends first.
  using handler = std::function<void(expected<action_state>)>;

  /// Redis has a second to answer, whatever the configuration says.
  explicit action_waits(redis_config config);

  /// Every handler that is left is called.
  ~action_waits();

  /// Does the same; from here on `wait` fails at once.
  void stop();

  /// Tells who waits for this call that it could not even be put.
  void fail_with(const std::string& id, caf::error why);

  action_waits(const action_waits&) = delete;
  action_waits& operator=(const action_waits&) = delete;

  /// Calls `done` once, when the call of this id has ended: on the thread of this, which it must
  /// not block. Called before the call is put, it misses nothing. A call that nobody has begun in
  /// time is given up.
  void wait(const action_order& order, handler done);

  /// Gives a call up if nobody has begun it; its handler is called soon in that case.
  void give_up(const std::string& id);

  /// Calls `wake` whenever there may be something to take, on the thread of this. Set once, by one
  /// who lives longer or sets nothing in its place.
  void on_news(std::function<void()> wake);

  static constexpr std::chrono::milliseconds patience{1000};

private:
  using clock = std::chrono::steady_clock;

  struct waiting_call {
    handler done;
    clock::time_point start_by;
    clock::time_point end_by;
  };

  void run();
  expected<void> look();
  expected<void> find_position();
  expected<void> read_news();
  expected<void> settle(const std::string& id, bool is_known);
  expected<void> settle_all();
  expected<void> give_up_late();
  expected<void> give_up_now(const std::string& id);
  void finish(const std::string& id, expected<action_state> how);
  void wake();
  bool is_stopping();

  expected<redis> db_;   // The thread's.
  std::string server_;   // The thread's: the run id of the server that has the position.
  std::string position_; // The thread's: the last entry that was read; empty while not known.
  clock::time_point looked_at_{};
  std::mutex mutex_;
  std::map<std::string, waiting_call> waiting_;
  std::vector<std::string> unwanted_;
  std::function<void()> wake_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace varia
