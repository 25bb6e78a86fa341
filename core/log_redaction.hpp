#pragma once

#include <string>
#include <string_view>

namespace varia {

/// From here on this text reaches no line of the log of this process. Texts of fewer than eight
/// characters are passed over: they stand everywhere.
void keep_out_of_log(const std::string& secret);

/// Returns a message without what looks like a secret: the values of names that mean one
/// ("access_token=...", "\"password\":\"...\"", "Authorization: ..."), what follows "Bearer" and
/// "Basic", the user of a URL, and what was to be kept out. The last net: nothing of the kind is to
/// be logged in the first place.
std::string without_log_secrets(std::string_view message);

} // namespace varia
