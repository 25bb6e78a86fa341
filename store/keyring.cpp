#include "store/keyring.hpp"

#include "core/text.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

namespace varia {

namespace {

constexpr size_t key_size = 64;
constexpr size_t tag_size = 16;
constexpr size_t id_digits = 8;
constexpr std::string_view mark = "sealed:1:";

using cipher_ptr = std::unique_ptr<EVP_CIPHER, void (*)(EVP_CIPHER*)>;
using context_ptr = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::optional<std::string> from_hex(std::string_view text) {
  long size = 0;
  std::unique_ptr<unsigned char, void (*)(unsigned char*)> bytes{
    OPENSSL_hexstr2buf(std::string{text}.c_str(), &size),
    [](unsigned char* x) { OPENSSL_free(x); }};
  if (!bytes || text.find(':') != std::string_view::npos)
    return std::nullopt;
  return std::string{reinterpret_cast<const char*>(bytes.get()), static_cast<size_t>(size)};
}

// Ready for a message of one place; the cipher takes each part in one piece.
context_ptr begin(bool is_sealing, std::string_view key, std::string_view place) {
  static const cipher_ptr cipher{EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr),
                                 EVP_CIPHER_free};
  context_ptr result{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  int size = 0;
  if (!cipher || !result
      || EVP_CipherInit_ex2(result.get(), cipher.get(), bytes_of(key), nullptr, is_sealing ? 1 : 0,
                            nullptr)
           != 1
      || EVP_CipherUpdate(result.get(), nullptr, &size, bytes_of(place),
                          static_cast<int>(place.size()))
           != 1)
    return {nullptr, EVP_CIPHER_CTX_free};
  return result;
}

// Sealing with keys that were judged when they were read fails only if OpenSSL itself is broken;
// no secret is to be stored plain then.
[[noreturn]] void give_up() {
  spdlog::critical("OpenSSL cannot seal with AES-256-SIV");
  std::abort();
}

std::string encrypt(std::string_view key, std::string_view place, std::string_view secret) {
  auto context = begin(true, key, place);
  std::string result(tag_size + secret.size(), '\0');
  int size = 0;
  if (!context
      || EVP_CipherUpdate(context.get(), bytes_of(result) + tag_size, &size, bytes_of(secret),
                          static_cast<int>(secret.size()))
           != 1
      || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, result.data()) != 1)
    give_up();
  return result;
}

std::optional<std::string> decrypt(std::string_view key, std::string_view place,
                                   std::string sealed) {
  if (sealed.size() <= tag_size)
    return std::nullopt;
  auto context = begin(false, key, place);
  std::string result(sealed.size() - tag_size, '\0');
  int size = 0;
  if (!context
      || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, sealed.data()) != 1
      || EVP_CipherUpdate(context.get(), bytes_of(result), &size, bytes_of(sealed) + tag_size,
                          static_cast<int>(result.size()))
           != 1)
    return std::nullopt;
  return result;
}

} // namespace

expected<keyring> keyring::parse(std::string_view text) {
  keyring result;
  std::istringstream lines{std::string{text}};
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    auto digits = trim(line);
    if (digits.empty() || digits.front() == '#')
      continue;
    auto bytes = from_hex(digits);
    if (!bytes || bytes->size() != key_size)
      return fail(errc::invalid, "line " + std::to_string(number)
                                   + " of the keys is not one of 128 hexadecimal digits");
    result.keys_.push_back({sha256_hex(*bytes).substr(0, id_digits), std::move(*bytes)});
  }
  if (result.keys_.empty())
    return fail(errc::invalid, "there is no key in it");
  for (auto& each : result.keys_)
    if (!begin(true, each.bytes, "place"))
      return fail(errc::invalid, "OpenSSL cannot seal with a key of this form");
  return result;
}

expected<keyring> keyring::load(const std::string& path) {
  if (path.empty())
    return keyring{};
  std::ifstream file{path};
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    return fail(errc::invalid, "cannot read the keys of " + path);
  auto result = parse(text.str());
  if (!result)
    return fail(errc::invalid, path + ": " + detail_of(result.error()));
  return result;
}

std::string keyring::seal(std::string_view place, std::string_view secret) const {
  if (keys_.empty() || secret.empty())
    return std::string{secret};
  auto& first = keys_.front();
  return std::string{mark} + first.id + ":" + base64url(encrypt(first.bytes, place, secret));
}

expected<std::string> keyring::open(std::string_view place, std::string text) const {
  if (text.compare(0, mark.size(), mark) != 0)
    return text;
  auto id = text.substr(mark.size(), id_digits);
  auto body = parse_base64url(
    std::string_view{text}.substr(std::min(text.size(), mark.size() + id_digits + 1)));
  for (auto& each : keys_)
    if (each.id == id && body)
      if (auto secret = decrypt(each.bytes, place, *body))
        return std::move(*secret);
  return fail(errc::internal, "a secret in Redis is sealed with a key that this process lacks");
}

std::vector<std::string> keyring::forms_of(std::string_view place, std::string_view secret) const {
  std::vector<std::string> result{std::string{secret}};
  for (auto& each : keys_) {
    keyring alone;
    alone.keys_ = {each};
    result.push_back(alone.seal(place, secret));
  }
  return result;
}

} // namespace varia
