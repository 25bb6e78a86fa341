#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace varia {

/// Keeps what comes again and again from being said again and again: of each subject at most once
/// in a while. It remembers a bounded number of subjects; when there are more, a new one waits
/// until an old one may speak again, so that made-up names cannot flood a log.
class seldom {
public:
  explicit seldom(milliseconds pause, size_t subjects_max = 1000);

  /// True if the subject may be spoken of now; it then keeps quiet for the pause.
  bool may_say(const std::string& subject, milliseconds now);

private:
  milliseconds pause_;
  size_t subjects_max_;
  std::map<std::string, milliseconds> said_;
};

} // namespace varia
