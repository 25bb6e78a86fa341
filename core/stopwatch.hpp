#pragma once

#include <chrono>

namespace varia {

/// How long something has taken, by a clock that only moves forward.
class stopwatch {
public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

} // namespace varia
