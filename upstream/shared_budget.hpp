#pragma once

#include "store/redis.hpp"
#include "upstream/request_budget.hpp"

#include <memory>

namespace varia {

/// The budgets that all processes of a cluster share through Redis. Asks in batches, on a thread of
/// its own. While Redis is away nobody goes: requests wait until it is back or they are given up.
class shared_budget final : public request_budget {
public:
  explicit shared_budget(const redis_config& config);

  /// Nobody may use the budget any more.
  ~shared_budget() override;

  uint64_t ask(budget_claim claim, grant_handler granted) override;
  void sent(uint64_t ticket) override;
  void end(uint64_t ticket) override;
  void pause(const std::string& connection, milliseconds wait, const std::string& why) override;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace varia
