#pragma once

#include "core/error.hpp"
#include "core/variant.hpp"
#include "store/variants.hpp"

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace varia {

/// What scripts may ask of the leader. Thread-safe, and never blocks: `done` is called once, on any
/// thread, when the leader has answered or a time limit has ended. It gets `unavailable` if no
/// leader is in reach, and `not_found` if one of the variants does not exist; then nothing was
/// done.
class script_commands {
public:
  using keys = std::vector<variant_key>;
  using done_handler = std::function<void(expected<void>)>;

  /// How to reach the leader.
  struct line {
    std::function<void(const keys&, trigger_options, done_handler)> trigger;
    std::function<void(const keys&, done_handler)> start;
  };

  void connect(line to) {
    std::lock_guard guard{mutex_};
    line_ = std::move(to);
  }

  /// From here on every call fails.
  void disconnect() { connect({}); }

  void trigger(const keys& which, trigger_options options, done_handler done) const {
    if (auto call = current().trigger)
      call(which, options, std::move(done));
    else
      done(unreachable());
  }

  void start(const keys& which, done_handler done) const {
    if (auto call = current().start)
      call(which, std::move(done));
    else
      done(unreachable());
  }

private:
  line current() const {
    std::lock_guard guard{mutex_};
    return line_;
  }

  static caf::error unreachable() {
    return fail(errc::unavailable, "the coordinator is out of reach");
  }

  mutable std::mutex mutex_;
  line line_;
};

} // namespace varia
