#include "actors/handshake.hpp"

#include "actors/system.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace varia {

namespace {

constexpr size_t name_bytes_max = 200;
constexpr size_t nonce_bytes_min = 16;
constexpr size_t nonce_bytes_max = 256;
constexpr size_t certificate_bytes_max = size_t{64} * 1024;

// Names stand in logs.
bool is_proper(const std::string& text) {
  auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  return !text.empty() && text.size() <= name_bytes_max
         && std::none_of(text.begin(), text.end(), is_control);
}

// Lengths go first, so that no two handshakes share a text.
void append(std::string& text, std::initializer_list<std::string_view> words) {
  for (auto word : words)
    text.append(std::to_string(word.size())).append(":").append(word).append("\n");
}

} // namespace

expected<void> judge(const greeting& other) {
  if (!is_proper(other.name) || !is_proper(other.software))
    return fail(errc::invalid, "it gives no proper name");
  if (other.protocol != cluster_protocol)
    return fail(errc::invalid, other.name + " (varia " + other.software + ") speaks protocol "
                                 + std::to_string(other.protocol) + ", and varia "
                                 + software_version + " speaks protocol "
                                 + std::to_string(cluster_protocol));
  if (other.kind != "worker" && other.kind != "coordinator")
    return fail(errc::invalid, other.name + " is neither a worker nor a coordinator");
  if (other.nonce.size() < nonce_bytes_min || other.nonce.size() > nonce_bytes_max)
    return fail(errc::invalid, other.name + " sent no proper nonce");
  if (other.certificate.size() > certificate_bytes_max)
    return fail(errc::invalid, other.name + " sent too large a certificate");
  return caf::unit;
}

std::string text_to_sign(side who, const handshake& all) {
  std::string text = "varia cluster handshake\n";
  append(text, {who == side::guest ? "guest" : "door"});
  for (auto* one : {&all.guest, &all.door})
    append(text, {std::to_string(one->protocol), one->software, one->kind, one->name, one->nonce,
                  one->certificate});
  append(text, {all.guest_node, all.door_node});
  return text;
}

} // namespace varia
