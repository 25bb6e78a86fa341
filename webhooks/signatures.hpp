#pragma once

#include <string>
#include <string_view>

namespace varia {

/// The digests that webhooks are signed with.
enum class digest_kind { sha1, sha256, sha512 };

/// The bytes of an HMAC.
std::string hmac(digest_kind kind, std::string_view key, std::string_view bytes);

/// Lower-case hexadecimal digits.
std::string to_hex(std::string_view bytes);

/// True if both are equal; how long it takes tells nothing of where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// `X-Nango-Hmac-Sha256`: what `verifyIncomingWebhookRequest` checks of a body.
std::string hmac_signature(std::string_view key, std::string_view body);

/// `X-Nango-Signature`: what the older `verifyWebhookSignature` checks. It sees the body as
/// JavaScript writes it after reading it, so that is what is signed.
std::string legacy_signature(std::string_view key, std::string_view body);

} // namespace varia
