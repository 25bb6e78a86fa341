#include "console/certificate.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <arpa/inet.h>

namespace varia {

namespace {

constexpr long seconds_per_day = 24 * 60 * 60;
// Clocks of two hosts may differ.
constexpr long early = 60 * 60;
constexpr size_t name_size_max = 64;
constexpr size_t host_size_max = 253;
constexpr auto serial_bits = 159;

caf::error failed() {
  ERR_clear_error();
  return fail(errc::internal, "OpenSSL cannot make the certificate");
}

bool is_name(std::string_view text, size_t size_max) {
  auto is_fine = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'
           || c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= size_max && text.front() != '.' && text.front() != '-'
         && std::all_of(text.begin(), text.end(), is_fine);
}

bool is_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1
         || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

expected<std::string> alternative_names(const std::string& name,
                                        const std::vector<std::string>& hosts) {
  if (!is_name(name, name_size_max))
    return fail(errc::invalid, "\"" + name
                                 + "\" is no name for a node: letters, digits, - _ . and at most "
                                   "64 of them");
  auto result = "DNS:" + name;
  for (auto& host : hosts) {
    if (is_address(host))
      result += ",IP:" + host;
    else if (is_name(host, host_size_max))
      result += ",DNS:" + host;
    else
      return fail(errc::invalid, "\"" + host + "\" is neither an address nor the name of a host");
  }
  return result;
}

bool set_serial(X509& to) {
  number_ptr number{BN_new()};
  return BN_rand(number.get(), serial_bits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1
         && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&to)) != nullptr;
}

bool set_name(X509_NAME* to, const std::string& name) {
  return X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0)
         == 1;
}

// What both kinds of certificate have in common, all but the signature.
bool begin(credential& what, const std::string& name, uint32_t days) {
  what.key.reset(EVP_EC_gen("P-256"));
  what.certificate.reset(X509_new());
  auto* x = what.certificate.get();
  return what.key && x != nullptr && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(*x)
         && X509_gmtime_adj(X509_getm_notBefore(x), -early) != nullptr
         && X509_gmtime_adj(X509_getm_notAfter(x), static_cast<long>(days) * seconds_per_day)
              != nullptr
         && set_name(X509_get_subject_name(x), name) && X509_set_pubkey(x, what.key.get()) == 1;
}

bool extend(X509& what, X509& issuer, const std::vector<std::pair<int, std::string>>& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &what, nullptr, nullptr, 0);
  return std::all_of(extensions.begin(), extensions.end(), [&](auto& one) {
    x509_extension_ptr extension{
      X509V3_EXT_conf_nid(nullptr, &context, one.first, one.second.c_str())};
    return extension && X509_add_ext(&what, extension.get(), -1) == 1;
  });
}

bool sign(X509& what, X509& issuer, EVP_PKEY& key) {
  return X509_set_issuer_name(&what, X509_get_subject_name(&issuer)) == 1
         && X509_sign(&what, &key, EVP_sha256()) > 0;
}

} // namespace

expected<credential> make_authority(uint32_t days) {
  credential result;
  auto fine = begin(result, "Varia cluster authority", days);
  if (!fine)
    return failed();
  auto& x = *result.certificate;
  fine = extend(x, x,
                {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                 {NID_key_usage, "critical,keyCertSign,cRLSign"},
                 {NID_subject_key_identifier, "hash"}})
         && sign(x, x, *result.key);
  if (!fine)
    return failed();
  return result;
}

expected<credential> make_node(const credential& authority, const std::string& name,
                               const std::vector<std::string>& hosts, uint32_t days) {
  auto names = alternative_names(name, hosts);
  if (!names)
    return std::move(names.error());
  credential result;
  auto fine = begin(result, name, days);
  if (!fine)
    return failed();
  auto& x = *result.certificate;
  auto& issuer = *authority.certificate;
  fine = extend(x, issuer,
                {{NID_basic_constraints, "critical,CA:FALSE"},
                 {NID_key_usage, "critical,digitalSignature"},
                 {NID_ext_key_usage, "serverAuth,clientAuth"},
                 {NID_subject_alt_name, *names},
                 {NID_subject_key_identifier, "hash"},
                 {NID_authority_key_identifier, "keyid:always"}})
         && sign(x, issuer, *authority.key);
  if (!fine)
    return failed();
  return result;
}

} // namespace varia
