#pragma once

#include "core/time.hpp"
#include "store/packed.hpp"

#include <msgpack.hpp>

#include <string>
#include <string_view>

namespace varia {

template <class Value>
std::string pack(const Value& x) {
  msgpack::sbuffer bytes;
  msgpack::pack(bytes, x);
  return {bytes.data(), bytes.size()};
}

template <class Value>
expected<Value> unpack(std::string_view bytes) {
  try {
    return msgpack::unpack(bytes.data(), bytes.size()).get().template as<Value>();
  } catch (const std::exception& broken) {
    return fail(errc::internal, std::string{"broken bytes in the store: "} + broken.what());
  }
}

/// Reads a value as that which derives from it and tells msgpack of its fields.
template <class Packed, class Value>
expected<Value> unpack_as(std::string_view bytes) {
  auto result = unpack<Packed>(bytes);
  if (!result)
    return std::move(result.error());
  return static_cast<Value&&>(*result);
}

/// Reads a number of `size` bytes, the highest first, at `from`; the caller sees to the bounds.
inline uint64_t big_endian(std::string_view bytes, size_t from, size_t size) {
  uint64_t result = 0;
  for (auto byte : bytes.substr(from, size))
    result = result << 8 | static_cast<unsigned char>(byte);
  return result;
}

/// What stamped.lua puts in front of a value.
struct stamps {
  static constexpr size_t size = 16;
  time_ms created_at = 0;
  time_ms updated_at = 0;
};

inline expected<stamps> read_stamps(std::string_view bytes) {
  if (bytes.size() < stamps::size)
    return fail(errc::internal, "broken bytes in the store: no time");
  return stamps{static_cast<time_ms>(big_endian(bytes, 0, 8)),
                static_cast<time_ms>(big_endian(bytes, 8, 8))};
}

} // namespace varia
