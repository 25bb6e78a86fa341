#include "worker/run_log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr size_t lines_max = 1000;
constexpr size_t bytes_max = 4 * 1024 * 1024;
constexpr size_t message_max = 10000;
constexpr size_t payload_max = 100 * 1024;
constexpr std::array<const char*, 4> levels{"debug", "info", "warn", "error"};

std::string render(uint64_t run, const std::string& level, const std::string& message, time_ms at,
                   const std::string& payload) {
  json line;
  line["run"] = run;
  line["at"] = to_iso_z(at);
  line["level"] = level;
  line["message"] = message;
  if (!payload.empty()) {
    auto value = payload.size() <= payload_max ? json::parse(payload, nullptr, false)
                                               : json("(left out: larger than 100 KB)");
    line["payload"] = value.is_discarded() ? json(payload) : std::move(value);
  }
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

void run_log::add(uint64_t run, const frame_value& line) {
  if (lines_.size() >= lines_max || bytes_ >= bytes_max) {
    ++dropped_;
    return;
  }
  auto level = line.at("level").text();
  if (std::find(levels.begin(), levels.end(), level) == levels.end())
    level = "info";
  lines_.push_back(render(run, level, line.at("message").text().substr(0, message_max),
                          std::clamp<time_ms>(line.at("t").number(now_ms()), 0, 253402300799999),
                          line.at("payload").text()));
  bytes_ += lines_.back().size();
}

std::vector<std::string> run_log::take(uint64_t run) {
  if (dropped_ > 0)
    lines_.push_back(render(run, "warn",
                            std::to_string(dropped_)
                              + " lines were left out: the script"
                                " logs faster than they can be kept",
                            now_ms(), {}));
  dropped_ = 0;
  bytes_ = 0;
  return std::exchange(lines_, {});
}

} // namespace varia
