#pragma once

#include "worker/frame.hpp"

#include <string>

namespace varia {

/// Writes the JSON text of an object of texts, whole numbers and booleans as a map. Other members
/// become nil; a text that is no object becomes an empty map.
void write_plain_object(frame_writer& writer, const std::string& text);

} // namespace varia
