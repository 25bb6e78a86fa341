#include "core/schedule_rules.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace varia {

namespace {

void add_line(std::string& text, const std::string& line) {
  text += line;
  text += '\n';
}

std::string line_of(const blackout& x) {
  if (!x.cron.empty())
    return fmt::format("blackout-cron {} {} {}", x.time_zone, x.lasts.count(), x.cron);
  return fmt::format("blackout {} {} {} {}", x.time_zone, x.days, x.from, x.to);
}

// Takes the words of a line one by one; what is wrong shows at the end.
class line_reader {
public:
  explicit line_reader(std::string_view line) : rest_{line} {}

  std::string word() {
    auto end = rest_.find(' ');
    auto result = std::string{rest_.substr(0, end)};
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return result;
  }

  std::string rest() {
    auto result = std::string{rest_};
    rest_ = {};
    return result;
  }

  template <class Number>
  Number number() {
    auto text = word();
    Number result = 0;
    auto end = text.data() + text.size();
    auto [stop, fault] = std::from_chars(text.data(), end, result);
    is_good_ = is_good_ && fault == std::errc{} && stop == end;
    return result;
  }

  milliseconds span() { return milliseconds{number<int64_t>()}; }

  bool is_read() const { return is_good_ && rest_.empty(); }

private:
  std::string_view rest_;
  bool is_good_ = true;
};

blackout read_weekly(line_reader& line) {
  blackout result;
  result.time_zone = line.word();
  result.days = line.word();
  result.from = line.number<uint32_t>();
  result.to = line.number<uint32_t>();
  return result;
}

blackout read_by_cron(line_reader& line) {
  blackout result;
  result.time_zone = line.word();
  result.lasts = line.span();
  result.cron = line.rest();
  return result;
}

run_retries read_retry(line_reader& line) {
  run_retries result;
  result.tries = line.number<uint32_t>();
  result.first = line.span();
  result.factor_percent = line.number<uint32_t>();
  result.max = line.span();
  return result;
}

bool read_line(std::string_view text, schedule_rules& to) {
  line_reader line{text};
  auto what = line.word();
  if (what == "every")
    to.every = line.rest();
  else if (what == "cron")
    to.cron = line.rest();
  else if (what == "zone")
    to.time_zone = line.word();
  else if (what == "jitter")
    to.jitter = line.span();
  else if (what == "queue")
    to.queues = true;
  else if (what == "catch-up")
    to.catch_up = line.span();
  else if (what == "blackout")
    to.blackouts.push_back(read_weekly(line));
  else if (what == "blackout-cron")
    to.blackouts.push_back(read_by_cron(line));
  else if (what == "retry")
    to.retry = read_retry(line);
  else if (what == "stop-after")
    to.stop_after = line.number<uint32_t>();
  else
    return false;
  return line.is_read();
}

} // namespace

std::string pack_rules(const schedule_rules& x) {
  std::string result;
  if (!x.every.empty())
    add_line(result, "every " + x.every);
  if (!x.cron.empty())
    add_line(result, "cron " + x.cron);
  if (x.time_zone != "UTC")
    add_line(result, "zone " + x.time_zone);
  if (x.jitter)
    add_line(result, fmt::format("jitter {}", x.jitter->count()));
  if (x.queues)
    add_line(result, "queue");
  if (x.catch_up)
    add_line(result, fmt::format("catch-up {}", x.catch_up->count()));
  for (auto& blackout : x.blackouts)
    add_line(result, line_of(blackout));
  if (x.retry.tries > 0)
    add_line(result, fmt::format("retry {} {} {} {}", x.retry.tries, x.retry.first.count(),
                                 x.retry.factor_percent, x.retry.max.count()));
  if (x.stop_after > 0)
    add_line(result, fmt::format("stop-after {}", x.stop_after));
  return result;
}

expected<schedule_rules> unpack_rules(const std::string& text) {
  schedule_rules result;
  for (auto& line : split(text, '\n'))
    if (!line.empty() && !read_line(line, result))
      return fail(errc::internal, "a stored schedule cannot be read");
  return result;
}

} // namespace varia
