#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>

namespace varia {

/// Every payload passes here on its way into Redis and out of it, and nothing else may: this is
/// where payloads become unreadable to whoever reads the store. So far they stay plain. The text of
/// a JSON object begins with a brace or a blank, so bytes that begin otherwise tell that they were
/// sealed.
std::string seal_payload(std::string_view json);

/// Undoes `seal_payload`. Fails with `internal` if the bytes were sealed in a way that this program
/// does not know.
expected<std::string> open_payload(std::string_view bytes);

} // namespace varia
