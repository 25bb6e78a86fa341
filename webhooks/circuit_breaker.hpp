#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <string>

namespace varia {

struct circuit_rules {
  size_t failures = 5;           ///< That many ...
  milliseconds within{10'000};   ///< ... in this time open a circuit,
  milliseconds open_for{60'000}; ///< for so long; then one try decides.
  size_t circuits_max = 1000;    ///< That are remembered.
};

/// Spares receivers that are out of order: a circuit per URL. Lives on one thread; times are of a
/// clock that only moves forward.
class circuit_breaker {
public:
  explicit circuit_breaker(circuit_rules rules = {}) : rules_{rules} {}

  /// Asks to try a URL. Returns zero if it may be tried now, and then wants to hear how it went;
  /// else how long to wait before asking again.
  milliseconds ask(const std::string& url, time_ms now);

  void succeed(const std::string& url);
  void fail(const std::string& url, time_ms now);

  /// The try said nothing about the receiver.
  void withdraw(const std::string& url);

private:
  struct circuit {
    std::deque<time_ms> failures;
    time_ms open_until = 0; ///< 0: it is closed.
    bool is_probed = false; ///< Someone tries whether it may close.
  };

  circuit_rules rules_;
  std::map<std::string, circuit> circuits_; ///< Those with failures only.
};

} // namespace varia
