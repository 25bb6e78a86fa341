#pragma once

#include "core/error.hpp"
#include "core/variant.hpp"
#include "store/variants.hpp"

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace varia {

/// What scripts may ask of the leader. Thread-safe; each call blocks until the leader has answered
/// or a time limit ends. Fails with `unavailable` if no leader is in reach, and with `not_found` if
/// one of the variants does not exist; then nothing was done.
class script_commands {
public:
  using keys = std::vector<variant_key>;

  /// How to reach the leader.
  struct line {
    std::function<expected<void>(const keys&, trigger_options)> trigger;
    std::function<expected<void>(const keys&)> start;
  };

  void connect(line to) {
    std::lock_guard guard{mutex_};
    line_ = std::move(to);
  }

  /// From here on every call fails.
  void disconnect() { connect({}); }

  expected<void> trigger(const keys& which, trigger_options options) const {
    auto call = current().trigger;
    return call ? call(which, options) : unreachable();
  }

  expected<void> start(const keys& which) const {
    auto call = current().start;
    return call ? call(which) : unreachable();
  }

private:
  line current() const {
    std::lock_guard guard{mutex_};
    return line_;
  }

  static expected<void> unreachable() {
    return fail(errc::unavailable, "the coordinator is out of reach");
  }

  mutable std::mutex mutex_;
  line line_;
};

} // namespace varia
