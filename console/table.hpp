#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace varia {

/// Rows under titles, rendered for people. Columns of numbers are set to the right. Cells are shown
/// without control characters, so that no stored text can steer a terminal.
class table {
public:
  explicit table(std::vector<std::string> titles);

  /// Appends a row. Missing cells are empty, those beyond the titles are dropped.
  void add(std::vector<std::string> cells);

  /// True as long as there are titles only.
  bool empty() const { return rows_.size() == 1; }

  /// Renders the titles and all rows, one per line, each ended. With a width above 0 no line is
  /// longer: the widest columns are cut, shown by an ellipsis.
  std::string render(size_t width) const;

private:
  std::vector<std::vector<std::string>> rows_; ///< The titles first.
};

/// Returns the columns of the terminal on standard output; 0 if it is none.
size_t terminal_width();

} // namespace varia
