#pragma once

#include "console/command.hpp"

#include <string>

namespace varia {

/// Writes the manual of the program for `man`: every command with its words and options, and what
/// holds for all of them.
std::string render_manual(const command& root);

/// Returns the text that a shell reads to complete the words of the program; empty for a shell that
/// is not known. It asks the program itself.
std::string completion_script(const std::string& shell);

} // namespace varia
