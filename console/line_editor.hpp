#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// What may take the place of a part of the line.
struct completion {
  size_t begin = 0;                ///< Where the part begins; it ends at the cursor.
  std::vector<std::string> words;  ///< What it may become, as it is typed.
  std::vector<std::string> titles; ///< The same as it is shown, where there are several.
};

/// Reads lines from the terminal, with editing, history, completion on TAB, and a hint at the right
/// of the line. One at a time, in one thread.
class line_editor {
public:
  struct helpers {
    std::function<completion(const std::string& before_cursor)> complete;
    std::function<std::string(const std::string& before_cursor)> hint;
    bool has_colours = false;
  };

  explicit line_editor(helpers with);
  ~line_editor();

  line_editor(const line_editor&) = delete;
  line_editor& operator=(const line_editor&) = delete;

  /// Reads a line; Ctrl-C starts it anew. Nothing at the end of the input.
  std::optional<std::string> read(const std::string& prompt);

  /// Reads a line without completion, hints or history.
  std::string ask(const std::string& question);

  /// Makes a line one that can be gone back to.
  void remember(const std::string& line);

private:
  struct state;

  std::unique_ptr<state> state_;
};

} // namespace varia
