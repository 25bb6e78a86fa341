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
  /// Registers a named variant, due as its function says. Fails with `full` (the detail begins with
  /// the limit as a number) before it fails with `exists`.
  std::function<expected<variant_entry>(const variant_key&, bool paused, const timing& due)> create;

  /// Removes a variant and cancels its run; it may be brought back for a while. Fails with
  /// `not_found`.
  std::function<expected<void>(const variant_key&)> remove;

  /// Carries out orders for variants of one sync in one step; what came of each is in the result.
  std::function<expected<batch_result>(const variant_batch&)> change;

  /// Sets or removes a limit of named variants. Fails with `conflict` if a sync has more already.
  std::function<expected<void>(const limit_change&)> set_limit;

  /// These fail with `not_found` if one of the variants does not exist.
  std::function<expected<void>(const std::vector<variant_key>&)> pause;
  std::function<expected<void>(const std::vector<variant_key>&)> start;
  std::function<expected<void>(const std::vector<variant_key>&, trigger_options)> trigger;

  /// Cancels what these variants run; nothing else changes. Fails with `unavailable` if a worker
  /// did not hear of it.
  std::function<expected<void>(const std::vector<variant_key>&, const std::string& reason)> cancel;

  /// Says that something waits in the store for these variants; those that are gone are passed
  /// over.
  std::function<expected<void>(const std::vector<variant_key>&)> wake;

  /// Sets the override (empty: none); `of_function` is what counts without. `not_found`.
  std::function<expected<void>(const variant_key&, const std::string& frequency,
                               const timing& of_function)>
    set_frequency;

  /// Gives a variant a schedule of its own (packed `schedule_rules`; empty: the function's, of
  /// which `of_function` tells), and removes its frequency override if told so. `not_found`.
  std::function<expected<void>(const variant_key&, const std::string& schedule,
                               bool replaces_frequency, const timing& of_function)>
    set_schedule;

  /// Sees to it that these syncs have their base variant, and tells all variants when they are due
  /// where they have nothing of their own. Asking again changes nothing.
  std::function<expected<void>(const std::vector<sync_wish>&)> ensure;

  /// Removes all variants of a connection.
  std::function<expected<void>(connection_number)> forget;

  /// Gives a worker no more variants (true), or again (false). `not_found` if none of this name has
  /// joined.
  std::function<expected<void>(const std::string& worker, bool on)> cordon;

  /// Moves all variants of a worker elsewhere; what runs has so long to save a checkpoint.
  /// `not_found`, and `conflict` if no other worker could take them.
  std::function<expected<void>(const std::string& worker, milliseconds deadline)> drain;

  /// Moves one variant to a worker in the same way. `not_found`, and `conflict` if it cannot move.
  std::function<expected<void>(const variant_key&, const std::string& worker,
                               milliseconds deadline)>
    move;

  /// Plans the moves that even the workers out, and begins them if told so.
  std::function<expected<std::vector<planned_move>>(bool apply)> rebalance;

  /// Hands the lead to the coordinator of this name. `not_found` if it is not alive.
  std::function<expected<void>(const std::string& name)> promote;

  std::function<expected<cluster_status>()> status;
};

} // namespace varia
