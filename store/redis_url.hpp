#pragma once

#include "core/error.hpp"

#include <string>

namespace varia {

/// What a Redis URL says. Either `socket` or `host` is set.
struct redis_url {
  std::string socket; ///< Path of a unix socket.
  std::string host;
  int port = 6379;
  std::string user;     ///< Empty: the default user.
  std::string password; ///< Empty: none is asked for. Secret.
  int database = 0;
};

/// Reads `redis://[[user]:password@]host[:port][/db]` or `unix:///path`. User and password may be
/// percent-encoded; an IPv6 address stands in brackets. Fails with `invalid`, without the URL.
expected<redis_url> parse_redis_url(const std::string& text);

} // namespace varia
