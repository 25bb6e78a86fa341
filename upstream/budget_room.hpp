#pragma once

#include "upstream/request_budget.hpp"
#include "upstream/transfer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace varia {

/// Where the transfers of an upstream wait for their share of a budget. Belongs to the upstream
/// thread, but for `pause`; grants come in from the budget's thread.
class budget_room {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using transfers = std::vector<std::unique_ptr<transfer>>;

  /// `wake` is called from any thread when a transfer may go. No budget: nobody has to wait.
  budget_room(std::shared_ptr<request_budget> budget, std::function<void()> wake);

  /// True if this one has to wait here.
  bool is_for(const transfer& x) const;

  void add(std::unique_ptr<transfer> x, time_point now);

  /// Returns those that may go.
  transfers take_granted();

  /// Returns those that have waited for longer than they wanted to.
  transfers take_overdue(time_point now);

  transfers take_owner(uint64_t owner);
  transfers take_all();

  /// Has nobody call `wake` any more.
  void close();

  /// Passes on that a provider wants a pause. From any thread.
  void pause(const std::string& connection, milliseconds wait, const std::string& why);

private:
  struct inbox;

  struct waiting {
    std::unique_ptr<transfer> what;
    time_point since;
    time_point until;
  };

  static std::unique_ptr<transfer> let_go(waiting x);

  template <class Predicate>
  transfers take_if(Predicate wanted);

  std::shared_ptr<request_budget> budget_;
  std::shared_ptr<inbox> inbox_;
  std::map<uint64_t, waiting> all_; ///< By ticket.
  time_point looked_at_;            ///< When the last search for overdue ones was.
};

} // namespace varia
