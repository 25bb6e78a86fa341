#pragma once

#include "api/caller.hpp"
#include "api/http.hpp"
#include "api/store_pool.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

namespace varia {

/// The key that an Authorization header carries: what follows the last "Bearer ", or all of it.
std::string key_of(const std::string& authorization);

/// Finds out who sends a request. Remembers keys it knows for a few seconds, by hash, so a key that
/// another process took away is refused that much later. Thread-safe.
class authenticator {
public:
  using clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds memory{2};
  static constexpr std::chrono::seconds use_noted_every{60};
  static constexpr size_t keys_max = 1000;

  explicit authenticator(std::shared_ptr<store_pool> stores) : stores_{std::move(stores)} {}

  /// Returns who it is, or the refusal.
  std::variant<std::shared_ptr<const caller>, http_response> admit(const http_request& request);

  /// Asks the store about every key again, from now on.
  void forget();

private:
  struct known_key {
    std::shared_ptr<const caller> who;
    clock::time_point until;
    clock::time_point noted; ///< When its use was last told to the store.
  };

  std::shared_ptr<const caller> recall(const std::string& hash);

  /// Returns whether the use of the key is to be told to the store.
  bool remember(const std::string& hash, std::shared_ptr<const caller> who);

  std::shared_ptr<store_pool> stores_;
  std::mutex mutex_;
  std::map<std::string, known_key> known_;
};

} // namespace varia
