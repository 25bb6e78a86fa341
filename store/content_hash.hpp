#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>

namespace varia {

/// Returns 16 bytes that stand for the content of a JSON object, whatever the order of its keys:
/// the first half of the SHA-256 of its canonical text. Fails with `invalid` if it is no object.
expected<std::string> content_hash(std::string_view json);

} // namespace varia
