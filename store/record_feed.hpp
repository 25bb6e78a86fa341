#pragma once

#include "core/ids.hpp"
#include "store/redis.hpp"

#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace varia {

/// Tells those who follow records when it is worth looking again. One thread with one connection to
/// Redis watches the commits of all syncs that anybody follows; while nobody does, it sleeps.
/// Thread-safe.
class record_feed {
public:
  /// What a follower wants to hear of.
  struct interest {
    sync_id sync;
    std::string variant; ///< The id of one; empty: any.
    std::string model;
  };

  /// Lasts until it is released, which must be before the feed ends. No wake runs after that.
  using subscription = std::shared_ptr<const void>;

  /// Redis has `patience` to answer, whatever the timeout of the configuration, so that the feed
  /// ends within a second. Fails with `invalid` if the URL is of no known form.
  static expected<std::shared_ptr<record_feed>> make(redis_config config);

  explicit record_feed(redis db);
  ~record_feed();

  record_feed(const record_feed&) = delete;
  record_feed& operator=(const record_feed&) = delete;

  /// Calls `wake` soon after every commit of interest, after a deletion of the variant, and
  /// whenever one of them may have gone by unseen: at the begin, when Redis was out of reach, and
  /// when it is another server than before.
  /// Who reads after the call and after each wake misses nothing. A wake is only a hint; it must
  /// not block or call the feed.
  [[nodiscard]] subscription subscribe(interest what, std::function<void()> wake);

  static constexpr std::chrono::milliseconds patience{400};

private:
  struct follower {
    interest what;
    std::function<void()> wake;
  };

  // The commits of one sync.
  struct channel {
    std::list<follower> followers;
    std::string position; // The last entry that was read; empty while it is not known.
  };

  using places = std::vector<std::pair<std::string, std::string>>;

  void run();
  bool await_followers();
  expected<void> look();
  expected<void> find_positions();
  expected<void> read_entries();
  void take_entries(const redisReply& stream, const std::string& read_from);
  void lose_positions();
  places channels_with(bool position);
  void unsubscribe(const std::string& key, std::list<follower>::iterator who);

  redis db_;           // The thread's.
  std::string server_; // The thread's: the run id of the server that has the positions.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, channel> channels_; // By the key of the feed.
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace varia
