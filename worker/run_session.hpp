#pragma once

#include "config/settings.hpp"
#include "store/functions.hpp"
#include "store/integrations.hpp"
#include "store/redis_pool.hpp"
#include "upstream/upstream.hpp"
#include "worker/call_host.hpp"
#include "worker/code_cache.hpp"
#include "worker/environment_ids.hpp"
#include "worker/run_admission.hpp"
#include "worker/run_engine.hpp"
#include "worker/run_error.hpp"
#include "worker/run_log.hpp"
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
};

/// What a run runs for.
struct run_place {
  connection link;
  integration service;
};

/// One run from begin to end; how it ends is in run_session_end.cpp. Store calls happen on its
/// strand in the threads for blocking calls; what concerns the script's process happens on the
/// loop; `stop` may come from anywhere. It keeps itself alive until it has called `done`.
class run_session final : public run_client,
                          public call_host,
                          public std::enable_shared_from_this<run_session> {
public:
  run_session(run_ports& ports, uint32_t number, run_request request,
              run_engine::done_handler done);

  /// Begins the run in the store and goes on from there.
  void start();

  /// Ends the run early; the first cause counts. From here on its store writes are refused.
  void stop(stop_cause cause, const std::string& reason);

  /// Ends the run as interrupted as soon as it has saved a checkpoint, or `now`: it goes on
  /// elsewhere.
  void make_way(bool now);

  void take_frame(frame x, std::shared_ptr<void> credit) override;
  void lose_process(const process_loss& loss) override;

  void answer(std::string bytes) override;
  void post(std::function<void()> work) override;
  bool is_stopped() const override { return cause_ != stop_cause::none; }
  bool ends_at_checkpoint() const override;
  void note_request(const request_trace& what) override;
  void guard_deletions(const std::string& reason) override;
  void start_over(const std::string& reason) override;
  void lose_ownership() override;

private:
  void begin();
  expected<run_place> find_place();
  expected<gate> enter(const run_place& where);
  void defer(gate where);
  expected<run_job> load(run_place where);
  std::string domain_of(const connection& link, const std::string& name) const;
  expected<function> find_function(const connection& link);
  void launch(run_job job);
  void write_context(frame_writer& writer) const;
  void take_call(frame x);
  void take_log(frame x);
  void plan_flush();
  void take_done(frame x);
  void flush_log();
  std::optional<run_error> delete_vanished();
  void finish(std::optional<run_error> failure, run_outcome outcome = run_outcome::failed);
  void end_in_store(run_result& result, const std::optional<run_error>& failure);
  run_result judge(std::optional<run_error>& failure, run_outcome outcome);

  template <class Call>
  auto ask_store(Call&& ask) {
    return ports_.stores.use_patiently(
      store_patience, [this] { return is_stopped(); }, std::forward<Call>(ask));
  }

  run_ports& ports_;
  uint32_t number_;
  run_request request_;
  run_engine::done_handler done_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;

  std::atomic<stop_cause> cause_{stop_cause::none};
  std::atomic<bool> makes_way_{false};
  std::atomic<int> open_calls_{0};
  std::mutex mutex_; ///< Guards the reason.
  std::string reason_;

  // Of the strand.
  std::optional<run_start> started_;
  std::chrono::steady_clock::time_point began_at_;
  function code_of_run_;
  std::optional<script_calls> calls_;
  run_log log_;
  bool is_idle_ = false;
  std::string integration_; ///< Set if the run has limits.
  bool is_over_ = false;

  // Of the loop.
  boost::asio::steady_timer limit_;
  boost::asio::steady_timer flush_;
  bool is_flush_planned_ = false;
};

} // namespace varia
