#include "store/log_levels.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

namespace varia {

namespace {

std::optional<milliseconds> span_of(const redisReply& ttl) {
  auto left = number_of(ttl);
  return left < 0 ? std::nullopt : std::optional{milliseconds{left}};
}

} // namespace

expected<void> log_levels::want(const std::string& process, const std::string& level,
                                std::optional<milliseconds> span) {
  owned_command words{"SET", keys::log_level(process), level};
  if (span) {
    words.emplace_back("PX");
    words.push_back(std::to_string(span->count()));
  }
  if (auto done = db_.run(view_of(words)); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<void> log_levels::forget(const std::string& process) {
  auto key = keys::log_level(process);
  if (auto done = db_.run({"DEL", key}); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<std::vector<std::optional<wanted_log_level>>>
log_levels::find(const std::vector<std::string>& processes) {
  std::vector<owned_command> questions;
  for (auto& process : processes) {
    questions.push_back({"GET", keys::log_level(process)});
    questions.push_back({"PTTL", keys::log_level(process)});
  }
  auto answers = run_checked(db_, questions);
  if (!answers)
    return std::move(answers.error());
  std::vector<std::optional<wanted_log_level>> result;
  for (size_t i = 0; i + 1 < answers->size(); i += 2) {
    auto level = text_of(*(*answers)[i]);
    result.emplace_back();
    if (!level.empty())
      result.back() = wanted_log_level{level, span_of(*(*answers)[i + 1])};
  }
  return result;
}

expected<std::optional<std::string>> log_levels::level_of(const std::string& process) {
  auto own = keys::log_level(process);
  auto all = keys::log_level({});
  auto answer = db_.run({"MGET", own, all});
  if (!answer)
    return std::move(answer.error());
  for (size_t i = 0; i < (*answer)->elements; ++i)
    if (auto level = text_of(*(*answer)->element[i]); !level.empty())
      return std::optional{level};
  return std::optional<std::string>{};
}

} // namespace varia
