#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// Returns the SHA-256 of the bytes as 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// Encodes bytes as unpadded base64url.
std::string base64url(std::string_view bytes);

/// Decodes unpadded base64url; nothing if the text is not of that form.
std::optional<std::string> parse_base64url(std::string_view text);

/// Encodes bytes as padded base64, as HTTP basic authentication wants it.
std::string base64(std::string_view bytes);

/// Splits at every `mark`; an empty text gives one empty part.
std::vector<std::string> split(std::string_view text, char mark);

/// Returns the text in lower case, ASCII letters only.
std::string to_lower(std::string_view text);

/// Removes blanks, tabs and line ends from both sides.
std::string_view trim(std::string_view text);

} // namespace varia
