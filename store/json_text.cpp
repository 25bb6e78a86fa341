#include "store/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <deque>

namespace varia {

namespace {

constexpr auto depth_max = 500;

bool is_digit(char x) {
  return x >= '0' && x <= '9';
}

bool is_hex(char x) {
  return is_digit(x) || (x >= 'a' && x <= 'f') || (x >= 'A' && x <= 'F');
}

// Reads one JSON text from left to right. Each member returns false at the first fault.
class scanner {
public:
  explicit scanner(std::string_view text) : at_{text.data()}, end_{text.data() + text.size()} {}

  // Appends the canonical form of what it reads to `out`.
  void write_to(std::string* out) { out_ = out; }

  bool whole_object(std::vector<json_field>* fields) {
    skip_blanks();
    if (!object(fields, 0))
      return false;
    skip_blanks();
    return at_ == end_;
  }

private:
  struct written_field {
    std::string_view name;
    std::string text;
  };

  // The depth is bounded.
  // NOLINTBEGIN(misc-no-recursion)
  bool value(int depth) {
    if (at_ == end_)
      return false;
    switch (*at_) {
      case '{': return object(nullptr, depth + 1);
      case '[': return array(depth + 1);
      case '"': return copied([this] { return string(); });
      case 't': return copied([this] { return word("true"); });
      case 'f': return copied([this] { return word("false"); });
      case 'n': return copied([this] { return word("null"); });
      default: return copied([this] { return number(); });
    }
  }

  bool object(std::vector<json_field>* fields, int depth) {
    if (depth > depth_max || !take('{'))
      return false;
    std::vector<written_field> written;
    auto* out = out_;
    skip_blanks();
    for (auto first = true; !take('}'); first = false) {
      if (!first && !take_with_blanks(','))
        return false;
      written_field mine;
      if (out != nullptr)
        out_ = &mine.text;
      if (!field(fields, mine.name, depth))
        return false;
      if (out != nullptr)
        written.push_back(std::move(mine));
      skip_blanks();
    }
    out_ = out;
    if (out != nullptr)
      write_sorted(written);
    return true;
  }

  bool field(std::vector<json_field>* fields, std::string_view& name, int depth) {
    auto quote = at_;
    if (!string())
      return false;
    name = {quote + 1, static_cast<size_t>(at_ - quote) - 2};
    skip_blanks();
    if (!take_with_blanks(':'))
      return false;
    auto first = at_;
    if (!value(depth))
      return false;
    if (fields != nullptr)
      fields->push_back({name, {first, static_cast<size_t>(at_ - first)}});
    return true;
  }

  // Fields of the same name keep their order: the last one is what a reader sees.
  void write_sorted(std::vector<written_field>& fields) {
    std::stable_sort(fields.begin(), fields.end(),
                     [](auto& a, auto& b) { return a.name < b.name; });
    *out_ += '{';
    for (auto& x : fields) {
      if (&x != &fields.front())
        *out_ += ',';
      *out_ += '"';
      *out_ += x.name;
      *out_ += "\":";
      *out_ += x.text;
    }
    *out_ += '}';
  }

  bool array(int depth) {
    if (depth > depth_max || !take('['))
      return false;
    write('[');
    skip_blanks();
    for (auto first = true; !take(']'); first = false) {
      if (!first) {
        if (!take_with_blanks(','))
          return false;
        write(',');
      }
      if (!value(depth))
        return false;
      skip_blanks();
    }
    write(']');
    return true;
  }

  // NOLINTEND(misc-no-recursion)

  bool string() {
    if (!take('"'))
      return false;
    for (; at_ != end_; ++at_) {
      if (*at_ == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(*at_) < 0x20 || (*at_ == '\\' && !escape()))
        return false;
    }
    return false;
  }

  // Stops at the last letter of the escape.
  bool escape() {
    if (++at_ == end_)
      return false;
    if (*at_ != 'u')
      return std::string_view{"\"\\/bfnrt"}.find(*at_) != std::string_view::npos;
    if (end_ - at_ < 5 || !std::all_of(at_ + 1, at_ + 5, is_hex))
      return false;
    at_ += 4;
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits())
      return false;
    if (take('.') && !digits())
      return false;
    if (take('e') || take('E')) {
      if (!take('+'))
        take('-');
      return digits();
    }
    return true;
  }

  bool digits() {
    auto first = at_;
    at_ = std::find_if_not(at_, end_, is_digit);
    return at_ != first;
  }

  bool word(std::string_view expected_word) {
    std::string_view rest{at_, static_cast<size_t>(end_ - at_)};
    if (rest.substr(0, expected_word.size()) != expected_word)
      return false;
    at_ += expected_word.size();
    return true;
  }

  template <class Read>
  bool copied(Read read) {
    auto first = at_;
    if (!read())
      return false;
    if (out_ != nullptr)
      out_->append(first, at_);
    return true;
  }

  bool take(char mark) {
    if (at_ == end_ || *at_ != mark)
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
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r'))
      ++at_;
  }

  void write(char mark) {
    if (out_ != nullptr)
      *out_ += mark;
  }

  const char* at_;
  const char* end_;
  std::string* out_ = nullptr;
};

caf::error no_object() {
  return fail(errc::invalid, "the text is not a JSON object");
}

// Two spellings of one name are one name. What no library can read stays as it is.
std::string plain_name(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos)
    return std::string{raw};
  simdjson::dom::parser parser;
  std::string_view plain;
  if (parser.parse('"' + std::string{raw} + '"').get(plain) != simdjson::SUCCESS)
    return std::string{raw};
  return std::string{plain};
}

} // namespace

expected<std::vector<json_field>> fields_of(std::string_view text) {
  std::vector<json_field> result;
  if (!simdjson::validate_utf8(text.data(), text.size()) || !scanner{text}.whole_object(&result))
    return no_object();
  return result;
}

expected<std::string> canonical_json(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  scanner reader{text};
  reader.write_to(&result);
  if (!simdjson::validate_utf8(text.data(), text.size()) || !reader.whole_object(nullptr))
    return no_object();
  return result;
}

size_t length_of(std::string_view raw) {
  size_t result = 0;
  for (size_t i = 0; i < raw.size(); ++i) {
    auto byte = static_cast<unsigned char>(raw[i]);
    if (byte == '\\')
      i += raw[i + 1] == 'u' ? 5 : 1;
    // A byte that goes on with a character counts nothing; one that begins a character of four
    // bytes stands for two units.
    if ((byte & 0xc0) != 0x80)
      result += byte >= 0xf0 ? 2 : 1;
  }
  return result;
}

namespace {

bool is_object(std::string_view value) {
  return value.front() == '{';
}

// Both texts are checked by `fields_of`, which bounds their depth.
// NOLINTNEXTLINE(misc-no-recursion)
expected<std::string> merge(std::string_view text, std::string_view patch, bool is_deep) {
  auto merged = fields_of(text.empty() ? std::string_view{"{}"} : text);
  auto changes = fields_of(patch);
  if (!merged || !changes)
    return no_object();
  std::deque<std::string> inner; // The views into it stay good while it grows.
  for (auto& change : *changes) {
    auto same = [name = plain_name(change.name)](const json_field& x) {
      return plain_name(x.name) == name;
    };
    auto old = std::find_if(merged->begin(), merged->end(), same);
    if (old == merged->end()) {
      merged->push_back(change);
    } else if (is_deep && is_object(old->value) && is_object(change.value)) {
      auto both = merge(old->value, change.value, is_deep);
      if (!both)
        return both;
      old->value = inner.emplace_back(std::move(*both));
    } else {
      old->value = change.value;
    }
  }
  std::string result = "{";
  for (auto& x : *merged) {
    if (result.size() > 1)
      result += ',';
    result.append("\"").append(x.name).append("\":").append(x.value);
  }
  return result + '}';
}

} // namespace

expected<std::string> merge_fields(std::string_view text, std::string_view patch) {
  return merge(text, patch, false);
}

expected<std::string> merge_deeply(std::string_view text, std::string_view patch) {
  return merge(text, patch, true);
}

} // namespace varia
