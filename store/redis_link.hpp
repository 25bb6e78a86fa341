#pragma once

#include "core/error.hpp"
#include "store/redis.hpp"
#include "store/redis_url.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace varia {

/// One open connection to a server that speaks the protocol of Redis, be it Redis or a Sentinel.
/// After a call that failed it is out of step for ever. Belongs to one thread at a time.
class redis_link {
public:
  /// Connects, and waits for answers, for up to `patience` each. Fails with `unavailable`.
  static expected<redis_link> open(const redis_address& where, std::chrono::milliseconds patience);

  /// Changes how long an answer may take from now on.
  void set_patience(std::chrono::milliseconds patience);

  /// Sends one command and returns its answer, which may be an error of the server's. Fails with
  /// `unavailable` without an answer.
  expected<redis::reply> ask(const redis::command& words);

  /// Sends all commands at once and returns one answer each, in order.
  expected<std::vector<redis::reply>> ask_all(const std::vector<redis::command>& commands);

  /// Whether the server has closed the connection while nobody used it.
  bool is_closed() const;

private:
  using context = std::unique_ptr<redisContext, void (*)(redisContext*)>;

  redis_link(context raw, std::chrono::milliseconds patience)
    : raw_{std::move(raw)}, patience_{patience} {}

  caf::error failure(std::chrono::steady_clock::time_point since) const;

  context raw_;
  std::chrono::milliseconds patience_;
};

/// Says who we are, and does nothing if the URL names nobody. Fails with `unavailable`.
caf::error log_in(redis_link& link, const redis_url& who);

/// The failure of a server that did not answer in time.
caf::error silence();

/// Whether this is the failure of a server that did not answer in time.
bool is_silence(const caf::error& why);

} // namespace varia
