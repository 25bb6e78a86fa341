#include "actors/visitors.hpp"

#include <iterator>
#include <utility>

namespace varia {

visitors::visitors(size_t waiting_max, milliseconds patience)
  : waiting_max_{waiting_max}, patience_{patience} {}

expected<void> visitors::add(const std::string& who, visitor what, milliseconds now) {
  waiting_.erase(who);
  if (waiting_.size() >= waiting_max_)
    for (auto i = waiting_.begin(); i != waiting_.end();)
      i = now - i->second.since > patience_ ? waiting_.erase(i) : std::next(i);
  if (waiting_.size() >= waiting_max_)
    return fail(errc::unavailable, "too many are being let in at this moment");
  waiting_.emplace(who, entry{std::move(what), now});
  return caf::unit;
}

expected<visitor> visitors::take(const std::string& who, milliseconds now) {
  auto found = waiting_.find(who);
  if (found == waiting_.end())
    return fail(errc::unavailable, "nobody has knocked");
  auto result = std::move(found->second);
  waiting_.erase(found);
  if (now - result.since > patience_)
    return fail(errc::unavailable, "the answer came too late");
  return std::move(result.what);
}

} // namespace varia
