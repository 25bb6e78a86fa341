#pragma once

#include "core/time.hpp"
#include "worker/frame.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace varia {

/// The lines that a script logged and the store has not got yet. Bounded: what comes too fast is
/// counted instead of kept. Belongs to the run's strand.
class run_log {
public:
  /// Adds the line of a LOG frame for run `run` of its variant.
  void add(uint64_t run, const frame_value& line);

  bool is_empty() const { return lines_.empty() && dropped_ == 0; }

  /// Returns the lines so far, each the JSON text of an object, and forgets them.
  std::vector<std::string> take(uint64_t run);

private:
  std::vector<std::string> lines_;
  size_t bytes_ = 0;
  uint64_t dropped_ = 0;
};

} // namespace varia
