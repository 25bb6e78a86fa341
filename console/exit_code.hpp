#pragma once

#include "core/error.hpp"

namespace varia {

/// What the program ends with, for scripts. They are documented in docs/console.md and in the
/// manual, and do not change.
namespace exit_code {

constexpr int ok = 0;
constexpr int failed = 1;      ///< It was refused, or it did not work out.
constexpr int usage = 2;       ///< The words are wrong; nothing was sent.
constexpr int not_found = 3;   ///< What was named does not exist.
constexpr int conflict = 4;    ///< It exists already, has changed, or a limit is reached.
constexpr int unavailable = 5; ///< No answer, or the server cannot answer now: try again later.

} // namespace exit_code

/// Returns what the program ends with when it could not do something for this reason.
int exit_code_of(const caf::error& why);

} // namespace varia
