#include "console/history.hpp"

#include "console/private_file.hpp"
#include "console/verbs.hpp"
#include "console/words.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <numeric>
#include <string_view>
#include <utility>

namespace varia {

namespace {

constexpr size_t lines_max = 1000;

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

bool has_option(const std::vector<std::string>& words, const std::string& option) {
  return std::any_of(words.begin(), words.end(),
                     [&](auto& word) { return word == option || begins(word, option + "="); });
}

// The verb whose words begin the line; null if there is none.
const verb* verb_at(const std::vector<std::string>& words) {
  std::string name;
  for (auto& word : words) {
    name += (name.empty() ? "" : " ") + word;
    if (auto found = find_verb(name))
      return found;
  }
  return nullptr;
}

bool takes_a_secret(const verb& which) {
  return std::any_of(which.arguments.begin(), which.arguments.end(),
                     [](auto& x) { return x.is_secret; });
}

} // namespace

bool may_be_kept(const std::string& line) {
  if (line.empty() || std::isspace(static_cast<unsigned char>(line.front())) != 0)
    return false;
  auto parts = split(line);
  auto words = all_words(parts);
  auto which = verb_at(words);
  return !parts.is_open && which != nullptr && !takes_a_secret(*which)
         && !has_option(words, "--api-key");
}

console_history::console_history(std::string file) : file_{std::move(file)} {
  std::ifstream stream{file_};
  for (std::string line; std::getline(stream, line);)
    lines_.push_back(line);
  if (lines_.size() > lines_max)
    lines_.erase(lines_.begin(), lines_.end() - lines_max);
}

bool console_history::add(const std::string& line) {
  if (!may_be_kept(line) || (!lines_.empty() && lines_.back() == line))
    return false;
  lines_.push_back(line);
  if (lines_.size() > lines_max)
    lines_.erase(lines_.begin());
  auto append = [](std::string text, auto& x) { return std::move(text) + x + "\n"; };
  static_cast<void>(write_private_file(
    file_, std::accumulate(lines_.begin(), lines_.end(), std::string{}, append)));
  return true;
}

} // namespace varia
