#pragma once

#include "config/settings.hpp"
#include "core/log_scope.hpp"
#include "store/action_waits.hpp"
#include "store/functions.hpp"
#include "store/integrations.hpp"
#include "store/redis_pool.hpp"
#include "upstream/upstream.hpp"
#include "worker/call_host.hpp"
#include "worker/code_cache.hpp"
#include "worker/environment_ids.hpp"
#include "worker/run_admission.hpp"
#include "worker/run_error.hpp"
#include "worker/run_log.hpp"
#include "worker/run_progress.hpp"
#include "worker/runtime_pool.hpp"
#include "worker/script_calls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// What all runs of an engine share.
struct run_ports {
  boost::asio::io_context& loop;
  boost::asio::thread_pool& threads;
  redis_pool& stores;
  runtime_pool& pool;
  upstream& out;
  token_keeper& tokens;
  code_cache& codes;
  script_commands& commands;
  environment_ids& ids;
  const settings& config;
  std::atomic<bool>& is_stopping;
  run_admission& admission;
  action_waits& waits;
};

/// What a run runs for.
struct run_place {
  connection link;
  integration service;
};

/// What every script that runs has, whether it is the run of a variant or the call of an action:
/// its side of the frames, its log, and its end from outside. Store calls happen on its strand in
/// the threads for blocking calls; what concerns the script's process happens on the loop; `stop`
/// may come from anywhere.
class script_session : public run_client,
                       public call_host,
                       public std::enable_shared_from_this<script_session> {
public:
  script_session(run_ports& ports, uint32_t number);

  /// Ends the run early; the first cause counts. From here on its store writes are refused.
  void stop(stop_cause cause, const std::string& reason);

  void take_frame(frame x, std::shared_ptr<void> credit) override;

  void answer(std::string bytes) override;
  void post(std::function<void()> work) override;
  bool is_stopped() const override { return cause_ != stop_cause::none; }
  void note_request(const request_trace& what) override;
  void guard_deletions(const std::string& reason) override;
  void start_over(const std::string& reason) override;
  void lose_ownership() override;

protected:
  /// Takes a DONE, on the strand.
  virtual void take_done(frame x) = 0;

  /// Writes lines of the log, on the strand.
  virtual expected<void> store_lines(redis& db, const std::vector<log_line>& lines) = 0;

  /// Tells how far the script has come, on the strand. Returns true if there will be more to tell
  /// soon, whatever the script does.
  virtual bool flush_progress() { return false; }

  /// The number that lines of the log carry.
  virtual uint64_t log_number() const = 0;

  expected<run_place> find_place(connection_number number);
  expected<run_job> make_job(const run_place& where, const function& code);
  expected<run_facts> make_facts(run_place where, const function& code, const std::string& trace);
  void open_calls(run_facts facts);
  void launch(run_job job, milliseconds limit);
  void close();

  /// What was done to a run from outside.
  struct outer_end {
    stop_cause cause;
    run_error failure;
  };

  /// Nothing if nothing was.
  std::optional<outer_end> stopped_by() const;

  template <class Call>
  auto ask_store(Call&& ask) {
    return ports_.stores.use_patiently(
      store_patience, [this] { return is_stopped(); }, std::forward<Call>(ask));
  }

  run_ports& ports_;
  uint32_t number_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;

  std::atomic<stop_cause> cause_{stop_cause::none};
  mutable std::mutex mutex_; ///< Guards the reason.
  std::string reason_;

  // Of the strand.
  log_facts subject_; ///< What the lines of the process's log are about.
  std::optional<script_calls> calls_;
  run_log log_;
  run_progress progress_;
  bool is_over_ = false;

private:
  std::string domain_of(const connection& link, const function& code) const;
  void take_call(frame x);
  void take_log(frame x);
  void plan_flush();
  void flush();
  void flush_log();

  std::atomic<int> open_calls_{0};

  // Of the loop.
  boost::asio::steady_timer limit_;
  boost::asio::steady_timer flush_;
  bool is_flush_planned_ = false;
};

} // namespace varia
