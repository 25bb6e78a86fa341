#pragma once

#include "store/actions.hpp"
#include "store/connections.hpp"
#include "store/functions.hpp"

#include <string>

namespace varia {

/// What holds for the calls of an installation; the rest is as the contract has it (6.4).
struct action_rules {
  milliseconds run_max{15 * 60 * 1000};
  milliseconds kept_for{24 * 3600 * 1000}; ///< What came of a call, and its log.
  action_limits limits;
};

/// An order for an action or an on-event function of a connection, under a new id. Somebody waits
/// for it unless the caller says otherwise with `queue`.
action_order order_call(const connection& of, const function& code, const action_rules& rules);

/// Has nobody wait for it.
void queue(action_order& order, uint32_t retries);

/// What who called an action is answered.
struct action_answer {
  int status = 200;
  std::string body; ///< JSON text.
};

/// The answer for a call that ended; `unavailable` and its like become a 503.
action_answer answer_of(const expected<action_state>& how);

/// An error of this code, in words if `message` is not empty.
action_answer action_refused(int status, const std::string& code, const std::string& message);

} // namespace varia
