#pragma once

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <cstdint>
#include <string>

namespace varia {

/// Every way the system can fail, named after what the caller should do about it.
enum class errc : uint8_t {
  none = 0,
  invalid,     ///< The request is wrong. Do not retry it.
  not_found,   ///< The named thing does not exist.
  exists,      ///< The named thing exists already.
  conflict,    ///< It has changed since it was read. Read it again.
  full,        ///< A configured limit is reached.
  fenced,      ///< Another owner was named. Stop writing.
  cancelled,   ///< Somebody asked for the work to end.
  unavailable, ///< A peer is out of reach. Retry later.
  internal,    ///< A bug. Report it.
};

const char* to_string(errc code);

/// A value, or the reason there is none. The return type of everything that can fail.
template <class T>
using expected = caf::expected<T>;

/// Builds an error that says what went wrong in words for people.
caf::error fail(errc code, std::string detail);

/// Returns the code of an error; anything that is not ours counts as unavailable.
errc code_of(const caf::error& what);

/// Returns the words of an error without its code; empty if it has none.
std::string detail_of(const caf::error& what);

/// Renders an error for logs, such as "full: 100 variants per sync".
std::string describe(const caf::error& what);

} // namespace varia
