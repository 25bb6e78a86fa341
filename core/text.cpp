#include "core/text.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace varia {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

constexpr std::string_view blanks = " \t\r\n\f\v";

} // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(bytes_of(bytes), bytes.size(), digest.data());
  constexpr auto digits = "0123456789abcdef";
  std::string result;
  for (auto byte : digest) {
    result += digits[byte >> 4];
    result += digits[byte & 0x0f];
  }
  return result;
}

std::string base64(std::string_view bytes) {
  // OpenSSL writes a final zero byte that is not part of the text.
  std::string result((bytes.size() + 2) / 3 * 4 + 1, '\0');
  auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()), bytes_of(bytes),
                              static_cast<int>(bytes.size()));
  result.resize(static_cast<size_t>(size));
  return result;
}

std::string base64url(std::string_view bytes) {
  auto result = base64(bytes);
  result.erase(std::find(result.begin(), result.end(), '='), result.end());
  std::replace(result.begin(), result.end(), '+', '-');
  std::replace(result.begin(), result.end(), '/', '_');
  return result;
}

std::optional<std::string> parse_base64url(std::string_view text) {
  auto foreign = [](char x) {
    auto letter = (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z');
    return !letter && !(x >= '0' && x <= '9') && x != '-' && x != '_';
  };
  if (text.size() % 4 == 1 || std::any_of(text.begin(), text.end(), foreign))
    return std::nullopt;
  std::string padded{text};
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  auto missing = (4 - padded.size() % 4) % 4;
  padded.append(missing, '=');
  std::string result(padded.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(result.data()), bytes_of(padded),
                  static_cast<int>(padded.size()));
  result.resize(result.size() - missing);
  // Only one text stands for each value: the bits that no byte uses are zero.
  if (base64url(result) != text)
    return std::nullopt;
  return result;
}

std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> result;
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
    result.emplace_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  result.emplace_back(text);
  return result;
}

std::string to_lower(std::string_view text) {
  std::string result{text};
  for (auto& x : result)
    if (x >= 'A' && x <= 'Z')
      x = static_cast<char>(x - 'A' + 'a');
  return result;
}

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace varia
