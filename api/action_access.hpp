#pragma once

#include "api/provider_access.hpp"
#include "core/trace_context.hpp"
#include "store/action_orders.hpp"
#include "store/action_waits.hpp"
#include "store/redis_pool.hpp"

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace varia {

/// How the API has actions and on-event functions run. It outlives what it is asked, and must not
/// end on a thread of its own: whoever owns it stops it first.
struct action_access {
  action_access(const redis_config& store, action_rules those)
    : waits{store}, stores{store}, rules{those} {}

  /// Ends all that is under way.
  void stop() {
    waits.stop();
    work.join();
  }

  action_waits waits;
  redis_pool stores;
  action_rules rules;
  boost::asio::thread_pool work{4}; ///< For what follows an outcome and may block.
};

/// An answer of the API as who called an action gets it.
http_response response_of(const action_answer& x);

/// Calls an action and answers with its outcome. If the client leaves, it is given up unless it has
/// begun.
std::shared_ptr<deferred_answer> called_action(action_access& access, action_order order);

/// What follows the calls of on-event functions: gets the outcome of the first that failed, if one
/// did. Runs on a thread that may block.
using event_sequel = std::function<http_response(redis&, const std::optional<action_answer>&)>;

/// Calls on-event functions one after the other up to the first that fails, and answers with what
/// `then` says. It goes on when the client leaves.
std::shared_ptr<deferred_answer> called_events(action_access& access,
                                               std::vector<action_order> orders, event_sequel then);

/// Orders for the functions of a connection that are run for an event, by name. They belong to the
/// trace of what happened.
expected<std::vector<action_order>> orders_for_event(redis& db, const action_access& access,
                                                     const connection& of, const std::string& event,
                                                     const trace_context& trace);

} // namespace varia
