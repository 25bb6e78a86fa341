#pragma once

#include <functional>
#include <string>
#include <vector>

namespace varia {

/// One thing that a process looks at before it says that it is ready.
struct readiness_check {
  std::string name; ///< Such as "redis".
  bool is_well = true;
  std::string detail;        ///< In words; may be empty.
  bool is_needed_now = true; ///< False: it is told, but the process serves without it.
};

/// Looks at everything, within a few seconds at most. Any thread may call it.
using readiness = std::function<std::vector<readiness_check>()>;

} // namespace varia
