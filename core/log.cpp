#include "core/log.hpp"

#include "core/log_redaction.hpp"
#include "core/metrics.hpp"
#include "core/recent_log.hpp"
#include "core/time.hpp"

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>

#include <unistd.h>

namespace varia {

namespace {

thread_local std::vector<const log_facts*> facts_of_thread;

struct process_facts {
  std::mutex mutex;
  std::map<std::string, std::string> all;
};

process_facts& facts_of_process() {
  static auto& result = *new process_facts;
  return result;
}

// Escapes what would end the line or the JSON string. A script may log any text; it must not be
// able to forge a line of ours.
void append_escaped(std::string_view text, bool quotes, std::string& out) {
  constexpr auto digits = "0123456789abcdef";
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 0x20 || byte == 0x7f)
      out.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    else if (quotes && (c == '"' || c == '\\'))
      out.append(1, '\\').append(1, c);
    else
      out += c;
  }
}

const char* name_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug: return "debug";
    case spdlog::level::info: return "info";
    case spdlog::level::warn: return "warn";
    default: return "error";
  }
}

// Those of the process first; of two of the same name the inner one counts.
std::map<std::string, std::string> facts_now() {
  std::map<std::string, std::string> result;
  {
    auto& of_process = facts_of_process();
    std::lock_guard guard{of_process.mutex};
    result = of_process.all;
  }
  for (auto* scope : facts_of_thread)
    for (auto& [name, value] : *scope)
      if (!value.empty())
        result[name] = value;
  return result;
}

void count_line(spdlog::level::level_enum level) {
  static const auto& lines = *new counter_group{"varia_log_lines_total",
                                                "Lines that this process logged, by level.",
                                                "level",
                                                {"debug", "info", "warn", "error"}};
  lines[name_of(level)].add();
}

class line_formatter : public spdlog::formatter {
public:
  explicit line_formatter(bool is_json) : is_json_{is_json} {}

  void format(const spdlog::details::log_msg& what, spdlog::memory_buf_t& out) override {
    count_line(what.level);
    auto since = what.time.time_since_epoch();
    auto at = to_iso_z(std::chrono::duration_cast<milliseconds>(since).count());
    auto message = without_log_secrets({what.payload.data(), what.payload.size()});
    std::string process{what.logger_name.data(), what.logger_name.size()};
    auto line = is_json_ ? json_line(at, name_of(what.level), process, message)
                         : plain_line(at, name_of(what.level), process, message);
    out.append(line.data(), line.data() + line.size());
    keep_log_line(line);
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<line_formatter>(is_json_);
  }

private:
  static std::string json_line(const std::string& at, const char* level, const std::string& process,
                               const std::string& message) {
    std::string result;
    auto add = [&result](std::string_view name, std::string_view value) {
      result.append(result.empty() ? "{\"" : ",\"").append(name).append("\":\"");
      append_escaped(value, true, result);
      result += '"';
    };
    add("ts", at);
    add("level", level);
    add("process", process);
    add("msg", message);
    for (auto& [name, value] : facts_now())
      add(name, value);
    return result.append("}\n");
  }

  static std::string plain_line(const std::string& at, const char* level,
                                const std::string& process, const std::string& message) {
    std::string result = at + " " + level;
    result.append(result.size() - at.size() < 6 ? 6 - (result.size() - at.size()) : 0, ' ');
    result.append(" ").append(process).append(": ");
    append_escaped(message, false, result);
    for (auto& [name, value] : facts_now()) {
      result.append(" ").append(name).append("=");
      append_escaped(value, false, result);
    }
    return result.append("\n");
  }

  bool is_json_;
};

} // namespace

void start_log(const std::string& process, log_format format, const std::string& level) {
  auto is_json = format == log_format::json
                 || (format == log_format::automatic && ::isatty(STDERR_FILENO) == 0);
  auto logger
    = std::make_shared<spdlog::logger>(process, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::make_unique<line_formatter>(is_json));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

void set_log_level(const std::string& level) {
  spdlog::default_logger_raw()->set_level(spdlog::level::from_str(level));
}

log_scope::log_scope(const log_facts& facts) {
  facts_of_thread.push_back(&facts);
}

log_scope::~log_scope() {
  facts_of_thread.pop_back();
}

void set_log_fact(const char* name, const std::string& value) {
  auto& of_process = facts_of_process();
  std::lock_guard guard{of_process.mutex};
  if (value.empty())
    of_process.all.erase(name);
  else
    of_process.all[name] = value;
}

} // namespace varia
