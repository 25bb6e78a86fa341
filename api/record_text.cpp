#include "api/record_text.hpp"

#include "api/http.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace varia {

namespace {

std::string quoted(const std::string& x) {
  return json(x).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string moment(const std::optional<time_ms>& at) {
  return at ? "\"" + to_iso_offset(*at) + "\"" : "null";
}

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

void append_metadata(std::string& out, const stored_record& x) {
  out += "\"_nango_metadata\":{\"first_seen_at\":" + moment(x.first_seen_at);
  out += ",\"last_modified_at\":" + moment(x.last_modified_at);
  out += std::string{",\"last_action\":\""} + to_string(x.action) + '"';
  out += ",\"deleted_at\":" + moment(x.deleted_at);
  out += ",\"pruned_at\":" + moment(x.pruned_at);
  // A cursor is base64url: there is nothing in it to escape.
  out += ",\"cursor\":\"" + x.cursor + "\"}}";
}

void append_record(std::string& out, const stored_record& x) {
  std::string_view payload{x.payload};
  auto end = payload.find_last_of('}');
  if (end == std::string_view::npos) {
    out += "{\"id\":" + quoted(x.id) + ',';
    return append_metadata(out, x);
  }
  member_scanner members{payload};
  auto empty = true;
  for (auto member = members.next(); member; member = members.next()) {
    empty = false;
    if (member->key != "id")
      continue;
    out += payload.substr(0, member->value_begin);
    out += quoted(x.id);
    out += payload.substr(member->value_end, end - member->value_end);
    out += ',';
    return append_metadata(out, x);
  }
  out += payload.substr(0, end);
  out += (empty ? "\"id\":" : ",\"id\":") + quoted(x.id) + ',';
  append_metadata(out, x);
}

} // namespace

std::string record_text(const stored_record& x) {
  std::string out;
  append_record(out, x);
  return out;
}

std::string page_text(const record_page& page) {
  constexpr size_t metadata_bytes = 300;
  size_t bytes = metadata_bytes;
  for (auto& x : page.records)
    bytes += x.payload.size() + metadata_bytes;
  std::string out;
  out.reserve(bytes);
  out += "{\"next_cursor\":";
  out += page.next_cursor.empty() ? "null" : quoted(page.next_cursor);
  out += ",\"records\":[";
  for (size_t i = 0; i < page.records.size(); ++i) {
    if (i > 0)
      out += ',';
    append_record(out, page.records[i]);
  }
  out += "]}";
  return out;
}

} // namespace varia
