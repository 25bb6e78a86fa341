#include "webhooks/js_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <tuple>

namespace varia {

namespace {

constexpr auto depth_max = 500;
constexpr char16_t replacement = 0xfffd;

bool is_high(char16_t x) {
  return x >= 0xd800 && x < 0xdc00;
}

bool is_low(char16_t x) {
  return x >= 0xdc00 && x < 0xe000;
}

void append_utf8(std::string& out, uint32_t code) {
  auto put = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80)
    return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    }
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

void append_escaped(std::string& out, char16_t unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (auto shift : {12, 8, 4, 0})
    out += digits[unit >> shift & 0xf];
}

void append_unit(std::string& out, char16_t unit) {
  switch (unit) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (unit < 0x20 || is_high(unit) || is_low(unit))
        append_escaped(out, unit);
      else
        append_utf8(out, unit);
  }
}

std::string quoted(const std::u16string& text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_high(text[i]) && i + 1 < text.size() && is_low(text[i + 1])) {
      append_utf8(out, 0x10000U + ((text[i] & 0x3ffU) << 10) + (text[i + 1] & 0x3ffU));
      ++i;
    } else {
      append_unit(out, text[i]);
    }
  }
  return out += '"';
}

// How a character of several bytes begins: how many follow, and the least it may stand for.
struct utf8_lead {
  int more;
  uint32_t bits;
  uint32_t least;
};

std::optional<utf8_lead> lead_of(unsigned char byte) {
  if (byte >= 0xc2 && byte < 0xe0)
    return utf8_lead{1, byte & 0x1fU, 0x80};
  if (byte >= 0xe0 && byte < 0xf0)
    return utf8_lead{2, byte & 0x0fU, 0x800};
  if (byte >= 0xf0 && byte < 0xf5)
    return utf8_lead{3, byte & 0x07U, 0x10000};
  return std::nullopt;
}

void append_code(std::u16string& out, uint32_t code) {
  if (code < 0x10000) {
    out += static_cast<char16_t>(code);
    return;
  }
  out += static_cast<char16_t>(0xd800 + ((code - 0x10000) >> 10));
  out += static_cast<char16_t>(0xdc00 + ((code - 0x10000) & 0x3ff));
}

// Reads one character at `at`, which it moves behind it.
void read_character(std::string_view text, size_t& at, std::u16string& out) {
  auto first = static_cast<unsigned char>(text[at++]);
  if (first < 0x80) {
    out += first;
    return;
  }
  auto lead = lead_of(first);
  auto code = lead ? lead->bits : 0;
  auto rest = at;
  for (auto i = 0; lead && i < lead->more; ++i, ++rest) {
    if (rest >= text.size() || (static_cast<unsigned char>(text[rest]) & 0xc0) != 0x80)
      lead.reset();
    else
      code = code << 6 | (static_cast<unsigned char>(text[rest]) & 0x3fU);
  }
  if (!lead || code < lead->least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    out += replacement;
    return;
  }
  at = rest;
  append_code(out, code);
}

// What looks like the index of an array has a place of its own in JavaScript's objects.
std::optional<uint32_t> index_of(const std::u16string& key) {
  if (key.empty() || key.size() > 10 || (key[0] == '0' && key.size() > 1))
    return std::nullopt;
  uint64_t value = 0;
  for (auto unit : key) {
    if (unit < '0' || unit > '9')
      return std::nullopt;
    value = value * 10 + (unit - '0');
  }
  if (value >= UINT32_MAX)
    return std::nullopt;
  return static_cast<uint32_t>(value);
}

class js_writer {
public:
  js_writer(std::string_view text, key_order order) : text_{text}, order_{order} {}

  bool whole() {
    skip_blanks();
    if (!value(0))
      return false;
    skip_blanks();
    return at_ == text_.size();
  }

  std::string take() { return std::move(out_); }

private:
  // Sorts as the order asks for: where indexes count, they come first.
  using sort_key = std::tuple<bool, uint32_t, std::u16string>;

  // The depth is bounded.
  // NOLINTBEGIN(misc-no-recursion)
  bool value(int depth) {
    if (at_ == text_.size() || depth > depth_max)
      return false;
    switch (text_[at_]) {
      case '{': return object(depth);
      case '[': return array(depth);
      case '"': {
        std::u16string text;
        if (!string(text))
          return false;
        out_ += quoted(text);
        return true;
      }
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool object(int depth) {
    ++at_;
    std::map<sort_key, std::string> members;
    auto outer = std::move(out_);
    skip_blanks();
    for (auto first = true; !take('}'); first = false) {
      if (!first && !take_with_blanks(','))
        return false;
      std::u16string key;
      if (!string(key))
        return false;
      skip_blanks();
      if (!take_with_blanks(':'))
        return false;
      out_.clear();
      if (!value(depth + 1))
        return false;
      members[sort_key_of(key)] = quoted(key) + ':' + out_;
      skip_blanks();
    }
    out_ = std::move(outer);
    out_ += '{';
    auto mark = "";
    for (auto& [key, text] : members) {
      out_.append(mark).append(text);
      mark = ",";
    }
    out_ += '}';
    return true;
  }

  bool array(int depth) {
    ++at_;
    out_ += '[';
    skip_blanks();
    for (auto first = true; !take(']'); first = false) {
      if (!first) {
        if (!take_with_blanks(','))
          return false;
        out_ += ',';
      }
      if (!value(depth + 1))
        return false;
      skip_blanks();
    }
    out_ += ']';
    return true;
  }
  // NOLINTEND(misc-no-recursion)

  sort_key sort_key_of(const std::u16string& key) const {
    auto index = order_ == key_order::as_reread ? index_of(key) : std::nullopt;
    return {!index, index.value_or(0), key};
  }

  bool string(std::u16string& to) {
    if (!take('"'))
      return false;
    while (at_ < text_.size()) {
      auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') {
        ++at_;
        return true;
      }
      if (byte < 0x20)
        return false;
      if (byte != '\\')
        read_character(text_, at_, to);
      else if (!escape(to))
        return false;
    }
    return false;
  }

  bool escape(std::u16string& to) {
    constexpr std::string_view marks = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (at_ + 1 >= text_.size())
      return false;
    auto mark = text_[at_ + 1];
    at_ += 2;
    if (auto found = marks.find(mark); found != std::string_view::npos) {
      to += static_cast<unsigned char>(meanings[found]);
      return true;
    }
    if (mark != 'u' || at_ + 4 > text_.size())
      return false;
    unsigned unit = 0;
    auto first = text_.data() + at_;
    auto [end, fault] = std::from_chars(first, first + 4, unit, 16);
    if (fault != std::errc{} || end != first + 4)
      return false;
    at_ += 4;
    to += static_cast<char16_t>(unit);
    return true;
  }

  bool number() {
    auto first = at_;
    take('-');
    if (!take('0') && !digits())
      return false;
    if (take('.') && !digits())
      return false;
    if (take('e') || take('E')) {
      if (!take('+'))
        take('-');
      if (!digits())
        return false;
    }
    out_ += js_number(std::strtod(std::string{text_.substr(first, at_ - first)}.c_str(), nullptr));
    return true;
  }

  bool digits() {
    auto first = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9')
      ++at_;
    return at_ != first;
  }

  bool word(std::string_view wanted) {
    if (text_.substr(at_, wanted.size()) != wanted)
      return false;
    at_ += wanted.size();
    out_ += wanted;
    return true;
  }

  bool take(char mark) {
    if (at_ == text_.size() || text_[at_] != mark)
      return false;
    ++at_;
    return true;
  }

  bool take_with_blanks(char mark) {
    if (!take(mark))
      return false;
    skip_blanks();
    return true;
  }

  void skip_blanks() {
    constexpr std::string_view blanks = " \t\r\n";
    at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
  }

  std::string_view text_;
  key_order order_;
  size_t at_ = 0;
  std::string out_;
};

// The shortest digits that read back as `x`, and the place of the point behind the first of them.
std::pair<std::string, int> digits_of(double x) {
  std::array<char, 64> bytes{};
  auto end
    = std::to_chars(bytes.data(), bytes.data() + bytes.size(), x, std::chars_format::scientific)
        .ptr;
  std::string text{bytes.data(), end};
  auto mark = text.find('e');
  auto exponent = std::atoi(text.c_str() + mark + 1);
  text.resize(mark);
  text.erase(std::remove(text.begin(), text.end(), '.'), text.end());
  return {text, exponent + 1};
}

} // namespace

expected<std::string> stable_json(std::string_view text, key_order order) {
  js_writer writer{text, order};
  if (!writer.whole())
    return fail(errc::invalid, "the text is not JSON");
  return writer.take();
}

std::string js_string(std::string_view utf8) {
  std::u16string text;
  for (size_t at = 0; at < utf8.size();)
    read_character(utf8, at, text);
  return quoted(text);
}

std::string js_number(double x) {
  constexpr auto plain_digits_max = 21;
  constexpr auto small_zeros_max = 6;
  if (!std::isfinite(x))
    return "null";
  if (x == 0)
    return "0";
  std::string sign = x < 0 ? "-" : "";
  auto [digits, point] = digits_of(std::abs(x));
  auto count = static_cast<int>(digits.size());
  auto zeros = [](int n) { return std::string(static_cast<size_t>(n), '0'); };
  if (point > plain_digits_max || point <= -small_zeros_max) {
    auto exponent = point - 1;
    auto tail = (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
    return sign + digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "") + tail;
  }
  if (point <= 0)
    return sign + "0." + zeros(-point) + digits;
  if (count <= point)
    return sign + digits + zeros(point - count);
  auto whole = static_cast<size_t>(point);
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

} // namespace varia
