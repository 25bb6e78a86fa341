#pragma once

#include "core/stopwatch.hpp"
#include "store/actions.hpp"
#include "worker/script_session.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// The run of an action or an on-event function that was taken from the store, from begin to end.
/// It keeps itself alive until it has called `done`, which it does when the outcome is written or
/// cannot be.
class action_session final : public script_session {
public:
  /// `processes_max` more script processes may be started for it than there are for syncs.
  action_session(run_ports& ports, uint32_t number, taken_action what, std::string claim,
                 size_t processes_max, std::function<void()> done);

  void start();

  void lose_process(const process_loss& loss) override;

  /// It would not go on afterwards.
  bool ends_at_checkpoint() const override { return false; }

private:
  std::shared_ptr<action_session> self() {
    return std::static_pointer_cast<action_session>(shared_from_this());
  }

  action_ticket ticket() const { return {what_.order.id, claim_}; }
  void begin();
  expected<run_job> load();
  void write_context(frame_writer& writer) const;
  void take_done(frame x) override;
  expected<void> store_lines(redis& db, const std::vector<log_line>& lines) override;
  uint64_t log_number() const override { return what_.tries; }
  void finish(action_outcome outcome);
  void fail_with(const run_error& why);
  action_outcome failure_of(const run_error& why, bool may_go_on) const;

  taken_action what_;
  std::string claim_;
  size_t processes_max_;
  std::function<void()> done_;
  stopwatch watch_;
  function code_; ///< Of the strand, as all that follows the begin.
};

} // namespace varia
