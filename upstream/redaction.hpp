#pragma once

#include "core/secret_names.hpp"

#include <string>
#include <vector>

namespace varia {

/// Returns the text with every occurrence of a secret, plain or percent-encoded, replaced. Secrets
/// of fewer than four characters are passed over: they stand everywhere.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);

/// Returns a URL for logs: without user, password and fragment, with the values of parameters of
/// secret names, and the secrets themselves wherever they stand, replaced. What is no URL comes
/// back as a mark.
std::string loggable_url(const std::string& url, const std::vector<std::string>& secrets);

} // namespace varia
