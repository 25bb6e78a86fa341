#pragma once

#include "core/error.hpp"
#include "core/openssl_handles.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace varia {

/// A key and the certificate for it.
struct credential {
  pkey_ptr key;
  x509_ptr certificate;
};

/// Makes a certificate that signs others, signed by itself.
expected<credential> make_authority(uint32_t days);

/// Makes a certificate for a node, signed by an authority: for client and server, with the name and
/// the hosts as subject alternative names. Fails with `invalid` for what is no name or no host.
expected<credential> make_node(const credential& authority, const std::string& name,
                               const std::vector<std::string>& hosts, uint32_t days);

} // namespace varia
