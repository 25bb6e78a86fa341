#include "worker/run_log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr size_t message_max = 10000;
constexpr size_t payload_max = 100 * 1024;
constexpr time_ms last_moment = 253402300799999; // The year 9999.

// Beyond the limit of lines there is room for so many warnings and errors, which tell most: also
// how many lines the script's process has left out itself.
constexpr uint64_t warnings_beyond_max = 100;

json line_of(uint64_t run, log_level level, const std::string& message, time_ms at) {
  return {{"run", run}, {"at", to_iso_z(at)}, {"level", to_string(level)}, {"message", message}};
}

std::string render(const json& line) {
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

json payload_of(const std::string& text) {
  if (text.size() > payload_max)
    return "(left out: larger than 100 KB)";
  auto value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(text) : value;
}

std::string message_of(const request_trace& x) {
  auto what = x.method + " " + x.url + ": "
              + (x.failure.empty() ? std::to_string(x.status) : x.failure) + " after "
              + std::to_string(x.ms) + " ms";
  return x.is_repeated ? what + ", again in " + std::to_string(x.wait.count()) + " ms" : what;
}

} // namespace

void run_log::add(uint64_t run, const frame_value& line) {
  auto level = parse_log_level(line.at("level").text()).value_or(log_level::info);
  if (level < limits_.level_min)
    return;
  if (!has_room(level)) {
    ++dropped_;
    return;
  }
  auto at = std::clamp<time_ms>(line.at("t").number(now_ms()), 0, last_moment);
  auto result = line_of(run, level, line.at("message").text().substr(0, message_max), at);
  if (auto payload = line.at("payload").text(); !payload.empty())
    result["payload"] = payload_of(payload);
  keep(level, render(result));
}

void run_log::add(uint64_t run, const request_trace& x) {
  auto is_fine = x.failure.empty() && x.status < 400;
  auto level = is_fine ? log_level::info : log_level::warn;
  if (level < limits_.level_min)
    return;
  if (!has_room(level)) {
    ++dropped_;
    return;
  }
  auto result = line_of(run, level, message_of(x).substr(0, message_max), now_ms());
  json http{{"method", x.method}, {"url", x.url},     {"status", x.status},
            {"ms", x.ms},         {"bytes", x.bytes}, {"attempt", x.attempt}};
  if (!x.failure.empty())
    http["failure"] = x.failure;
  if (!x.redirected.empty())
    http["redirected"] = x.redirected;
  if (x.is_repeated)
    http["wait_ms"] = x.wait.count();
  result["http"] = std::move(http);
  keep(level, render(result));
}

std::vector<log_line> run_log::take_last(uint64_t run) {
  auto result = take();
  if (dropped_ > 0)
    result.push_back(
      {log_level::warn,
       render(line_of(run, log_level::warn,
                      std::to_string(dropped_) + " lines were left out: a run may log no more than "
                        + std::to_string(limits_.lines_max) + " lines or "
                        + std::to_string(limits_.bytes_max) + " bytes",
                      now_ms()))});
  dropped_ = 0;
  return result;
}

void run_log::keep(log_level level, std::string text) {
  ++count_;
  bytes_ += text.size();
  lines_.push_back({level, std::move(text)});
}

bool run_log::has_room(log_level level) const {
  auto lines = limits_.lines_max + (level >= log_level::warn ? warnings_beyond_max : 0);
  return count_ < lines && bytes_ < limits_.bytes_max;
}

} // namespace varia
