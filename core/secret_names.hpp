#pragma once

#include <string_view>

namespace varia {

/// What stands in place of a secret.
inline constexpr auto redacted = "[redacted]";

/// True for names of headers, parameters and fields whose values are secret as a rule, such as
/// "access_token", "X-Api-Key" or "password".
bool is_secret_name(std::string_view name);

/// The same for names that mean nothing else in a sentence either: "authorization", but not "key".
bool is_plainly_secret_name(std::string_view name);

} // namespace varia
