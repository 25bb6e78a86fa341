#pragma once

#include "console/verbs.hpp"

namespace varia {

/// Writes what helps to find a fault into a new folder: an answer of the server a file, and a list
/// of what could not be had. None of what is asked for holds a secret. Returns the exit code.
int run_debug_bundle(const verb_call& call);

} // namespace varia
