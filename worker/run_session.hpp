#pragma once

#include "worker/run_engine.hpp"
#include "worker/script_session.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// One run of a variant from begin to end; how it ends is in run_session_end.cpp. It keeps itself
/// alive until it has called `done`.
class run_session final : public script_session {
public:
  run_session(run_ports& ports, uint32_t number, run_request request,
              run_engine::done_handler done);

  /// Begins the run in the store and goes on from there.
  void start();

  /// Ends the run as interrupted as soon as it has saved a checkpoint, or `now`: it goes on
  /// elsewhere.
  void make_way(bool now);

  void lose_process(const process_loss& loss) override;
  bool ends_at_checkpoint() const override;

private:
  std::shared_ptr<run_session> self() {
    return std::static_pointer_cast<run_session>(shared_from_this());
  }

  void begin();
  void measure_begin() const;
  void measure_end(const run_result& result) const;
  expected<gate> enter(const run_place& where);
  void defer(gate where);
  expected<run_job> load(run_place where);
  expected<function> find_function(const connection& link);
  bool discovers() const;
  void write_context(frame_writer& writer) const;
  void take_done(frame x) override;
  expected<void> store_lines(redis& db, const std::vector<log_line>& lines) override;
  bool flush_progress() override;
  uint64_t log_number() const override { return started_->ticket.run; }
  std::string progress_now();
  std::optional<run_error> delete_vanished();
  void finish(std::optional<run_error> failure, run_outcome outcome = run_outcome::failed);
  void tell_failure(const run_result& result, const std::optional<run_error>& failure);
  void end_in_store(run_result& result, const std::optional<run_error>& failure);
  run_result judge(std::optional<run_error>& failure, run_outcome outcome);

  run_request request_;
  run_engine::done_handler done_;
  std::atomic<bool> makes_way_{false};

  // Of the strand.
  std::optional<run_start> started_;
  std::chrono::steady_clock::time_point began_at_;
  std::string told_;                              ///< The progress that the store knows of,
  std::chrono::steady_clock::time_point told_at_; ///< and since when.
  function code_of_run_;
  bool is_idle_ = false;
  std::string integration_; ///< Set if the run has limits.
};

} // namespace varia
