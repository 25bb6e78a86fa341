#pragma once

#include "core/error.hpp"

#include <string>
#include <vector>

namespace varia {

/// The lines that the user typed, in a file that the owner alone can read. Lines with secrets, with
/// a blank in front, or that name no command (a key pasted by mistake) are not kept.
class console_history {
public:
  /// Reads the last 1000 lines of the file, if there is one.
  explicit console_history(std::string file);

  const std::vector<std::string>& lines() const { return lines_; }

  /// Adds a line, unless it is one of those above or the same as the last one. Returns true if it
  /// was added. A file that cannot be written is no reason to stop: the line is kept in memory.
  bool add(const std::string& line);

private:
  std::string file_;
  std::vector<std::string> lines_;
};

/// True if a line may be written down: it names a command, and holds no secret.
bool may_be_kept(const std::string& line);

} // namespace varia
