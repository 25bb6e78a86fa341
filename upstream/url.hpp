#pragma once

#include "core/error.hpp"
#include "upstream/retry.hpp"

#include <string>
#include <string_view>

namespace varia {

/// True for a URL with a scheme and a host of its own.
bool is_absolute_url(const std::string& url);

/// Appends a path (or nothing) to a base URL, with exactly one slash between them.
std::string join_url(const std::string& base, const std::string& path);

/// Returns scheme, host and port in one form for all spellings. Fails with `invalid` unless the URL
/// is one of http or https.
expected<std::string> origin_of(const std::string& url);

/// Returns the host that a URL names, and the same with the port if that is written out; empty for
/// what is no URL.
std::string host_of(const std::string& url);
std::string host_and_port_of(const std::string& url);

/// Returns the URL with scheme, host and port of another one; empty if one of them is no URL.
std::string with_origin_of(const std::string& url, const std::string& other);

/// Returns the URL without user, password and fragment; empty for what is no URL.
std::string without_user(const std::string& url);

/// Percent-encodes all bytes but letters, digits and those that are `kept`.
std::string encoded(const std::string& text, std::string_view kept = "-._~");

/// Returns a text of a query as a server reads it.
std::string decoded(std::string text);

/// Adds parameters to a URL's query, percent-encoded, in place of any of the same name. Fails with
/// `invalid` if the URL is none.
expected<std::string> with_query(const std::string& url, const header_list& parameters);

/// Removes every parameter of these names from a URL's query; a URL that is none comes back empty.
std::string without_query(const std::string& url, const header_list& names);

/// Encodes a text so that it can stand between two slashes of a URL's path.
std::string encode_path_part(const std::string& text);

} // namespace varia
