#pragma once

#include "console/verbs.hpp"

namespace varia {

/// Prints the rows of a listing and goes on printing new ones as they come, oldest first, until
/// Ctrl-C, which is success. While the server is out of reach it keeps trying; a refusal ends it.
int run_followed(const verb_call& call);

} // namespace varia
