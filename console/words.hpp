#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace varia {

/// A line that is split into words as a shell would: blanks separate, quotes of both kinds and
/// backslashes keep them from it.
struct split_line {
  std::vector<std::string> words; ///< Those that are finished.
  std::string begun;              ///< The one at the end; empty after a blank.
  size_t begun_at = 0;            ///< Where it begins in the line.
  bool has_begun = false;         ///< There is one at the end, even if it is empty, as in "".
  bool is_open = false;           ///< A quote has no end.
};

split_line split(const std::string& line);

/// Returns all words of a line, the one at the end among them.
std::vector<std::string> all_words(const split_line& line);

/// Writes a word so that `split` reads it as one.
std::string quote_word(const std::string& word);

} // namespace varia
