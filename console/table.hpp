#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace varia {

/// How a table looks.
struct table_style {
  size_t width = 0; ///< Of a line at most; the widest columns are cut for it. 0: any.
  bool has_titles = true;
  bool has_colours = false; ///< Titles stand out, and so do words that tell of good and bad.
};

/// Rows under titles, rendered for people. Columns of numbers are set to the right. Cells are shown
/// without control characters, so that no stored text can steer a terminal.
class table {
public:
  explicit table(std::vector<std::string> titles);

  /// Appends a row. Missing cells are empty, those beyond the titles are dropped.
  void add(std::vector<std::string> cells);

  /// True as long as there are titles only.
  bool empty() const { return rows_.size() == 1; }

  /// Renders the titles and all rows, one per line, each ended. What is cut ends in an ellipsis.
  std::string render(const table_style& style) const;

private:
  std::vector<std::vector<std::string>> rows_; ///< The titles first.
};

} // namespace varia
