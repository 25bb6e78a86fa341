#pragma once

#include "core/time.hpp"
#include "upstream/rate_limit.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace varia {

/// One request that wants to go to a provider.
struct budget_claim {
  std::string connection; ///< The number of the connection whose budget it is.
  std::string variant;    ///< Whose share of the budget it takes: variants take turns.
  rate_limit rate;
};

/// What the requests of a connection share: its rate, and the pauses that its provider asks for.
/// Thread-safe.
class request_budget {
public:
  using grant_handler = std::function<void(uint64_t ticket)>;

  virtual ~request_budget() = default;

  /// Asks to send a request and returns the ticket that stands for it. `granted` is called when it
  /// may go, on a thread of the budget, perhaps before this returns; it must not block.
  virtual uint64_t ask(budget_claim claim, grant_handler granted) = 0;

  /// Says that the request is on its way: from now on its permit is being used up.
  virtual void sent(uint64_t ticket) = 0;

  /// Says that the request is answered, has failed or is not wanted any more. Ends the ticket:
  /// `granted` is not called after this has returned unless it is being called right now.
  virtual void end(uint64_t ticket) = 0;

  /// Has all requests of a connection wait, wherever they are. A pause never gets shorter.
  virtual void pause(const std::string& connection, milliseconds wait, const std::string& why) = 0;
};

/// Holds a ticket, and ends it when it goes.
class budget_permit {
public:
  budget_permit() = default;

  budget_permit(request_budget& of, uint64_t ticket) : of_{&of}, ticket_{ticket} {}

  budget_permit(budget_permit&& other) noexcept { swap(other); }

  budget_permit& operator=(budget_permit&& other) noexcept {
    budget_permit{std::move(other)}.swap(*this);
    return *this;
  }

  ~budget_permit() {
    if (of_ != nullptr)
      of_->end(ticket_);
  }

  bool is_unsent() const { return of_ != nullptr && !is_sent_; }

  /// Says once that the request is on its way.
  void note_sent() {
    if (is_unsent())
      of_->sent(ticket_);
    is_sent_ = true;
  }

private:
  void swap(budget_permit& other) noexcept {
    std::swap(of_, other.of_);
    std::swap(ticket_, other.ticket_);
    std::swap(is_sent_, other.is_sent_);
  }

  request_budget* of_ = nullptr;
  uint64_t ticket_ = 0;
  bool is_sent_ = false;
};

} // namespace varia
