#include "core/seldom.hpp"

#include <iterator>

namespace varia {

seldom::seldom(milliseconds pause, size_t subjects_max)
  : pause_{pause}, subjects_max_{subjects_max} {}

bool seldom::may_say(const std::string& subject, milliseconds now) {
  auto known = said_.find(subject);
  if (known != said_.end() && now - known->second < pause_)
    return false;
  if (known == said_.end() && said_.size() >= subjects_max_) {
    for (auto i = said_.begin(); i != said_.end();)
      i = now - i->second < pause_ ? std::next(i) : said_.erase(i);
    if (said_.size() >= subjects_max_)
      return false;
  }
  said_[subject] = now;
  return true;
}

} // namespace varia
