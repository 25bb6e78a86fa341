#pragma once

#include "actors/node_identity.hpp"
#include "console/ca.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace varia::test {

/// A certificate authority of its own for a test.
class authority {
public:
  authority() { BOOST_REQUIRE(!!init_authority(dir(), 10)); }

  std::string dir() const { return folder_.path() + "/ca"; }

  std::string file(const std::string& name) const { return dir() + "/" + name; }

  /// Issues a certificate and returns where it lies.
  tls_files files_for(const std::string& name) {
    BOOST_REQUIRE(!!issue_certificate(dir(), name, {"127.0.0.1"}, 10));
    return {file("ca.crt"), file(name + ".crt"), file(name + ".key")};
  }

  identity_ptr identity_of(const std::string& name) {
    auto result = load_identity(files_for(name), name);
    BOOST_REQUIRE(!!result);
    return *result;
  }

private:
  temporary_folder folder_;
};

} // namespace varia::test
