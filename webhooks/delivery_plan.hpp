#pragma once

#include "core/time.hpp"
#include "store/outbox.hpp"

#include <optional>
#include <string>

namespace varia {

/// How long a delivery is tried.
struct delivery_rules {
  int tries_max = 10;
  milliseconds first_wait{3000}; ///< Doubled with each try.
  milliseconds longest_wait{10 * 60 * 1000};
  milliseconds age_max{24 * 3600 * 1000}; ///< Of the event.
};

/// What came of one try.
struct delivery_outcome {
  int status = 0;                   ///< 0: there was no answer.
  std::string failure;              ///< A short code such as "ETIMEDOUT", if there was none.
  std::optional<milliseconds> told; ///< How long the receiver asks to wait.
};

/// True if the receiver, or the way to it, is out of order: such tries open its circuit.
bool is_breakdown(const delivery_outcome& x);

/// Decides what follows from a try. What may be better later is tried again: no answer, 408, 425,
/// 429 and everything from 500. Any other answer but 2xx is the receiver's last word, and so is an
/// address that may not be reached. `tries` counts those that failed before; `chance` is between 0
/// and 1.
outbox_settlement plan_delivery(const delivery_rules& rules, const delivery_outcome& x, int tries,
                                milliseconds age, double chance);

} // namespace varia
