#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace varia {

/// What became of a permit: its request has not left yet (`held`), or the provider has certainly
/// seen it or never will (`over`). The permit is free again `left` from now, at the earliest or at
/// the latest respectively.
struct budget_report {
  enum class kind { held, over };

  kind what = kind::held;
  uint64_t permit = 0;
  milliseconds left{0};
};

/// What a process wants of the budget of one connection. `claims` is all that it waits for, each
/// text once: what is not named any more loses its place in the row.
struct budget_question {
  std::string connection; ///< Its number.
  uint32_t requests = 0;  ///< So many in each span of `per`; 0: as many as one likes.
  milliseconds per{0};
  milliseconds margin{0}; ///< Until a request must have reached the provider.
  std::vector<budget_report> reports;
  std::vector<std::string> claims;
};

/// One claim that may go now.
struct budget_grant {
  size_t claim = 0; ///< Its index in the question.
  uint64_t permit = 0;
};

struct budget_answer {
  bool is_open = false; ///< Neither a rate nor a pause: all may go, and need no permits.
  milliseconds ask_in{0};
  milliseconds paused{0}; ///< How long the provider wants to be left alone yet.
  std::vector<budget_grant> grants;
};

/// What an operator sees of a budget.
struct budget_state {
  std::string connection; ///< Its number.
  uint32_t requests = 0;
  milliseconds per{0};
  uint64_t waiting = 0; ///< Variants with a request that waits.
  uint64_t granted = 0; ///< Requests that count against the rate at this moment.
  time_ms paused_until = 0;
  std::string reason; ///< Of the pause.
};

/// The budgets that the requests to providers share, one for each connection, over all processes of
/// the cluster. Never more than `requests` reach a provider in any span of `per`. Who waits stands
/// in a row, so that all get the same share; a process that falls silent loses its places after two
/// seconds, and its permits come free by themselves. See docs/decisions/0016-request-budgets.md.
class budgets {
public:
  /// `process` is unique to the process that asks.
  budgets(redis& db, std::string process) : db_{db}, process_{std::move(process)} {}

  /// Asks for several connections in one round trip.
  expected<std::vector<budget_answer>> ask(const std::vector<budget_question>& questions);

  /// Has all requests of a connection wait, an hour at most. A pause never gets shorter.
  expected<void> pause(const std::string& connection, milliseconds wait, const std::string& why);

  /// Returns the budgets that are in use: those with a rate, and those that are paused.
  expected<std::vector<budget_state>> list();

private:
  redis& db_;
  std::string process_;
};

} // namespace varia
