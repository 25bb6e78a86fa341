#pragma once

#include "api/caller.hpp"
#include "api/http.hpp"
#include "api/session_rules.hpp"
#include "api/store_pool.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

namespace varia {

struct api_key;

/// The key that an Authorization header carries: what follows the last "Bearer ", or all of it.
std::string key_of(const std::string& authorization);

/// Finds out who sends a request, by its API key or, where it carries none, by the session of its
/// browser. Remembers whom it knows for a few seconds, by hash, so a key that another process took
/// away is refused that much later. Thread-safe.
class authenticator {
public:
  using clock = std::chrono::steady_clock;
  using admission = std::variant<std::shared_ptr<const caller>, http_response>;

  static constexpr std::chrono::seconds memory{2};
  static constexpr std::chrono::seconds use_noted_every{60};
  static constexpr size_t keys_max = 1000;

  explicit authenticator(std::shared_ptr<store_pool> stores, dashboard_rules rules = {})
    : stores_{std::move(stores)}, rules_{std::move(rules)} {}

  /// Returns who it is, or the refusal.
  admission admit(const http_request& request);

  /// The same for an API key alone.
  admission admit_key(const std::string& key);

  /// Asks the store about everybody again, from now on.
  void forget();

  const dashboard_rules& rules() const { return rules_; }

private:
  struct known_caller {
    std::shared_ptr<const caller> who;
    clock::time_point until;
    clock::time_point noted; ///< When the use of the key was last told to the store.
  };

  admission admit_session(const http_request& request);
  admission look_up_session(const std::string& token, const std::string& hash);
  admission welcome(redis& db, const std::string& hash, api_key found, milliseconds left);

  std::shared_ptr<const caller> recall(const std::string& hash);

  /// Returns whether the use of the key is to be told to the store.
  bool remember(const std::string& hash, std::shared_ptr<const caller> who, milliseconds left);

  std::shared_ptr<store_pool> stores_;
  dashboard_rules rules_;
  std::mutex mutex_;
  std::map<std::string, known_caller> known_;
};

} // namespace varia
