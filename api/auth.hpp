#pragma once

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

/// Finds out which environment a request may act in. Remembers keys it knows for a few seconds, by
/// hash, so a key that was taken away is refused that much later. Thread-safe.
class authenticator {
public:
  using clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds memory{5};
  static constexpr size_t keys_max = 1000;

  explicit authenticator(std::shared_ptr<store_pool> stores) : stores_{std::move(stores)} {}

  /// Returns the name of the environment, or the refusal.
  std::variant<std::string, http_response> admit(const http_request& request);

private:
  struct known_key {
    std::string environment;
    clock::time_point until;
  };

  std::optional<std::string> recall(const std::string& hash);
  void remember(const std::string& hash, const std::string& environment);

  std::shared_ptr<store_pool> stores_;
  std::mutex mutex_;
  std::map<std::string, known_key> known_;
};

} // namespace varia
