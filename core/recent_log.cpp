#include "core/recent_log.hpp"

#include <deque>
#include <mutex>

namespace varia {

namespace {

struct remembered {
  std::mutex mutex;
  std::deque<std::string> lines;
};

// Never destroyed: others may log until the very end.
remembered& all_remembered() {
  static auto& result = *new remembered;
  return result;
}

} // namespace

void keep_log_line(std::string_view line) {
  while (!line.empty() && line.back() == '\n')
    line.remove_suffix(1);
  auto& all = all_remembered();
  std::lock_guard guard{all.mutex};
  if (all.lines.size() == recent_lines_max)
    all.lines.pop_front();
  all.lines.emplace_back(line.substr(0, recent_line_bytes_max));
}

std::vector<std::string> recent_log_lines() {
  auto& all = all_remembered();
  std::lock_guard guard{all.mutex};
  return {all.lines.begin(), all.lines.end()};
}

} // namespace varia
