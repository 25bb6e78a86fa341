#pragma once

#include "store/budgets.hpp"
#include "upstream/request_budget.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varia {

/// What one process knows of the budgets it shares: which requests wait, what to ask the store and
/// when, and who goes when it answers. Each variant has one place in the row of its connection, and
/// its other requests wait here, so that variants take turns however much one of them wants. Plain:
/// time is passed in.
class budget_desk {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A request waits.
  void add(uint64_t ticket, const budget_claim& claim, time_point now);

  /// False once a request is over, and for one that may go without a permit.
  bool knows(uint64_t ticket) const { return tickets_.count(ticket) > 0; }

  /// A granted request is on its way; nothing happens if the ticket is unknown.
  void sent(uint64_t ticket, time_point now);

  /// A request is over or not wanted any more; nothing happens if the ticket is unknown.
  void end(uint64_t ticket, time_point now);

  /// When there is something to ask next.
  std::optional<time_point> next_moment() const;

  /// Returns what is to be asked now, for so many connections at most.
  std::vector<budget_question> questions(time_point now);

  /// Takes the answer to a question and returns the tickets of those that may go.
  std::vector<uint64_t> take(const budget_question& question, const budget_answer& answer,
                             time_point now);

  /// Has unanswered questions asked again at a later moment.
  void postpone(const std::vector<budget_question>& unanswered, time_point until);

private:
  struct permit_state {
    uint64_t id = 0;
    time_point told; ///< When the store last heard that it is in use.
    bool is_sent = false;
  };

  struct line_state {
    rate_limit rate;
    std::map<std::string, std::deque<uint64_t>> waiting; ///< By variant.
    std::deque<std::string> turns;                       ///< The variants that wait, in order.
    std::map<uint64_t, permit_state> out;                ///< By ticket.
    std::vector<budget_report> reports;
    time_point ask_at = time_point::max();
    time_point not_before; ///< After a failure.

    milliseconds margin() const { return arrival_margin(rate); }
  };

  using lines_type = std::map<std::string, line_state>;

  uint64_t grant(line_state& of, const std::string& variant, uint64_t id, time_point now);
  static void stop_waiting(line_state& of, const std::string& variant, uint64_t ticket,
                           time_point now);
  static void end_permit(line_state& of, std::map<uint64_t, permit_state>::iterator which,
                         time_point now);
  static time_point moment_of(const line_state& of);
  static void report_held(line_state& of, time_point now);
  void forget_if_idle(lines_type::iterator which);

  lines_type lines_; ///< By connection.
  std::unordered_map<uint64_t, std::pair<std::string, std::string>>
    tickets_; ///< Connection and variant.
};

} // namespace varia
