#pragma once

#include "core/error.hpp"

#include <string>
#include <vector>

namespace varia {

/// Where a server listens. Either `socket` or `host` is set.
struct redis_address {
  std::string socket; ///< Path of a unix socket.
  std::string host;
  int port = 6379;
};

/// What a Redis URL says: the address of the server, or Sentinels that know it.
struct redis_url : redis_address {
  std::string user;     ///< Empty: the default user.
  std::string password; ///< Empty: none is asked for. Secret.
  int database = 0;
  std::vector<redis_address> sentinels; ///< Empty: the server stays where it is.
  std::string master;                   ///< The name that the Sentinels know it by.
};

/// Reads `redis://[[user]:password@]host[:port][/db]`, `unix:///path`, or
/// `redis+sentinel://[[user]:password@]host[:port][,host[:port]...]/master[/db]`. User, password
/// and master may be percent-encoded; an IPv6 address stands in brackets. Fails with `invalid`,
/// without the URL.
expected<redis_url> parse_redis_url(const std::string& text);

} // namespace varia
