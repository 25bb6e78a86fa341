#pragma once

#include "actors/messages.hpp"
#include "core/error.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace varia {

/// Somebody who knocked, and what he was answered.
struct visitor {
  greeting his;
  greeting ours;
};

/// Those who wait before a DOOR between their two messages. There may be many of them, and any of
/// them may never come back, so their number and their time are limited.
class visitors {
public:
  visitors(size_t waiting_max, milliseconds patience);

  /// Remembers a visitor under what tells him from others; what he said before is forgotten. Fails
  /// with `unavailable` if too many wait.
  expected<void> add(const std::string& who, visitor what, milliseconds now);

  /// Hands a visitor out, once. Fails with `unavailable` if he never knocked or waited too long.
  expected<visitor> take(const std::string& who, milliseconds now);

private:
  struct entry {
    visitor what;
    milliseconds since;
  };

  size_t waiting_max_;
  milliseconds patience_;
  std::map<std::string, entry> waiting_;
};

} // namespace varia
