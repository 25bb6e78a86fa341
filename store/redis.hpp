#pragma once

#include "core/error.hpp"

#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct redisContext;
struct redisReply;

namespace varia {

class keyring;

/// Where Redis is and how long to wait for it.
struct redis_config {
  /// See `parse_redis_url`.
  std::string url = "redis://127.0.0.1:6379";
  std::chrono::milliseconds timeout{2000}; ///< For connecting and for each answer.
  /// Whether a new connection finds our Functions before its first call, whatever server it meets
  /// (see `keep_functions`).
  bool keeps_functions = true;
  /// The file of the keys that seal secrets (see `keyring`); empty for none.
  std::string key_file = {};
};

/// One connection to Redis. Belongs to one thread at a time. A connection that broke is opened
/// again by the next call, to whoever is the master then; the call during which it broke fails with
/// `unavailable`, and so does one that finds Redis silent and another call waiting for it already.
class redis {
public:
  using reply = std::unique_ptr<redisReply, void (*)(redisReply*)>;
  using command = std::vector<std::string_view>;

  /// Does not connect yet. Fails with `invalid` if the URL is of no known form, or the key file has
  /// a fault. The URL may hold a password: it appears in no error.
  static expected<redis> make(const redis_config& config);

  /// Makes another connection to the same Redis. Both share what they know of it; threads that work
  /// at the same time each need one.
  redis another() const;

  redis(redis&&) noexcept;
  redis& operator=(redis&&) noexcept;
  ~redis();

  /// Sends one command and waits for its answer. Error answers of our Functions begin with a word
  /// of `errc` in capitals ("FENCED another owner", "NOT_FOUND ...") and come back as that code.
  /// `unavailable` is also what a server says that lives but cannot serve now: that is out of
  /// memory, loads its data, has become a replica. Any other error answer is `internal`.
  expected<reply> run(const command& words);

  /// Sends all commands at once and returns one answer each, in order. An error answer is left in
  /// the list (type REDIS_REPLY_ERROR; see `error_of`). Fails as a whole with `unavailable`.
  expected<std::vector<reply>> run_all(const std::vector<command>& commands);

  /// Returns the run id of the server that the last call spoke with, which changes with every
  /// restart and every failover. Opens the connection if there is none.
  expected<std::string> server_id();

  /// The keys that secrets are sealed with before they are sent.
  const keyring& keys() const;

private:
  struct state;

  explicit redis(std::unique_ptr<state> state);

  std::unique_ptr<state> state_;
};

/// Returns the error an error answer stands for, or an empty error for every other answer.
caf::error error_of(const redisReply& reply);

/// Returns the bytes of a string answer; empty for nil.
std::string text_of(const redisReply& reply);

/// Returns the number of an integer answer, or of a string answer that holds one; 0 otherwise.
int64_t number_of(const redisReply& reply);

} // namespace varia
