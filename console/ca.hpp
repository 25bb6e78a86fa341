#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace varia {

// The certificate authority of a cluster: a folder with its key and its certificate (`ca.key`,
// `ca.crt`). No file in it is ever overwritten, and keys are readable by their owner alone.

/// Makes a folder with a new key (EC, P-256) and a certificate that is valid for so many days.
/// Fails with `exists` if there is one, and with `invalid` if the files cannot be written.
expected<void> init_authority(const std::string& dir, uint32_t days);

/// Puts a key and a certificate for a node of this name into the folder (`NAME.key`, `NAME.crt`),
/// good for both ends of a connection. Hosts are DNS names or addresses under which the node may be
/// reached besides. Fails with `invalid` for names that are none and for a folder without an
/// authority, with `exists` if there is such a file; and writes nothing then.
expected<void> issue_certificate(const std::string& dir, const std::string& name,
                                 const std::vector<std::string>& hosts, uint32_t days);

/// What `varia ca issue` was asked for.
struct issue_options {
  std::string dir;
  std::vector<std::string> names; ///< Each gets a key and a certificate of its own.
  std::vector<std::string> hosts; ///< Named by each certificate.
  uint32_t days = 825;
};

/// Runs `varia ca init` and tells what it wrote. Returns the exit status.
int run_ca_init(const std::string& dir, uint32_t days, std::ostream& out, std::ostream& err);

/// Runs `varia ca issue` and tells what it wrote. Returns the exit status.
int run_ca_issue(const issue_options& what, std::ostream& out, std::ostream& err);

} // namespace varia
