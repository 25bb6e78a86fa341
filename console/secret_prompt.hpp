#pragma once

#include "core/error.hpp"

#include <ostream>
#include <string>

namespace varia {

/// Reads one line from standard input. At a terminal it asks for it first, and what is typed is not
/// shown. Fails with `invalid` if there is nothing.
expected<std::string> read_secret(const std::string& question, std::ostream& to);

} // namespace varia
