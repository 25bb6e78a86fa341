#pragma once

#include "core/error.hpp"
#include "core/openssl_handles.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace varia {

using ssl_context_ptr = std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>>;
using ssl_ptr = std::unique_ptr<SSL, freed_by<SSL_free>>;

/// Where a process has its certificate from: paths of files in PEM, all three or none.
struct tls_files {
  std::string ca;   ///< The certificates of the authority that all of the cluster trusts.
  std::string cert; ///< Of this process.
  std::string key;  ///< Of the certificate, without a passphrase.
};

/// Who a process is within its cluster: its certificate, the key of it, and the authority whose
/// certificates it believes. All of it is read once, so that files that go or change afterwards
/// disturb nobody. Any thread may use it.
class node_identity {
public:
  /// Reads the files. Fails with `invalid`, and words that name setting and file, if one of them
  /// cannot be read, if they do not belong together, or if a peer would not believe them.
  static expected<std::shared_ptr<const node_identity>> load(const tls_files& files);

  /// The certificate in DER.
  const std::string& certificate() const { return certificate_; }

  /// Fails with `invalid` unless the certificate has this name (as a subject alternative name of
  /// DNS kind).
  expected<void> is_called(const std::string& name) const;

  /// Signs a text with the key.
  expected<std::string> sign(std::string_view text) const;

  /// Checks that the owner of a certificate (in DER) has signed a text, that the authority vouches
  /// for the certificate today, and that it has this name. Fails with `invalid` in words.
  expected<void> verify(const std::string& certificate, const std::string& name,
                        std::string_view text, const std::string& signature) const;

  /// For connections that both sides authenticate: TLS 1.3, nothing resumed. OpenSSL counts who
  /// uses it.
  SSL_CTX* context() const { return context_.get(); }

private:
  node_identity() = default;

  expected<void> vouches_for(X509& certificate) const;

  x509_store_ptr authority_;
  pkey_ptr key_;
  ssl_context_ptr context_;
  std::string certificate_;
  std::vector<std::string> names_;
};

using identity_ptr = std::shared_ptr<const node_identity>; ///< Null where there is no TLS.

/// Reads the identity of a process that goes by this name; null if no file is set. Fails with
/// `invalid` if only some are set, and if the certificate is for somebody else.
expected<identity_ptr> load_identity(const tls_files& files, const std::string& name);

} // namespace varia
