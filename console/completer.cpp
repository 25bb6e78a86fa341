#include "console/completer.hpp"

#include <algorithm>

namespace varia {

namespace {

bool begins(const std::string& text, const std::string& with) {
  return text.compare(0, with.size(), with) == 0;
}

std::vector<std::string> values_of(const command_option& x, const understood_line& line,
                                   const name_finder& find) {
  return x.choices.empty() ? find(value_name(x), line.values) : x.choices;
}

// The values of "--sync=ord", each with the option in front.
std::vector<std::string> joined_values(const understood_line& line, const std::string& begun,
                                       const name_finder& find) {
  auto name = begun.substr(0, begun.find('='));
  std::vector<std::string> result;
  for (auto& x : line.which->options)
    if (std::find(x.names.begin(), x.names.end(), name) != x.names.end())
      for (auto& value : values_of(x, line, find))
        result.push_back(name + "=" + value);
  return result;
}

std::vector<std::string> options_of(const understood_line& line) {
  std::vector<std::string> result;
  for (auto& x : line.which->options)
    if (!x.names.empty() && (x.repeats || !is_given(line, x)))
      result.push_back(x.names.back());
  return result;
}

std::vector<std::string> candidates(const understood_line& line, const std::string& begun,
                                    const name_finder& find) {
  if (line.awaits != nullptr)
    return values_of(*line.awaits, line, find);
  if (begins(begun, "-"))
    return begun.find('=') == std::string::npos ? options_of(line)
                                                : joined_values(line, begun, find);
  if (!line.which->commands.empty()) {
    std::vector<std::string> result;
    for (auto& x : line.which->commands)
      result.push_back(x.name);
    return result;
  }
  auto place = next_place(line);
  return place == nullptr ? std::vector<std::string>{} : values_of(*place, line, find);
}

} // namespace

std::vector<std::string> complete(const command& root, const std::vector<std::string>& words,
                                  const std::string& begun, const name_finder& find) {
  auto result = candidates(understand(root, words), begun, find);
  auto is_other = [&](auto& text) { return !begins(text, begun); };
  result.erase(std::remove_if(result.begin(), result.end(), is_other), result.end());
  std::sort(result.begin(), result.end());
  return result;
}

std::string common_beginning(const std::vector<std::string>& texts) {
  if (texts.empty())
    return "";
  auto size = texts.front().size();
  for (auto& text : texts) {
    auto end = std::mismatch(text.begin(), text.end(), texts.front().begin(), texts.front().end());
    size = std::min(size, static_cast<size_t>(end.first - text.begin()));
  }
  while (size > 0 && size < texts.front().size()
         && (static_cast<unsigned char>(texts.front()[size]) & 0xc0) == 0x80)
    --size;
  return texts.front().substr(0, size);
}

} // namespace varia
