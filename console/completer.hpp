#pragma once

#include "console/command.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// Finds the names of a kind such as "connection" that fit the values that are given already.
using name_finder = std::function<std::vector<std::string>(
  const std::string&, const std::vector<std::pair<std::string, std::string>>&)>;

/// Returns what the word that was begun may become: commands, options, choices or names; sorted.
std::vector<std::string> complete(const command& root, const std::vector<std::string>& words,
                                  const std::string& begun, const name_finder& find);

/// Returns the beginning that all texts share, never half a character.
std::string common_beginning(const std::vector<std::string>& texts);

} // namespace varia
