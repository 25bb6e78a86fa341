#pragma once

#include "store/records.hpp"
#include "upstream/budget_watch.hpp"
#include "upstream/provider_request.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace varia {

/// How far a script has come, for those who look on: what it has saved, what it has asked of its
/// provider, and how long it has waited for its share of the connection's budget. Belongs to the
/// run's strand, but for the watch.
class run_progress {
public:
  using clock = budget_watch::clock;

  /// Told while a request of the script waits for the budget. From any thread.
  const std::shared_ptr<budget_watch>& budget() const { return budget_; }

  /// A request was made. A page is an answer to a GET that brought something.
  void count(const request_trace& x);

  /// What was saved so far, in so many batches.
  void set_saved(const commit_result& total, uint64_t batches);

  /// Returns JSON text, as `docs/formats.md` has it.
  std::string text(clock::time_point now) const;

private:
  std::shared_ptr<budget_watch> budget_ = std::make_shared<budget_watch>();
  commit_result total_;
  uint64_t batches_ = 0;
  uint64_t requests_ = 0;
  uint64_t failed_ = 0;
  uint64_t pages_ = 0;
};

} // namespace varia
