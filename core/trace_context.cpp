#include "core/trace_context.hpp"

#include "core/ids.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace varia {

namespace {

constexpr size_t trace_digits = 32;
constexpr size_t span_digits = 16;

// What version 00 has; later ones may go on after another dash.
constexpr size_t parent_size = 2 + 1 + trace_digits + 1 + span_digits + 1 + 2;
constexpr size_t state_max = 512;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

std::string hex_of(uint64_t x) {
  std::array<char, span_digits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(x));
  return digits.data();
}

// All zeros would mean that there is none.
std::string random_id() {
  return hex_of(std::max<uint64_t>(make_nonce(), 1));
}

} // namespace

std::string trace_context::parent() const {
  return "00-" + trace_id + "-" + span_id + "-" + flags;
}

trace_context trace_context::child() const {
  auto result = *this;
  result.span_id = random_id();
  return result;
}

trace_context begin_trace() {
  trace_context result;
  result.trace_id = random_id() + random_id();
  result.span_id = random_id();
  return result;
}

std::optional<trace_context> parse_trace(std::string_view parent, std::string_view state) {
  if (parent.size() < parent_size)
    return std::nullopt;
  auto version = parent.substr(0, 2);
  auto dashes
    = parent[2] == '-' && parent[3 + trace_digits] == '-' && parent[parent_size - 3] == '-';
  auto has_more = parent.size() > parent_size;
  if (!dashes || !is_hex(version) || version == "ff"
      || (has_more && (version == "00" || parent[parent_size] != '-')))
    return std::nullopt;
  auto trace = parent.substr(3, trace_digits);
  auto span = parent.substr(4 + trace_digits, span_digits);
  auto flags = parent.substr(parent_size - 2, 2);
  if (!is_id(trace) || !is_id(span) || !is_hex(flags))
    return std::nullopt;
  trace_context result{std::string{trace}, std::string{span}, std::string{flags}, {}};
  if (state.size() <= state_max && is_printable(state))
    result.state = state;
  return result;
}

std::string to_text(const trace_context& x) {
  return x.state.empty() ? x.parent() : x.parent() + " " + x.state;
}

std::optional<trace_context> parse_trace_text(std::string_view text) {
  auto blank = text.find(' ');
  return parse_trace(text.substr(0, blank),
                     blank == std::string_view::npos ? "" : text.substr(blank + 1));
}

} // namespace varia
