#include "console/command.hpp"

#include <algorithm>
#include <cctype>

namespace varia {

namespace {

bool is_named(const command_option& x, const std::string& name) {
  return std::find(x.names.begin(), x.names.end(), name) != x.names.end();
}

const command_option* option_named(const command& of, const std::string& name) {
  for (auto& x : of.options)
    if (is_named(x, name))
      return &x;
  return nullptr;
}

void read_option(understood_line& line, const std::string& word) {
  auto mark = word.find('=');
  auto option = option_named(*line.which, word.substr(0, mark));
  if (option == nullptr)
    return;
  if (mark != std::string::npos)
    line.values.emplace_back(value_name(*option), word.substr(mark + 1));
  else if (option->value.empty())
    line.values.emplace_back(value_name(*option), "");
  else
    line.awaits = option;
}

void read_word(understood_line& line, const std::string& word) {
  if (line.awaits != nullptr) {
    line.values.emplace_back(value_name(*line.awaits), word);
    line.awaits = nullptr;
  } else if (auto inner = find_command(*line.which, word)) {
    line.which = inner;
    line.words.push_back(word);
  } else if (word.size() > 1 && word[0] == '-') {
    read_option(line, word);
  } else if (auto place = next_place(line)) {
    line.values.emplace_back(value_name(*place), word);
    ++line.positional;
  }
}

} // namespace

bool is_given(const understood_line& line, const command_option& x) {
  auto name = value_name(x);
  return std::any_of(line.values.begin(), line.values.end(),
                     [&](auto& value) { return value.first == name; });
}

const command_option* next_place(const understood_line& line) {
  for (auto& x : line.which->options)
    if (!x.title.empty() && (x.repeats || !is_given(line, x)))
      return &x;
  return nullptr;
}

const command* find_command(const command& in, const std::string& name) {
  for (auto& x : in.commands)
    if (x.name == name)
      return &x;
  return nullptr;
}

understood_line understand(const command& root, const std::vector<std::string>& words) {
  understood_line result;
  result.which = &root;
  for (auto& word : words)
    read_word(result, word);
  return result;
}

std::string value_name(const command_option& x) {
  auto name = x.title.empty() && !x.names.empty() ? x.names.back() : x.title;
  name.erase(0, std::min(name.find_first_not_of('-'), name.size()));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

std::string hint_for(const command& root, const std::vector<std::string>& words) {
  auto line = understand(root, words);
  if (line.awaits != nullptr)
    return line.awaits->value;
  if (!line.which->commands.empty())
    return line.words.empty() ? "" : "COMMAND";
  std::string result;
  for (auto& x : line.which->options)
    if (!x.title.empty() && !is_given(line, x)) {
      auto word = x.is_required ? x.title : "[" + x.title + "]";
      result += (result.empty() ? "" : " ") + word;
    }
  return result;
}

} // namespace varia
