#pragma once

#include "api/store_pool.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace varia {

/// Something that pages watch, such as the variants of a sync. What it has seen is read by many
/// threads, while one looks.
class live_subject {
public:
  virtual ~live_subject() = default;

  /// Looks at it. Returns whether there is news.
  virtual expected<bool> look(redis& db) = 0;
};

/// Looks at what pages watch, each subject once however many watch it, and says when there is news.
/// It has a thread from the first follower on. Thread-safe.
class live_desk {
public:
  /// Lasts until it is released. No wake comes after that.
  struct following {
    std::shared_ptr<live_subject> subject;
    std::shared_ptr<const void> until_released;
  };
  using maker = std::function<std::shared_ptr<live_subject>()>;

  static constexpr size_t subjects_max = 128;

  /// How long what nobody watches any more is remembered for those who come back.
  static constexpr std::chrono::seconds memory{30};

  /// `rest` is the least time between two looks at one subject; one that takes long is looked at
  /// less often.
  explicit live_desk(std::shared_ptr<store_pool> stores,
                     std::chrono::milliseconds rest = std::chrono::milliseconds{1000})
    : stores_{std::move(stores)}, rest_{rest} {}
  ~live_desk() { stop(); }

  live_desk(const live_desk&) = delete;
  live_desk& operator=(const live_desk&) = delete;

  /// Watches the subject of a name, which is made if nobody watches it yet. `wake` only leaves
  /// word; it comes soon at first. Fails with `full` if too many subjects are watched.
  expected<following> follow(const std::string& name, const maker& make,
                             std::function<void()> wake);

  /// Ends the thread, as soon as its look is over. Followers hear nothing any more.
  void stop();

private:
  using clock = std::chrono::steady_clock;

  struct watched {
    std::shared_ptr<live_subject> subject;
    std::list<std::function<void()>> wakes;
    clock::time_point next;    ///< When to look again.
    clock::time_point left_at; ///< When the last follower went.
  };

  void run();
  void look_at_due(std::unique_lock<std::mutex>& guard);
  void look_at(const std::string& name, std::unique_lock<std::mutex>& guard);
  clock::time_point next_due() const;
  void forget_old();
  void unfollow(const std::string& name, std::list<std::function<void()>>::iterator who);
  expected<bool> look_with_store(live_subject& subject);

  std::shared_ptr<store_pool> stores_;
  const std::chrono::milliseconds rest_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, watched> all_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace varia
