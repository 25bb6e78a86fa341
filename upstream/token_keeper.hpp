#pragma once

#include "store/redis_pool.hpp"
#include "upstream/auth.hpp"
#include "upstream/upstream.hpp"

#include <functional>
#include <memory>
#include <string>

namespace varia {

/// Why credentials are to be looked after.
enum class token_need {
  due,     ///< They may be about to expire.
  refused, ///< A provider has refused them: take those that are stored meanwhile, or renew them.
  forced   ///< Somebody asked for new ones.
};

/// A connection with credentials that are good now, or the reason why there are none.
struct token_result {
  /// Empty, or a code: "invalid_credentials" (the provider refuses to give a token, or the
  /// integration lacks what it takes to ask), "connection_refresh_backoff" (it has refused a moment
  /// ago and is not asked yet), "unavailable", "not_found", "cancelled".
  std::string failure;
  std::string message; ///< Tells no secret.
  connection link;
};

/// Renews access tokens (OAuth 2), one flight per connection: whoever asks meanwhile waits for the
/// same one, in this process and, by a turn in the store, in all others. New credentials are stored
/// before they are used, and never over newer ones. After a refusal the provider is left alone for
/// a while that grows. Thread-safe; has a thread of its own.
class token_keeper {
public:
  using handler = std::function<void(token_result)>;

  /// Tokens are renewed `margin` before they expire. Both others must outlive the keeper.
  token_keeper(redis_pool& stores, upstream& out, milliseconds margin);
  ~token_keeper();

  token_keeper(const token_keeper&) = delete;
  token_keeper& operator=(const token_keeper&) = delete;

  /// True if `freshen` has something to do before these credentials are used. Asks nobody.
  bool is_due(const provider_rules& rules, const connection& link) const;

  /// True if credentials of this kind can be renewed at all.
  static bool is_renewable(const provider_rules& rules, const connection& link);

  /// Brings the connection's credentials up to date. `done` is called exactly once, on a thread of
  /// the keeper; it must not block.
  void freshen(connection link, provider_rules rules, token_need need, handler done);

  /// Fails what is under way and all that comes later with "cancelled". Also done by the
  /// destructor.
  void stop();

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace varia
