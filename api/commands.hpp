#pragma once

#include "actors/messages.hpp"
#include "core/error.hpp"
#include "core/variant.hpp"
#include "store/variants.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace varia {

/// What the API asks of the leader. Each call blocks until the leader has answered or the patience
/// of the implementation ends, and may be made by many threads at once. Every call can fail with
/// `unavailable` (no leader in reach; try again) or `fenced` (the leader changed by now; likewise).
/// Calls that name several variants do all or nothing.
struct cluster_commands {
  /// Registers a named variant. Fails with `full` (the detail begins with the limit as a number)
  /// before it fails with `exists`.
  std::function<expected<variant_entry>(const variant_key&, bool paused, uint64_t period_ms)>
    create;

  /// Removes a variant with all it owns and cancels its run. Fails with `not_found`.
  std::function<expected<void>(const variant_key&)> remove;

  /// These fail with `not_found` if one of the variants does not exist.
  std::function<expected<void>(const std::vector<variant_key>&)> pause;
  std::function<expected<void>(const std::vector<variant_key>&)> start;
  std::function<expected<void>(const std::vector<variant_key>&, trigger_options)> trigger;

  /// Says that something waits in the store for these variants; those that are gone are passed
  /// over.
  std::function<expected<void>(const std::vector<variant_key>&)> wake;

  /// Sets the override (empty: none) and the period that is in effect from now on. `not_found`.
  std::function<expected<void>(const variant_key&, const std::string& frequency,
                               uint64_t period_ms)>
    set_frequency;

  /// Sees to it that these syncs have their base variant, and tells variants without an override
  /// their period. Asking again changes nothing.
  std::function<expected<void>(const std::vector<sync_wish>&)> ensure;

  /// Removes all variants of a connection.
  std::function<expected<void>(connection_number)> forget;

  std::function<expected<cluster_status>()> status;
};

} // namespace varia
