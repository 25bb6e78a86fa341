#pragma once

#include "upstream/provider_request.hpp"

#include <functional>
#include <string>

namespace varia {

/// The run behind a call, as those see it who answer. All methods may be called from any thread.
class call_host {
public:
  virtual ~call_host() = default;

  /// Sends a REPLY or ERROR, which closes one open call.
  virtual void answer(std::string bytes) = 0;

  /// Does something on the run's strand, where its store calls stand in order.
  virtual void post(std::function<void()> work) = 0;

  /// True once the run must write no more and ask no more.
  virtual bool is_stopped() const = 0;

  /// True once the run should end after its next checkpoint, because it has gone on for long or
  /// makes way.
  virtual bool ends_at_checkpoint() const = 0;

  /// Fails the run, because it would have deleted more than it may.
  virtual void guard_deletions(const std::string& reason) = 0;

  /// Ends the run as interrupted, so that another one goes on from the checkpoint that is there.
  virtual void start_over(const std::string& reason) = 0;

  /// Notes what was done for a request of the run to a provider.
  virtual void note_request(const request_trace& what) = 0;

  /// Tells the run that its token is worthless.
  virtual void lose_ownership() = 0;
};

} // namespace varia
