#include "core/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <utility>

namespace varia {

namespace {

// Escapes what would end the line or the JSON string. A script may log any text; it must not be
// able to forge a line of ours.
void append_escaped(std::string_view text, bool quotes, spdlog::memory_buf_t& out) {
  constexpr auto digits = "0123456789abcdef";
  auto append
    = [&out](std::string_view part) { out.append(part.data(), part.data() + part.size()); };
  for (auto c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      append("\\n");
    else if (c == '\t')
      append("\\t");
    else if (byte < 0x20 || byte == 0x7f)
      append(std::string{"\\u00"} + digits[byte >> 4] + digits[byte & 15]);
    else if (quotes && (c == '"' || c == '\\'))
      append(std::string{'\\', c});
    else
      out.push_back(c);
  }
}

class escaped_message : public spdlog::custom_flag_formatter {
public:
  explicit escaped_message(bool quotes) : quotes_{quotes} {}

  void format(const spdlog::details::log_msg& what, const std::tm&,
              spdlog::memory_buf_t& out) override {
    append_escaped({what.payload.data(), what.payload.size()}, quotes_, out);
  }

  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<escaped_message>(quotes_);
  }

private:
  bool quotes_;
};

} // namespace

void start_log(const std::string& process, log_format format, const std::string& level) {
  auto json = format == log_format::json;
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<escaped_message>('*', json).set_pattern(
    json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","process":"%n","message":"%*"})"
         : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %n: %*");
  auto logger
    = std::make_shared<spdlog::logger>(process, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

} // namespace varia
