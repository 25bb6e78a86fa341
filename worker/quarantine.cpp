#include "worker/quarantine.hpp"

#include <algorithm>

namespace varia {

void recent_set::add(const std::string& text) {
  if (!all_.insert(text).second)
    return;
  order_.push_back(text);
  if (order_.size() <= size_max_)
    return;
  all_.erase(order_.front());
  order_.pop_front();
}

void recent_set::remove(const std::string& text) {
  if (all_.erase(text) != 0)
    order_.erase(std::find(order_.begin(), order_.end(), text));
}

quarantine::verdict quarantine::lose(const std::string& variant, const std::string& sha,
                                     bool alone) {
  suspects_.add(variant);
  if (!alone)
    return verdict::innocent;
  proven_.remove(sha);
  return verdict::culprit;
}

void quarantine::blame(const std::string& variant, const std::string& sha) {
  suspects_.add(variant);
  proven_.remove(sha);
}

void quarantine::succeed(const std::string& variant, const std::string& sha) {
  suspects_.remove(variant);
  proven_.add(sha);
}

} // namespace varia
