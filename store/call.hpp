#pragma once

#include "store/redis.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// A command that owns its words.
using owned_command = std::vector<std::string>;

inline redis::command view_of(const owned_command& words) {
  return {words.begin(), words.end()};
}

/// Builds the call of one of our Functions.
inline owned_command call_of(std::string name, const std::vector<std::string>& keys,
                             const std::vector<std::string>& args = {}) {
  owned_command result{"FCALL", std::move(name), std::to_string(keys.size())};
  result.insert(result.end(), keys.begin(), keys.end());
  result.insert(result.end(), args.begin(), args.end());
  return result;
}

/// Calls one of our Functions.
inline expected<redis::reply> call(redis& db, std::string name,
                                   const std::vector<std::string>& keys,
                                   const std::vector<std::string>& args = {}) {
  auto words = call_of(std::move(name), keys, args);
  return db.run(view_of(words));
}

/// Sends all commands at once; each answer is checked, and the first error is the whole's.
inline expected<std::vector<redis::reply>>
run_checked(redis& db, const std::vector<redis::command>& commands) {
  auto answers = db.run_all(commands);
  if (!answers)
    return answers;
  for (auto& answer : *answers)
    if (auto refused = error_of(*answer))
      return refused;
  return answers;
}

inline expected<std::vector<redis::reply>> run_checked(redis& db,
                                                       const std::vector<owned_command>& commands) {
  std::vector<redis::command> views;
  views.reserve(commands.size());
  for (auto& words : commands)
    views.push_back(view_of(words));
  return run_checked(db, views);
}

} // namespace varia
