#include "api/rate_limiter.hpp"

#include <algorithm>
#include <iterator>

namespace varia {

namespace {

constexpr uint64_t parts = 50;

} // namespace

rate_verdict rate_limiter::verdict_of(const portion& x, bool allowed, clock::time_point now) const {
  auto used = x.taken - x.here;
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(x.ends - now);
  return {allowed, limit_, limit_ - std::min(limit_, used), std::max(left, milliseconds{0})};
}

// Decides without the others, if that can be done.
bool rate_limiter::take_here(const std::string& bucket, uint64_t points, clock::time_point now,
                             rate_verdict& verdict) {
  std::lock_guard guard{mutex_};
  auto found = portions_.find(bucket);
  if (found == portions_.end() || found->second.ends <= now)
    return false;
  auto& x = found->second;
  if (x.here < points && x.taken < limit_)
    return false;
  auto allowed = x.here >= points;
  if (allowed)
    x.here -= points;
  verdict = verdict_of(x, allowed, now);
  return true;
}

rate_verdict rate_limiter::take(const std::string& bucket, uint64_t points, clock::time_point now) {
  rate_verdict verdict;
  if (take_here(bucket, points, now, verdict))
    return verdict;
  auto wanted = std::max(points, std::max<uint64_t>(limit_ / parts, 1));
  auto answer = shared_(bucket, wanted);
  if (!answer)
    return {true, limit_, limit_, window};
  std::lock_guard guard{mutex_};
  drop_old(now);
  auto& x = portions_[bucket];
  auto ends = now + answer->left;
  if (x.ends <= now || x.ends + window / 2 < ends)
    x = {};
  auto before = answer->taken - std::min(wanted, answer->taken);
  x.here += std::min(wanted, limit_ - std::min(limit_, before));
  x.taken = std::min(std::max(x.taken, answer->taken), limit_);
  x.ends = ends;
  auto allowed = x.here >= points;
  if (allowed)
    x.here -= points;
  else
    x.here = 0;
  return verdict_of(x, allowed, now);
}

void rate_limiter::drop_old(clock::time_point now) {
  if (portions_.size() < buckets_max)
    return;
  for (auto each = portions_.begin(); each != portions_.end();)
    each = each->second.ends <= now ? portions_.erase(each) : std::next(each);
  if (portions_.size() >= buckets_max)
    portions_.clear();
}

} // namespace varia
