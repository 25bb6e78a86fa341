#pragma once

#include "console/verbs.hpp"

#include <functional>
#include <string>

namespace varia {

/// Runs a verb again and again until Ctrl-C, which is success, or until it fails for another reason
/// than that the server is out of reach. On a terminal each answer takes the place of the one
/// before; elsewhere they follow one another.
int run_watched(const verb_call& call, const std::function<int(const verb_call&)>& run);

/// Makes a frame of a terminal from text: what was there goes without flicker, and what does not
/// fit into so many lines is counted instead.
std::string frame_of(const std::string& title, const std::string& text, size_t lines);

} // namespace varia
