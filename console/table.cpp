#include "console/table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

namespace varia {

namespace {

constexpr size_t gap = 2;

// Below this a column says nothing any more.
constexpr size_t column_width_min = 4;

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string without_controls(std::string text) {
  for (size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f)
      text[i] = ' ';
    // The second set of control characters is U+0080 to U+009F: C2 80 to C2 9F in UTF-8.
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0)
      text.replace(i, 2, " ");
  }
  return text;
}

std::string cut(const std::string& text, size_t width) {
  if (width_of(text) <= width)
    return text;
  size_t end = 0;
  for (size_t shown = 0; end < text.size(); ++end)
    if (starts_character(text[end]) && ++shown == width)
      break;
  return text.substr(0, end) + "…";
}

bool is_number(const std::string& text) {
  return text.find_first_not_of("0123456789.-") == std::string::npos
         && std::count(text.begin(), text.end(), '.') <= 1;
}

// Takes from the widest column until the line fits or nothing is left to take.
void shrink(std::vector<size_t>& widths, size_t width) {
  auto total = std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
  for (; total > width; --total) {
    auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= column_width_min)
      return;
    --*widest;
  }
}

} // namespace

table::table(std::vector<std::string> titles) {
  rows_.push_back(std::move(titles));
}

void table::add(std::vector<std::string> cells) {
  cells.resize(rows_.front().size());
  for (auto& cell : cells)
    cell = without_controls(std::move(cell));
  rows_.push_back(std::move(cells));
}

std::string table::render(size_t width) const {
  auto columns = rows_.front().size();
  std::vector<size_t> widths(columns);
  std::vector<bool> numbers(columns, rows_.size() > 1);
  for (size_t row = 0; row < rows_.size(); ++row)
    for (size_t i = 0; i < columns; ++i) {
      widths[i] = std::max(widths[i], width_of(rows_[row][i]));
      if (row > 0 && !is_number(rows_[row][i]))
        numbers[i] = false;
    }
  if (width > 0 && columns > 0)
    shrink(widths, width);
  std::string result;
  for (auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < columns; ++i) {
      auto cell = cut(row[i], widths[i]);
      std::string padding(widths[i] - width_of(cell), ' ');
      line += (i > 0 ? std::string(gap, ' ') : "") + (numbers[i] ? padding + cell : cell + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (width > 0)
      line = cut(line, width);
    result += line + "\n";
  }
  return result;
}

size_t terminal_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
    return 0;
  return size.ws_col;
}

} // namespace varia
