#pragma once

#include "core/error.hpp"
#include "store/connections.hpp"

#include <string>

namespace varia {

/// Puts what a connection has into the placeholders of a text: `${connectionConfig.x}`,
/// `${metadata.x}`, `${credentials.x}`, where x may be a path with dots, and `${apiKey}` or
/// `${accessToken}`. Fails with `invalid` and the placeholder if there is no such text, number or
/// boolean.
expected<std::string> fill_template(const std::string& text, const connection& link);

/// The same for a URL. What stands for a host or a part of one can be nothing else: it brings no
/// path, port, user or other host along.
expected<std::string> fill_url_template(const std::string& text, const connection& link);

} // namespace varia
