#include "store/run_logs.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace varia {

namespace {

// How many lines one call appends, and how many one question reads.
constexpr size_t lines_max = 500;

constexpr std::array level_names{"debug", "info", "warn", "error"};

std::string_view field_of(const redisReply& fields, std::string_view name) {
  for (size_t i = 0; i + 1 < fields.elements; i += 2)
    if (name == std::string_view{fields.element[i]->str, fields.element[i]->len})
      return {fields.element[i + 1]->str, fields.element[i + 1]->len};
  return {};
}

uint64_t number_in(std::string_view text) {
  uint64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

bool is_wanted(const redisReply& fields, const log_query& query) {
  if (query.run && number_in(field_of(fields, "r")) != *query.run)
    return false;
  return number_in(field_of(fields, "v")) >= static_cast<uint64_t>(query.level_min);
}

} // namespace

const char* to_string(log_level x) {
  return level_names[static_cast<size_t>(x)];
}

std::optional<log_level> parse_log_level(std::string_view text) {
  for (size_t i = 0; i < level_names.size(); ++i)
    if (text == level_names[i])
      return static_cast<log_level>(i);
  return std::nullopt;
}

bool is_line_id(const std::string& text) {
  auto dash = text.find('-');
  auto is_number = [](const std::string& part) {
    return !part.empty() && part.size() <= 20
           && part.find_first_not_of("0123456789") == std::string::npos;
  };
  return dash != std::string::npos && is_number(text.substr(0, dash))
         && is_number(text.substr(dash + 1));
}

expected<void> run_logs::append(const run_ticket& ticket, const std::vector<log_line>& lines,
                                const log_limits& limits) {
  for (size_t first = 0; first < lines.size(); first += lines_max) {
    std::vector<std::string> args{to_string(ticket.owner), std::to_string(ticket.run),
                                  std::to_string(limits.runs_max),
                                  std::to_string(limits.age_max.count())};
    for (auto i = first; i < std::min(first + lines_max, lines.size()); ++i) {
      args.push_back(std::to_string(static_cast<int>(lines[i].level)));
      args.push_back(lines[i].text);
    }
    auto done
      = call(db_, "run_log", {keys::head(ticket.variant), keys::run_log(ticket.variant)}, args);
    if (!done)
      return std::move(done.error());
  }
  return caf::unit;
}

expected<std::vector<stored_line>> run_logs::read(const variant_ref& variant,
                                                  const log_query& query) {
  return read_lines(db_, keys::run_log(variant), query);
}

expected<std::vector<stored_line>> read_lines(redis& db, const std::string& log,
                                              const log_query& query) {
  auto forwards = !query.after.empty();
  auto limit = std::to_string(lines_max);
  std::vector<stored_line> result;
  for (auto from = query.after; result.size() < query.count;) {
    auto bound = from.empty() ? std::string{} : "(" + from;
    auto reply = forwards ? db.run({"XRANGE", log, bound, "+", "COUNT", limit})
                          : db.run({"XREVRANGE", log, from.empty() ? std::string{"+"} : bound, "-",
                                    "COUNT", limit});
    if (!reply)
      return std::move(reply.error());
    for (size_t i = 0; i < (*reply)->elements && result.size() < query.count; ++i) {
      auto& entry = *(*reply)->element[i];
      from = text_of(*entry.element[0]);
      if (is_wanted(*entry.element[1], query))
        result.push_back({from, std::string{field_of(*entry.element[1], "l")}});
    }
    if ((*reply)->elements < lines_max)
      break;
  }
  return result;
}

} // namespace varia
