#include "api/process_facts.hpp"

#include "actors/system.hpp"
#include "config/settings.hpp"
#include "core/openssl_handles.hpp"

#include <openssl/asn1.h>
#include <openssl/pem.h>

#include <ctime>

namespace varia {

std::string without_secrets(const std::string& value) {
  auto begin = value.find("://");
  if (begin == std::string::npos)
    return value;
  begin += 3;
  auto end = value.rfind('@');
  if (end == std::string::npos || end < begin)
    return value;
  return value.substr(0, begin) + "***" + value.substr(end);
}

process_facts process_facts_of(const settings& x) {
  process_facts result;
  result.software = software_version;
  for (auto& [name, value] : settings_as_text(x))
    result.settings.emplace(name, without_secrets(value));
  for (auto& path : {x.cluster.tls_cert, x.cluster.tls_ca})
    if (!path.empty())
      result.certificates.push_back(path);
  return result;
}

time_ms end_of_certificate(const std::string& path) {
  bio_ptr file{BIO_new_file(path.c_str(), "r")};
  x509_ptr found{file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr};
  std::tm when{};
  if (!found || ASN1_TIME_to_tm(X509_get0_notAfter(found.get()), &when) != 1) {
    ERR_clear_error();
    return 0;
  }
  return static_cast<time_ms>(timegm(&when)) * 1000;
}

} // namespace varia
