#include "actors/node_identity.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

namespace varia {

namespace {

using x509_list = std::vector<x509_ptr>;

struct free_names {
  void operator()(GENERAL_NAMES* what) const { GENERAL_NAMES_free(what); }
};

caf::error wrong(const char* setting, const std::string& path, const std::string& what) {
  return fail(errc::invalid, std::string{setting} + ": " + path + ": " + what);
}

expected<bio_ptr> open_pem(const char* setting, const std::string& path) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    return wrong(setting, path,
                 "cannot be read: " + std::generic_category().message(errno == 0 ? EIO : errno));
  auto bytes = text.str();
  bio_ptr result{BIO_new(BIO_s_mem())};
  BIO_write(result.get(), bytes.data(), static_cast<int>(bytes.size()));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return result;
}

expected<x509_list> read_certificates(const char* setting, const std::string& path) {
  auto pem = open_pem(setting, path);
  if (!pem)
    return std::move(pem.error());
  x509_list result;
  while (auto* one = PEM_read_bio_X509(pem->get(), nullptr, nullptr, nullptr))
    result.emplace_back(one);
  ERR_clear_error();
  if (result.empty())
    return wrong(setting, path, "holds no certificate in PEM");
  return result;
}

expected<pkey_ptr> read_key(const char* setting, const std::string& path) {
  auto pem = open_pem(setting, path);
  if (!pem)
    return std::move(pem.error());
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  pkey_ptr result{PEM_read_bio_PrivateKey(pem->get(), nullptr, no_passphrase, nullptr)};
  ERR_clear_error();
  if (!result)
    return wrong(setting, path, "holds no private key in PEM, or one with a passphrase");
  return result;
}

std::vector<std::string> names_of(const X509& certificate) {
  std::vector<std::string> result;
  std::unique_ptr<GENERAL_NAMES, free_names> all{static_cast<GENERAL_NAMES*>(
    X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
  for (auto i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    auto* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS)
      result.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                          static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  return result;
}

expected<void> has_name(const std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) != names.end())
    return caf::unit;
  std::string all;
  for (auto& one : names)
    all += (all.empty() ? "" : ", ") + one;
  return fail(errc::invalid, "the certificate is not for \"" + name + "\" but for "
                               + (all.empty() ? "nobody" : all));
}

std::string to_der(X509& certificate) {
  unsigned char* bytes = nullptr;
  auto size = i2d_X509(&certificate, &bytes);
  if (size <= 0)
    return {};
  std::string result{reinterpret_cast<const char*>(bytes), static_cast<size_t>(size)};
  OPENSSL_free(bytes);
  return result;
}

x509_ptr from_der(const std::string& der) {
  auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  x509_ptr result{d2i_X509(nullptr, &bytes, static_cast<long>(der.size()))};
  ERR_clear_error();
  return result;
}

// Where all connections have their settings from.
ssl_context_ptr make_context(X509_STORE& authority, X509& own, EVP_PKEY& key) {
  ssl_context_ptr result{SSL_CTX_new(TLS_method())};
  auto* context = result.get();
  auto fine = context != nullptr && SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1
              && SSL_CTX_use_certificate(context, &own) == 1
              && SSL_CTX_use_PrivateKey(context, &key) == 1;
  if (!fine)
    return nullptr;
  SSL_CTX_set1_cert_store(context, &authority);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  return result;
}

} // namespace

expected<std::shared_ptr<const node_identity>> node_identity::load(const tls_files& files) {
  auto authority = read_certificates("cluster.tls_ca", files.ca);
  if (!authority)
    return std::move(authority.error());
  auto certificates = read_certificates("cluster.tls_cert", files.cert);
  if (!certificates)
    return std::move(certificates.error());
  auto key = read_key("cluster.tls_key", files.key);
  if (!key)
    return std::move(key.error());
  auto& own = *certificates->front();
  if (X509_check_private_key(&own, key->get()) != 1) {
    ERR_clear_error();
    return wrong("cluster.tls_key", files.key, "is not the key of " + files.cert);
  }
  std::shared_ptr<node_identity> result{new node_identity};
  result->authority_.reset(X509_STORE_new());
  for (auto& one : *authority)
    X509_STORE_add_cert(result->authority_.get(), one.get());
  // What stands in the file is trusted, whoever has signed it.
  X509_STORE_set_flags(result->authority_.get(), X509_V_FLAG_PARTIAL_CHAIN);
  if (auto fine = result->vouches_for(own); !fine)
    return wrong("cluster.tls_cert", files.cert, detail_of(fine.error()));
  result->context_ = make_context(*result->authority_, own, **key);
  if (!result->context_)
    return wrong("cluster.tls_cert", files.cert, "cannot be used for TLS 1.3");
  result->key_ = std::move(*key);
  result->certificate_ = to_der(own);
  result->names_ = names_of(own);
  return {std::move(result)};
}

// Every node is the client of one and the server of another, so a certificate has to serve both.
expected<void> node_identity::vouches_for(X509& certificate) const {
  for (auto purpose : {X509_PURPOSE_SSL_CLIENT, X509_PURPOSE_SSL_SERVER}) {
    x509_check_ptr check{X509_STORE_CTX_new()};
    if (X509_STORE_CTX_init(check.get(), authority_.get(), &certificate, nullptr) != 1)
      return fail(errc::internal, "the certificate cannot be checked");
    X509_STORE_CTX_set_purpose(check.get(), purpose);
    if (X509_verify_cert(check.get()) != 1) {
      auto code = X509_STORE_CTX_get_error(check.get());
      ERR_clear_error();
      return fail(errc::invalid, std::string{"the cluster's authority does not vouch for it: "}
                                   + X509_verify_cert_error_string(code));
    }
  }
  return caf::unit;
}

expected<void> node_identity::is_called(const std::string& name) const {
  return has_name(names_, name);
}

expected<std::string> node_identity::sign(std::string_view text) const {
  digest_ptr digest{EVP_MD_CTX_new()};
  auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  std::string result;
  // Without a name of a digest each kind of key takes its own.
  auto fine
    = EVP_DigestSignInit_ex(digest.get(), nullptr, nullptr, nullptr, nullptr, key_.get(), nullptr)
        == 1
      && EVP_DigestSign(digest.get(), nullptr, &size, bytes, text.size()) == 1;
  if (fine) {
    result.resize(size);
    fine = EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(result.data()), &size,
                          bytes, text.size())
           == 1;
    result.resize(size);
  }
  ERR_clear_error();
  if (!fine)
    return fail(errc::internal, "the key of the certificate cannot sign");
  return result;
}

expected<void> node_identity::verify(const std::string& certificate, const std::string& name,
                                     std::string_view text, const std::string& signature) const {
  auto theirs = from_der(certificate);
  if (!theirs)
    return fail(errc::invalid, "\"" + name + "\" shows no certificate");
  if (auto fine = vouches_for(*theirs); !fine)
    return fine;
  if (auto fine = has_name(names_of(*theirs), name); !fine)
    return fine;
  digest_ptr digest{EVP_MD_CTX_new()};
  auto proven
    = EVP_DigestVerifyInit_ex(digest.get(), nullptr, nullptr, nullptr, nullptr,
                              X509_get0_pubkey(theirs.get()), nullptr)
        == 1
      && EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size())
           == 1;
  ERR_clear_error();
  if (!proven)
    return fail(errc::invalid, "\"" + name + "\" does not have the key of its certificate");
  return caf::unit;
}

expected<identity_ptr> load_identity(const tls_files& files, const std::string& name) {
  if (files.ca.empty() && files.cert.empty() && files.key.empty())
    return identity_ptr{};
  if (files.ca.empty() || files.cert.empty() || files.key.empty())
    return fail(errc::invalid, "cluster.tls_ca, cluster.tls_cert and cluster.tls_key are set "
                               "together or not at all");
  auto result = node_identity::load(files);
  if (!result)
    return std::move(result.error());
  if (auto fine = (*result)->is_called(name); !fine)
    return wrong("cluster.tls_cert", files.cert, detail_of(fine.error()));
  return *result;
}

} // namespace varia
