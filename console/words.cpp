#include "console/words.hpp"

#include <cctype>

namespace varia {

namespace {

class splitter {
public:
  void read(const std::string& line) {
    for (at_ = 0; at_ < line.size(); ++at_)
      read(line[at_]);
    result_.is_open = quote_ != 0;
  }

  split_line result() const { return result_; }

private:
  void read(char c) {
    if (is_escaped_)
      take_escaped(c);
    else if (quote_ != 0)
      take_quoted(c);
    else if (std::isspace(static_cast<unsigned char>(c)) != 0)
      end_word();
    else
      take(c);
  }

  // In double quotes a backslash means itself before all but these two.
  void take_escaped(char c) {
    if (quote_ == '"' && c != '"' && c != '\\')
      result_.begun += '\\';
    result_.begun += c;
    is_escaped_ = false;
  }

  void take_quoted(char c) {
    if (c == quote_)
      quote_ = 0;
    else if (c == '\\' && quote_ == '"')
      is_escaped_ = true;
    else
      result_.begun += c;
  }

  void take(char c) {
    if (!result_.has_begun) {
      result_.has_begun = true;
      result_.begun_at = at_;
    }
    if (c == '\'' || c == '"')
      quote_ = c;
    else if (c == '\\')
      is_escaped_ = true;
    else
      result_.begun += c;
  }

  void end_word() {
    if (result_.has_begun)
      result_.words.push_back(result_.begun);
    result_.begun.clear();
    result_.has_begun = false;
    result_.begun_at = at_ + 1;
  }

  split_line result_;
  size_t at_ = 0;
  char quote_ = 0;
  bool is_escaped_ = false;
};

} // namespace

split_line split(const std::string& line) {
  splitter result;
  result.read(line);
  return result.result();
}

std::vector<std::string> all_words(const split_line& line) {
  auto result = line.words;
  if (line.has_begun)
    result.push_back(line.begun);
  return result;
}

std::string quote_word(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \t'\"\\") == std::string::npos)
    return word;
  std::string result{'"'};
  for (auto c : word)
    result += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return result + '"';
}

} // namespace varia
