#include "store/record_text.hpp"

#include "core/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace varia {

namespace {

bool is_plain(char x) {
  return x >= ' ' && x <= '~' && x != '"' && x != '\\';
}

std::string quoted(const std::string& x) {
  using nlohmann::json;
  if (std::all_of(x.begin(), x.end(), is_plain))
    return '"' + x + '"';
  return json(x).dump(-1, ' ', false, json::error_handler_t::replace);
}

// Renders moments. Records that were written together often have the same one.
class moment_writer {
public:
  const std::string& text_of(time_ms at) {
    if (at != at_ || text_.empty()) {
      at_ = at;
      text_ = '"' + to_iso_offset(at) + '"';
    }
    return text_;
  }

  std::string text_of(const std::optional<time_ms>& at) { return at ? text_of(*at) : "null"; }

private:
  time_ms at_ = 0;
  std::string text_;
};

// Walks over the members of the outermost object of a JSON text that is known to be well-formed.
class member_scanner {
public:
  explicit member_scanner(std::string_view text) : text_{text}, at_{text.find('{') + 1} {}

  struct member {
    std::string_view key; ///< As written, without quotes.
    size_t value_begin = 0;
    size_t value_end = 0;
  };

  std::optional<member> next() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      skip_blanks();
    }
    if (at_ >= text_.size() || text_[at_] != '"')
      return std::nullopt;
    auto key_begin = at_;
    skip_string();
    member result;
    result.key = text_.substr(key_begin + 1, at_ - key_begin - 2);
    at_ = text_.find(':', at_);
    if (at_ == std::string_view::npos)
      return std::nullopt;
    ++at_;
    skip_blanks();
    result.value_begin = at_;
    skip_value();
    result.value_end = at_;
    return result;
  }

private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\')
        ++at_;
    ++at_;
  }

  void skip_value() {
    size_t depth = 0;
    while (at_ < text_.size()) {
      auto x = text_[at_];
      if (x == '"') {
        skip_string();
        if (depth == 0)
          return;
        continue;
      }
      if (depth == 0 && (x == ',' || x == '}' || x == ' ' || x == '\n' || x == '\r' || x == '\t'))
        return;
      if (x == '{' || x == '[')
        ++depth;
      if (x == '}' || x == ']')
        --depth;
      ++at_;
      if (depth == 0 && (x == '}' || x == ']'))
        return;
    }
  }

  std::string_view text_;
  size_t at_;
};

// Writes records one after the other.
class record_writer {
public:
  explicit record_writer(std::string& out) : out_{out} {}

  void append(const stored_record& x);
  void append_all(const std::vector<stored_record>& all);

private:
  void append_metadata(const stored_record& x);

  std::string& out_;
  moment_writer first_seen_, modified_, deleted_, pruned_;
};

void record_writer::append_metadata(const stored_record& x) {
  auto& meta = x.meta;
  out_ += "\"_nango_metadata\":{\"first_seen_at\":";
  out_ += first_seen_.text_of(meta.first_seen_at);
  out_ += ",\"last_modified_at\":";
  out_ += modified_.text_of(x.last_modified_at());
  out_ += ",\"last_action\":\"";
  out_ += to_string(meta.action);
  out_ += "\",\"deleted_at\":";
  out_ += deleted_.text_of(meta.deleted_at);
  out_ += ",\"pruned_at\":";
  out_ += pruned_.text_of(meta.pruned_at);
  // A cursor is base64url and a variant's name has letters, digits, _ and -: nothing to escape.
  out_ += ",\"cursor\":\"";
  out_ += x.cursor();
  if (!x.variant.empty())
    out_ += "\",\"variant\":\"" + x.variant;
  out_ += "\"}}";
}

void record_writer::append(const stored_record& x) {
  std::string_view payload{x.payload};
  auto end = payload.find_last_of('}');
  if (end == std::string_view::npos) {
    out_ += "{\"id\":" + quoted(x.id) + ',';
    return append_metadata(x);
  }
  member_scanner members{payload};
  auto empty = true;
  for (auto member = members.next(); member; member = members.next()) {
    empty = false;
    if (member->key != "id")
      continue;
    out_ += payload.substr(0, member->value_begin);
    out_ += quoted(x.id);
    out_ += payload.substr(member->value_end, end - member->value_end);
    out_ += ',';
    return append_metadata(x);
  }
  out_ += payload.substr(0, end);
  out_ += (empty ? "\"id\":" : ",\"id\":") + quoted(x.id) + ',';
  append_metadata(x);
}

void record_writer::append_all(const std::vector<stored_record>& all) {
  constexpr size_t metadata_bytes = 300;
  auto bytes = out_.size() + metadata_bytes;
  for (auto& x : all)
    bytes += x.payload.size() + metadata_bytes;
  out_.reserve(bytes);
  auto mark = '[';
  for (auto& x : all) {
    out_ += std::exchange(mark, ',');
    append(x);
  }
  out_ += all.empty() ? "[]" : "]";
}

} // namespace

std::string record_text(const stored_record& x) {
  std::string out;
  record_writer{out}.append(x);
  return out;
}

std::string records_text(const std::vector<stored_record>& all) {
  std::string out;
  record_writer{out}.append_all(all);
  return out;
}

std::string page_text(const record_page& page) {
  std::string out = "{\"next_cursor\":";
  out += page.next_cursor.empty() ? "null" : quoted(page.next_cursor);
  out += ",\"records\":";
  record_writer{out}.append_all(page.records);
  out += '}';
  return out;
}

} // namespace varia
