#pragma once

#include "core/error.hpp"

#include <map>
#include <string>

namespace varia {

/// Returns the folder that keeps what is the user's: "varia" in the folder that the variable names,
/// or, without it, in that one of the home folder.
std::string user_folder(const std::map<std::string, std::string>& environment,
                        const std::string& variable, const std::string& in_home);

/// Writes a file that its owner alone can read, in one step: there is the old one or the new one.
/// Makes the folders on the way. Fails with `unavailable`.
expected<void> write_private_file(const std::string& file, const std::string& text);

} // namespace varia
