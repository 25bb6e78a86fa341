#include "api/store_pool.hpp"

namespace varia {

store_pool::loan::~loan() {
  if (pool_ == nullptr)
    return;
  std::lock_guard guard{pool_->mutex_};
  pool_->idle_.push_back(std::move(db_));
}

expected<store_pool::loan> store_pool::lend() {
  {
    std::lock_guard guard{mutex_};
    if (!idle_.empty()) {
      auto db = std::move(idle_.back());
      idle_.pop_back();
      return loan{*this, std::move(db)};
    }
  }
  if (!first_)
    return first_.error();
  return loan{*this, first_->another()};
}

} // namespace varia
