#include "console/table.hpp"

#include <algorithm>
#include <cwchar>
#include <map>
#include <numeric>
#include <utility>

#include <locale.h>
#include <wchar.h>

namespace varia {

namespace {

constexpr size_t gap = 2;

constexpr auto bold = "\x1b[1m";
constexpr auto green = "\x1b[32m";
constexpr auto yellow = "\x1b[33m";
constexpr auto red = "\x1b[31m";
constexpr auto plain = "\x1b[0m";

// Below this a column says nothing any more.
constexpr size_t column_width_min = 4;

/// While it lives, this thread reads texts as UTF-8, whatever the locale of the program is.
class utf8_reading {
public:
  utf8_reading() : before_{uselocale(utf8())} {}

  ~utf8_reading() { uselocale(before_); }

  utf8_reading(const utf8_reading&) = delete;
  utf8_reading& operator=(const utf8_reading&) = delete;

private:
  static locale_t utf8() {
    static const auto result = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return result;
  }

  locale_t before_;
};

struct letter {
  size_t bytes = 1;
  size_t columns = 1; ///< Two of the letters of some scripts, none of accents.
};

// What is no UTF-8 is taken byte by byte.
letter letter_at(const std::string& text, size_t at) {
  if (static_cast<unsigned char>(text[at]) < 0x80)
    return {};
  wchar_t code = 0;
  std::mbstate_t state{};
  auto bytes = std::mbrtowc(&code, text.data() + at, text.size() - at, &state);
  if (bytes == 0 || bytes > text.size() - at)
    return {};
  return {bytes, static_cast<size_t>(std::max(0, wcwidth(code)))};
}

size_t width_of(const std::string& text) {
  size_t result = 0;
  for (size_t at = 0; at < text.size();) {
    auto next = letter_at(text, at);
    result += next.columns;
    at += next.bytes;
  }
  return result;
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
  if (width == 0)
    return "";
  size_t end = 0;
  for (size_t shown = 0; end < text.size();) {
    auto next = letter_at(text, end);
    shown += next.columns;
    if (shown >= width)
      break;
    end += next.bytes;
  }
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

struct column_shape {
  size_t width = 0;
  bool is_number = false;
};

std::vector<column_shape> shapes_of(const std::vector<std::vector<std::string>>& rows,
                                    const table_style& style) {
  std::vector<size_t> widths(rows.front().size());
  std::vector<column_shape> result(widths.size(), {0, rows.size() > 1});
  for (size_t row = style.has_titles ? 0 : 1; row < rows.size(); ++row)
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(rows[row][i]));
      if (row > 0 && !is_number(rows[row][i]))
        result[i].is_number = false;
    }
  if (style.width > 0 && !widths.empty())
    shrink(widths, style.width);
  for (size_t i = 0; i < widths.size(); ++i)
    result[i].width = widths[i];
  return result;
}

const char* colour_of(const std::string& word) {
  static const std::map<std::string, const char*> colours{
    {"SUCCESS", green},   {"RUNNING", green},  {"active", green},    {"ok", green},
    {"PAUSED", yellow},   {"STOPPED", yellow}, {"cordoned", yellow}, {"drained", yellow},
    {"draining", yellow}, {"warn", yellow},    {"warning", yellow},  {"ERROR", red},
    {"error", red},       {"failed", red},     {"lost", red},        {"unavailable", red},
    {"refused", red}};
  auto found = colours.find(word);
  return found == colours.end() ? nullptr : found->second;
}

// Blanks are written when something follows them, so that no line ends in any.
std::string render_line(const std::vector<std::string>& row,
                        const std::vector<column_shape>& shapes, const table_style& style) {
  std::string result;
  size_t used = 0;
  size_t blanks = 0;
  for (size_t i = 0; i < shapes.size(); ++i) {
    auto cell = cut(row[i], shapes[i].width);
    auto padding = shapes[i].width - width_of(cell);
    blanks += (i > 0 ? gap : 0) + (shapes[i].is_number ? padding : 0);
    if (!cell.empty()) {
      auto needed = blanks + width_of(cell);
      if (style.width > 0 && used + needed > style.width)
        return result + cut(std::string(blanks, ' ') + cell, style.width - used);
      auto colour = style.has_colours ? colour_of(cell) : nullptr;
      result += std::string(blanks, ' ') + (colour == nullptr ? cell : colour + cell + plain);
      used += needed;
      blanks = 0;
    }
    blanks += shapes[i].is_number ? 0 : padding;
  }
  return result;
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

std::string table::render(const table_style& style) const {
  utf8_reading reading;
  auto shapes = shapes_of(rows_, style);
  std::string result;
  for (size_t row = style.has_titles ? 0 : 1; row < rows_.size(); ++row) {
    auto line = render_line(rows_[row], shapes, style);
    result += (row == 0 && style.has_colours ? bold + line + plain : line) + "\n";
  }
  return result;
}

} // namespace varia
