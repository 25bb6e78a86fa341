#pragma once

#include "console/client.hpp"
#include "console/contexts.hpp"

#include <map>
#include <string>

namespace varia {

/// What the words say about the server; empty: nothing.
struct server_choice {
  std::string context;
  std::string url;
  std::string api_key;
  std::string api_key_file;
};

/// A server, and what the user calls it.
struct chosen_server {
  client_config config;
  std::string name; ///< The context, or else the host and port.
};

/// Finds out which server is meant: by words, then by VARIA_CONTEXT, VARIA_URL, VARIA_API_KEY and
/// VARIA_API_KEY_FILE, then by the current context. The key of a context goes to the URL of that
/// context and to no other. Fails with `invalid`, in words, and with `not_found` for a context that
/// there is not.
expected<chosen_server> choose_server(const server_choice& words,
                                      const std::map<std::string, std::string>& environment,
                                      const contexts& known);

} // namespace varia
