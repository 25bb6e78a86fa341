#include "webhooks/incoming_rules.hpp"

#include "core/text.hpp"
#include "webhooks/js_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

// Unix seconds stay below this until the year 5138; Unix milliseconds passed it in 1973.
constexpr int64_t milliseconds_from = 100'000'000'000;

// Deeper than what providers send, and far less than what fills a stack.
constexpr size_t depth_max = 200;

std::string text_of(const json& from, const char* key, std::string otherwise = {}) {
  auto found = from.find(key);
  return found != from.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

incoming_rules::check scheme_of(const std::string& word) {
  using check = incoming_rules::check;
  if (word == "none")
    return check::none;
  if (word == "hmac")
    return check::hmac;
  return word == "token" ? check::token : check::disabled;
}

digest_kind algorithm_of(const std::string& word) {
  if (word == "sha1")
    return digest_kind::sha1;
  return word == "sha512" ? digest_kind::sha512 : digest_kind::sha256;
}

// A number and a unit: ms, s, m or h.
milliseconds span_of(const std::string& text, milliseconds otherwise) {
  int64_t number = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || number < 0 || number > 1'000'000)
    return otherwise;
  auto unit = std::string{end, text.data() + text.size()};
  auto factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : 3'600'000;
  return milliseconds{number * factor};
}

// The connection's own id unless the rules name a field of it; by default the one that is called
// as the last part of the path is.
std::string field_of_connection(const json& all, const std::string& path) {
  if (auto by = text_of(all, "connection_by"); !by.empty())
    return by;
  auto last = path.substr(path.rfind('.') == std::string::npos ? 0 : path.rfind('.') + 1);
  return path.empty() ? "" : "connection_config." + text_of(all, "connection_field", last);
}

// True if no level of the text is deeper than we read.
bool is_shallow(const std::string& text) {
  size_t depth = 0;
  auto callback = [&](int now, json::parse_event_t, json&) {
    depth = std::max(depth, static_cast<size_t>(now));
    return depth < depth_max;
  };
  auto read = json::parse(text, callback, false);
  return depth < depth_max && !read.is_discarded();
}

std::string header_of(const incoming_webhook& x, const std::string& name) {
  auto found = x.headers.find(name);
  return found == x.headers.end() ? std::string{} : std::string{trim(found->second)};
}

// Each part of "t=1,v1=ab,v1=cd" that has this name.
std::vector<std::string> parts_of(const std::string& value, const std::string& name) {
  std::vector<std::string> result;
  for (auto& each : split(value, ',')) {
    auto part = std::string{trim(each)};
    if (part.rfind(name + "=", 0) == 0)
      result.push_back(part.substr(name.size() + 1));
  }
  return result;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
}

std::string timestamp_of(const incoming_rules& rules, const incoming_webhook& x) {
  if (!rules.timestamp_part.empty()) {
    auto parts = parts_of(header_of(x, rules.header), rules.timestamp_part);
    return parts.empty() ? std::string{} : parts.front();
  }
  return rules.timestamp_header.empty() ? std::string{} : header_of(x, rules.timestamp_header);
}

// The body goes last: what it holds is nothing to be replaced in.
std::string signed_bytes(const incoming_rules& rules, const incoming_webhook& x) {
  auto mark = rules.signed_text.find("{body}");
  auto fill = [&](std::string text) {
    replace_all(text, "{timestamp}", timestamp_of(rules, x));
    replace_all(text, "{method}", x.method);
    replace_all(text, "{url}", x.url);
    return text;
  };
  if (mark == std::string::npos)
    return fill(rules.signed_text);
  return fill(rules.signed_text.substr(0, mark)) + x.body
         + fill(rules.signed_text.substr(mark + std::string_view{"{body}"}.size()));
}

std::optional<time_ms> moment_of(const std::string& text) {
  int64_t number = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault == std::errc{} && end == text.data() + text.size() && number > 0
      && number < INT64_MAX / 1000)
    return number < milliseconds_from ? number * 1000 : number;
  auto iso = parse_iso_z(text);
  return iso < 0 ? std::nullopt : std::optional{iso};
}

std::optional<std::string> refuse_time(const incoming_rules& rules, const incoming_webhook& x,
                                       time_ms now) {
  if (rules.timestamp_header.empty() && rules.timestamp_part.empty())
    return std::nullopt;
  auto at = moment_of(timestamp_of(rules, x));
  if (!at)
    return "the timestamp is missing";
  if (std::abs(now - *at) > rules.tolerance.count())
    return "the timestamp is too old";
  return std::nullopt;
}

bool has_prefix(const std::string& value, const std::string& prefix) {
  return value.rfind(prefix, 0) == 0;
}

bool is_signed(const incoming_rules& rules, const incoming_webhook& x) {
  auto bytes = hmac(rules.algorithm, rules.secret, signed_bytes(rules, x));
  auto wanted = rules.is_base64 ? base64(bytes) : to_hex(bytes);
  auto value = header_of(x, rules.header);
  auto signatures = rules.part.empty() ? std::vector{value} : parts_of(value, rules.part);
  auto good = false;
  for (auto& each : signatures) {
    if (!has_prefix(each, rules.prefix))
      continue;
    auto given = each.substr(rules.prefix.size());
    good |= equal_in_constant_time(rules.is_base64 ? given : to_lower(given), wanted);
  }
  return good;
}

bool has_token(const incoming_rules& rules, const incoming_webhook& x) {
  std::string value;
  if (rules.header.empty()) {
    for (auto& [name, given] : x.query)
      if (name == rules.query)
        value = given;
  } else {
    value = header_of(x, rules.header);
  }
  return has_prefix(value, rules.prefix)
         && equal_in_constant_time(value.substr(rules.prefix.size()), rules.secret);
}

// The text or number at a path such as "events.0.type"; empty for all else.
std::string text_at_path(const json& from, const std::string& path) {
  if (path.empty())
    return {};
  auto at = &from;
  for (auto& step : split(path, '.')) {
    size_t index = 0;
    auto end = step.data() + step.size();
    if (at->is_object() && at->contains(step))
      at = &at->at(step);
    else if (at->is_array() && std::from_chars(step.data(), end, index).ptr == end
             && index < at->size())
      at = &at->at(index);
    else
      return {};
  }
  if (at->is_string())
    return at->get<std::string>();
  return at->is_number_integer() ? at->dump() : std::string{};
}

int hex_value(char x) {
  auto digits = std::string_view{"0123456789abcdef"};
  auto at = digits.find(to_lower(std::string_view{&x, 1}));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::string form_decode(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    auto is_escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0
                     && hex_value(text[i + 2]) >= 0;
    if (is_escape) {
      result += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

std::string form_text(const std::string& body) {
  std::string members;
  for (auto& pair : split(body, '&')) {
    auto mark = std::min(pair.find('='), pair.size());
    members += (members.empty() ? "" : ",") + js_string(form_decode(pair.substr(0, mark))) + ':'
               + js_string(form_decode(pair.substr(std::min(mark + 1, pair.size()))));
  }
  return '{' + members + '}';
}

std::string payload_text(const incoming_webhook& x) {
  if (is_shallow(x.body))
    return x.body;
  if (has_prefix(header_of(x, "content-type"), "application/x-www-form-urlencoded"))
    return form_text(x.body);
  return js_string(x.body);
}

} // namespace

incoming_rules read_incoming_rules(const std::string& known, const std::string& own,
                                   const std::string& secret) {
  auto all = json::parse(known, nullptr, false);
  if (!all.is_object())
    all = json::object();
  if (auto more = json::parse(own, nullptr, false); more.is_object())
    all.update(more);
  incoming_rules result;
  result.scheme = scheme_of(text_of(all, "scheme"));
  result.secret = secret;
  result.query = text_of(all, "query");
  if (result.query.empty())
    result.header = to_lower(text_of(all, "header"));
  result.algorithm = algorithm_of(text_of(all, "algorithm"));
  result.is_base64 = text_of(all, "encoding") == "base64";
  result.prefix = text_of(all, "prefix");
  result.part = text_of(all, "part");
  result.signed_text = text_of(all, "signed", result.signed_text);
  result.timestamp_header = to_lower(text_of(all, "timestamp_header"));
  result.timestamp_part = text_of(all, "timestamp_part");
  result.tolerance = span_of(text_of(all, "tolerance"), result.tolerance);
  result.type_header = to_lower(text_of(all, "type_header"));
  result.type_path = text_of(all, "type_path");
  result.connection_path = text_of(all, "connection_path");
  result.connection_by = field_of_connection(all, result.connection_path);
  result.challenge_path = text_of(all, "challenge_path");
  result.variant_path = text_of(all, "variant_path");
  if (text_of(all, "variant_missing") == "drop")
    result.if_missing = incoming_rules::missing_variant::drop;
  auto needs_secret = result.scheme != incoming_rules::check::none;
  if (needs_secret && (secret.empty() || (result.header.empty() && result.query.empty())))
    result.scheme = incoming_rules::check::disabled;
  return result;
}

std::optional<std::string> refuse_origin(const incoming_rules& rules, const incoming_webhook& x,
                                         time_ms now) {
  switch (rules.scheme) {
    case incoming_rules::check::none: return std::nullopt;
    case incoming_rules::check::disabled: return "webhooks are not taken";
    case incoming_rules::check::token:
      return has_token(rules, x) ? std::nullopt : std::optional<std::string>{"the token is wrong"};
    case incoming_rules::check::hmac: break;
  }
  if (auto no = refuse_time(rules, x, now))
    return no;
  return is_signed(rules, x) ? std::nullopt : std::optional<std::string>{"the signature is wrong"};
}

incoming_facts read_facts(const incoming_rules& rules, const incoming_webhook& x) {
  incoming_facts result;
  result.payload = payload_text(x);
  auto body = json::parse(result.payload, nullptr, false);
  if (body.is_discarded())
    return result;
  result.type = rules.type_header.empty() ? text_at_path(body, rules.type_path)
                                          : header_of(x, rules.type_header);
  result.connection = text_at_path(body, rules.connection_path);
  result.variant = text_at_path(body, rules.variant_path);
  result.challenge = text_at_path(body, rules.challenge_path);
  return result;
}

} // namespace varia
