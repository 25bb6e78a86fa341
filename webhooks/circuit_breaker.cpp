#include "webhooks/circuit_breaker.hpp"

#include <algorithm>

namespace varia {

namespace {

// How soon to ask again while somebody else's try is under way.
constexpr milliseconds probe_wait{1000};

} // namespace

milliseconds circuit_breaker::ask(const std::string& url, time_ms now) {
  auto found = circuits_.find(url);
  if (found == circuits_.end() || found->second.open_until == 0)
    return milliseconds{0};
  auto& x = found->second;
  if (now < x.open_until)
    return milliseconds{x.open_until - now};
  if (x.is_probed)
    return probe_wait;
  x.is_probed = true;
  return milliseconds{0};
}

void circuit_breaker::succeed(const std::string& url) {
  circuits_.erase(url);
}

void circuit_breaker::fail(const std::string& url, time_ms now) {
  // Whose circuit is not remembered is tried like any other.
  if (circuits_.size() >= rules_.circuits_max && circuits_.count(url) == 0)
    circuits_.erase(circuits_.begin());
  auto& x = circuits_[url];
  if (x.open_until != 0) {
    if (x.is_probed)
      x.open_until = now + rules_.open_for.count();
    x.is_probed = false;
    return;
  }
  x.failures.push_back(now);
  while (x.failures.front() < now - rules_.within.count())
    x.failures.pop_front();
  if (x.failures.size() >= rules_.failures)
    x.open_until = now + rules_.open_for.count();
}

void circuit_breaker::withdraw(const std::string& url) {
  if (auto found = circuits_.find(url); found != circuits_.end())
    found->second.is_probed = false;
}

} // namespace varia
