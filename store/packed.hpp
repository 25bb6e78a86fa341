#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>

namespace varia {

/// The msgpack bytes of a value. The values that the store keeps are specialised where they are
/// declared, so that their readers need not compile msgpack; for all else see `packing.hpp`.
template <class Value>
std::string pack(const Value& x);

/// Reads what `pack` wrote; `internal` if the bytes are something else.
template <class Value>
expected<Value> unpack(std::string_view bytes);

} // namespace varia
