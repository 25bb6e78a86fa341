#include "core/ids.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace varia {

namespace {

template <size_t Size>
std::array<unsigned char, Size> random_bytes() {
  std::array<unsigned char, Size> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(Size)) != 1)
    throw std::runtime_error("no source of randomness");
  return bytes;
}

// Reads the whole of `text` as a number, in the one form that printing it gives.
bool parse_number(std::string_view text, int base, uint64_t& number) {
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return fault == std::errc{} && end == text.data() + text.size()
         && (base != 10 || text.size() == 1 || text.front() != '0');
}

bool is_hex(char x) {
  return (x >= '0' && x <= '9') || (x >= 'a' && x <= 'f') || (x >= 'A' && x <= 'F');
}

} // namespace

std::string to_string(const sync_id& x) {
  return std::to_string(x.connection) + '/' + x.name;
}

sync_id parse_sync_id(const std::string& text) {
  auto slash = text.find('/');
  sync_id result;
  if (slash == std::string::npos || slash + 1 == text.size()
      || !parse_number(std::string_view{text}.substr(0, slash), 10, result.connection))
    return {};
  result.name = text.substr(slash + 1);
  return result;
}

std::string to_string(const variant_key& x) {
  return to_string(x.sync) + "::" + x.name;
}

std::string to_string(const token& x) {
  return fmt::format("{}-{:016x}", x.epoch, x.nonce);
}

token parse_token(const std::string& text) {
  auto whole = std::string_view{text};
  auto dash = whole.find('-');
  token result;
  if (dash == std::string_view::npos || whole.size() - dash != 17
      || !parse_number(whole.substr(0, dash), 10, result.epoch)
      || !parse_number(whole.substr(dash + 1), 16, result.nonce))
    return {};
  return result;
}

std::string make_uuid() {
  auto bytes = random_bytes<16>();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string result;
  for (size_t i = 0; i < bytes.size(); ++i)
    result += fmt::format(i == 4 || i == 6 || i == 8 || i == 10 ? "-{:02x}" : "{:02x}", bytes[i]);
  return result;
}

uint64_t make_nonce() {
  uint64_t result = 0;
  for (auto byte : random_bytes<8>())
    result = result << 8 | byte;
  return result;
}

bool is_uuid_v4(const std::string& text) {
  if (text.size() != 36)
    return false;
  for (size_t i = 0; i < text.size(); ++i) {
    auto dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i]))
      return false;
  }
  return text[14] == '4' && std::string_view{"89abAB"}.find(text[19]) != std::string_view::npos;
}

} // namespace varia
