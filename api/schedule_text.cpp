#include "api/schedule_text.hpp"

#include "core/rulebook.hpp"
#include "core/span.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace varia {

namespace {

constexpr double tries_max = 100;
constexpr double failures_max = 1000;
constexpr size_t text_max = 200;
constexpr size_t blackouts_max = 20;

// What `skip` makes up for: less than a timer or a restart may be late by.
constexpr milliseconds skip_after{60'000};

// "22:30" as the minute of the day.
std::optional<uint32_t> read_time_of_day(const std::string& text) {
  if (text.size() != 5 || text[2] != ':')
    return std::nullopt;
  uint32_t hour = 0;
  uint32_t minute = 0;
  auto read = [&](size_t at, uint32_t& to) {
    auto end = text.data() + at + 2;
    auto [stop, fault] = std::from_chars(text.data() + at, end, to);
    return fault == std::errc{} && stop == end;
  };
  if (!read(0, hour) || !read(3, minute) || hour > 23 || minute > 59)
    return std::nullopt;
  return hour * 60 + minute;
}

std::string time_of_day_text(uint32_t minute) {
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

schema span(const char* wanted, const char* example, const std::vector<std::string>& words = {}) {
  auto is_span = [words](const std::string& x) {
    return std::find(words.begin(), words.end(), x) != words.end() || parse_span(x).has_value();
  };
  return text({at_most(text_max), holds(is_span, wanted)}).shown_as(example);
}

bool is_printable(unsigned char c) {
  return c >= ' ' && c != 127;
}

schema plain_text(const char* example) {
  auto is_one_line
    = [](const std::string& x) { return std::all_of(x.begin(), x.end(), is_printable); };
  return text({at_least(1), at_most(text_max), holds(is_one_line, "Must be one line")})
    .shown_as(example);
}

// A name of a zone, or days of a cron text.
schema word(const char* example) {
  auto is_word = [](const std::string& x) {
    return std::all_of(x.begin(), x.end(), is_printable) && x.find(' ') == std::string::npos;
  };
  return text({at_least(1), at_most(text_max), holds(is_word, "Must be one word")})
    .shown_as(example);
}

schema time_of_day() {
  return text({holds([](const std::string& x) { return read_time_of_day(x).has_value(); },
                     "Must be a time of the day such as \"22:30\"")})
    .shown_as("22:30");
}

schema number_between(double least, double most) {
  auto judge = [least, most](const json* value, const json_path& path, issues& found) {
    auto is_good = value != nullptr && value->is_number() && value->get<double>() >= least
                   && value->get<double>() <= most;
    if (!is_good)
      found.push_back({"custom", fmt::format("Must be a number from {} to {}", least, most), path});
  };
  return {judge, {{"type", "number"}, {"minimum", least}, {"maximum", most}}, least};
}

schema blackout_form() {
  auto zone = optional(word("Europe/Berlin"));
  auto weekly = object({{"days", optional(word("mon-fri"))},
                        {"from", time_of_day()},
                        {"to", time_of_day()},
                        {"time_zone", zone}});
  auto by_cron = object({{"cron", plain_text("0 22 * * 5")},
                         {"for", span("Must be a time such as \"8h\"", "8h")},
                         {"time_zone", zone}});
  return either({weekly, by_cron}, "A blackout is either {from, to, days?, time_zone?} or {cron, "
                                   "for, time_zone?}");
}

schema schedule_form() {
  auto retry = object({{"tries", whole_number(1, tries_max)},
                       {"first", optional(span("Must be a time such as \"30s\"", "30s"))},
                       {"factor", optional(number_between(1, 10))},
                       {"max", optional(span("Must be a time such as \"15m\"", "15m"))}});
  return object(
    {{"every", optional(plain_text("every 5m"))},
     {"cron", optional(plain_text("0 6 * * 1-5"))},
     {"time_zone", optional(word("Europe/Berlin"))},
     {"jitter",
      optional(span("Must be \"auto\", \"off\" or a time such as \"2m\"", "2m", {"auto", "off"}))},
     {"overlap", optional(one_of({"skip", "queue"}))},
     {"catch_up", optional(span("Must be \"coalesce\", \"skip\" or a time such as \"30m\"", "30m",
                                {"coalesce", "skip"}))},
     {"blackouts", optional(list_of(blackout_form(), blackouts_max))},
     {"retry", optional(retry)},
     {"stop_after", optional(whole_number(1, failures_max))}});
}

blackout read_blackout(const json& x, const std::string& time_zone) {
  blackout result;
  result.time_zone = text_at(x, "time_zone", time_zone);
  result.days = text_at(x, "days", "*");
  result.cron = text_at(x, "cron");
  result.lasts = parse_span(text_at(x, "for")).value_or(milliseconds{0});
  result.from = read_time_of_day(text_at(x, "from")).value_or(0);
  result.to = read_time_of_day(text_at(x, "to")).value_or(0);
  return result;
}

run_retries read_retry(const json& x) {
  run_retries result;
  result.tries = x.at("tries").get<uint32_t>();
  result.first = parse_span(text_at(x, "first")).value_or(result.first);
  result.max = parse_span(text_at(x, "max")).value_or(std::max(result.max, result.first));
  if (x.contains("factor"))
    result.factor_percent = static_cast<uint32_t>(std::lround(x.at("factor").get<double>() * 100));
  return result;
}

json blackout_text(const blackout& x) {
  if (!x.cron.empty())
    return {{"cron", x.cron}, {"for", render_span(x.lasts)}, {"time_zone", x.time_zone}};
  return {{"days", x.days},
          {"from", time_of_day_text(x.from)},
          {"to", time_of_day_text(x.to)},
          {"time_zone", x.time_zone}};
}

json retry_text(const run_retries& x) {
  if (x.tries == 0)
    return nullptr;
  return {{"tries", x.tries},
          {"first", render_span(x.first)},
          {"factor", x.factor_percent / 100.0},
          {"max", render_span(x.max)}};
}

json jitter_text(const schedule_rules& x) {
  if (!x.jitter)
    return "auto";
  return x.jitter->count() == 0 ? "off" : render_span(*x.jitter);
}

json catch_up_text(const schedule_rules& x) {
  if (!x.catch_up)
    return "coalesce";
  return *x.catch_up == skip_after ? "skip" : render_span(*x.catch_up);
}

schedule_rules unpack(const std::string& packed) {
  auto rules = unpack_rules(packed);
  return rules ? std::move(*rules) : schedule_rules{};
}

bool has_time(const schedule_rules& x) {
  return !x.every.empty() || !x.cron.empty();
}

} // namespace

schema schedule_rules_schema() {
  auto makes_sense = [](const json* value, const json_path& path, issues& found) {
    if (auto made = rulebook::make(read_schedule(*value)); !made)
      found.push_back({"custom", detail_of(made.error()), path});
  };
  return refined(schedule_form(), makes_sense).shown_as({{"every", "every 5m"}});
}

schedule_rules read_schedule(const json& body) {
  schedule_rules result;
  result.every = text_at(body, "every");
  result.cron = text_at(body, "cron");
  result.time_zone = text_at(body, "time_zone", "UTC");
  auto jitter = text_at(body, "jitter", "auto");
  if (jitter != "auto")
    result.jitter = jitter == "off" ? milliseconds{0} : parse_span(jitter);
  result.queues = text_at(body, "overlap") == "queue";
  auto catch_up = text_at(body, "catch_up", "coalesce");
  if (catch_up != "coalesce")
    result.catch_up = catch_up == "skip" ? skip_after : parse_span(catch_up);
  if (auto all = member(body, "blackouts"))
    for (auto& x : *all)
      result.blackouts.push_back(read_blackout(x, result.time_zone));
  if (auto retry = member(body, "retry"))
    result.retry = read_retry(*retry);
  if (auto most = member(body, "stop_after"))
    result.stop_after = most->get<uint32_t>();
  return result;
}

json schedule_text(const schedule_rules& x) {
  auto blackouts = json::array();
  for (auto& each : x.blackouts)
    blackouts.push_back(blackout_text(each));
  return {{"every", x.every.empty() ? json(nullptr) : json(x.every)},
          {"cron", x.cron.empty() ? json(nullptr) : json(x.cron)},
          {"time_zone", x.time_zone},
          {"jitter", jitter_text(x)},
          {"overlap", x.queues ? "queue" : "skip"},
          {"catch_up", catch_up_text(x)},
          {"blackouts", std::move(blackouts)},
          {"retry", retry_text(x.retry)},
          {"stop_after", x.stop_after == 0 ? json(nullptr) : json(x.stop_after)}};
}

schedule_rules rules_in_effect(const variant_entry& entry, const function* deployed) {
  auto of_function = deployed == nullptr ? schedule_rules{} : unpack(deployed->schedule);
  if (deployed != nullptr && !has_time(of_function))
    of_function.every = deployed->frequency;
  auto result = entry.schedule.empty() ? of_function : unpack(entry.schedule);
  if (!entry.frequency.empty()) {
    result.every = entry.frequency;
    result.cron.clear();
  } else if (!has_time(result)) {
    result.every = of_function.every;
    result.cron = of_function.cron;
    result.time_zone = of_function.time_zone;
  }
  return result;
}

} // namespace varia
