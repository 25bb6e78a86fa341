#pragma once

#include "store/gates.hpp"
#include "store/redis_pool.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <map>
#include <mutex>
#include <string>

namespace varia {

/// Returns the limits of an integration: those in its settings (`runs`, JSON) over the defaults.
run_limits read_run_limits(const std::string& settings, const run_limits& defaults);

/// What keeps the runs of an engine within the limits of their connections and integrations, and
/// tells the store that they go on. Costs nothing for runs without limits. Thread-safe.
class run_admission {
public:
  /// Renews on `loop`, with blocking calls in `threads`.
  run_admission(boost::asio::io_context& loop, boost::asio::thread_pool& threads,
                redis_pool& stores);

  /// Lets a run in, or returns where it has to wait. Blocks.
  expected<gate> enter(const gate_pass& pass);

  /// The run of this id has ended; nothing happens if it had no limits. With `forget` another
  /// owner counts for it now. Blocks.
  void leave(const std::string& run, bool forget);

private:
  void plan_renewal();
  void renew();

  boost::asio::io_context& loop_;
  boost::asio::thread_pool& threads_;
  redis_pool& stores_;
  boost::asio::steady_timer timer_; ///< Of the loop.

  std::mutex telling_; ///< Keeps a renewal from bringing back a run that leaves.
  std::mutex mutex_;   ///< Guards the runs inside.
  std::map<std::string, gate_pass> inside_;
};

} // namespace varia
