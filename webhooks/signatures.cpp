#include "webhooks/signatures.hpp"

#include "core/text.hpp"
#include "webhooks/js_json.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace varia {

namespace {

const EVP_MD* digest_of(digest_kind kind) {
  switch (kind) {
    case digest_kind::sha1: return ::EVP_sha1();
    case digest_kind::sha512: return ::EVP_sha512();
    default: return ::EVP_sha256();
  }
}

} // namespace

std::string hmac(digest_kind kind, std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
  unsigned size = 0;
  ::HMAC(digest_of(kind), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), result.data(), &size);
  return {reinterpret_cast<const char*>(result.data()), size};
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(bytes.size() * 2);
  for (auto each : bytes) {
    auto byte = static_cast<unsigned char>(each);
    result += digits[byte >> 4];
    result += digits[byte & 0xf];
  }
  return result;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hmac_signature(std::string_view key, std::string_view body) {
  return to_hex(hmac(digest_kind::sha256, key, body));
}

std::string legacy_signature(std::string_view key, std::string_view body) {
  auto reread = stable_json(body, key_order::as_reread);
  return sha256_hex(std::string{key} + (reread ? *reread : std::string{body}));
}

} // namespace varia
