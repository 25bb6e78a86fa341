#include "api/incoming_desk.hpp"

#include "upstream/url.hpp"

namespace varia {

bool incoming_desk::admit(const std::string& integration, time_ms now) {
  constexpr time_ms minute_ms = 60'000;
  if (per_minute_ == 0)
    return true;
  std::lock_guard guard{mutex_};
  if (auto minute = now / minute_ms; minute != minute_) {
    minute_ = minute;
    taken_.clear();
  }
  return ++taken_[integration] <= per_minute_;
}

std::string incoming_desk::url_of(const std::string& environment_id, const std::string& key) const {
  return public_url_ + "/webhook/" + environment_id + "/" + encode_path_part(key);
}

} // namespace varia
