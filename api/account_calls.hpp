#pragma once

#include "api/call.hpp"
#include "store/api_keys.hpp"

#include <string>
#include <vector>

namespace varia {

/// What a key looks like to those who manage keys; never the key itself.
json key_text(const api_key& x);

/// A wish for a key.
struct key_wish {
  std::string environment; ///< Or `account_name`.
  std::string name;
  std::vector<std::string> scopes;
};

/// Makes a key, or returns the refusal. `show` makes the answer.
expected<http_response> make_key(api_call& x, key_wish wish,
                                 http_response (*show)(const made_key&));

/// Takes a key away, here at once and elsewhere within `authenticator::memory`.
expected<void> revoke_key(api_call& x, const std::string& environment, const std::string& id);

/// What is wrong with the name of an environment; nothing if it is good.
schema environment_name();

/// Makes an environment and returns its uuid. Fails with `exists` and `full`.
expected<std::string> make_environment(api_call& x, const std::string& name);

/// Deletes an environment with everything in it: keys, variants, connections, integrations,
/// functions and variables. Fails with `not_found`, and with `conflict` if it is the caller's own.
expected<void> delete_environment(api_call& x, const std::string& name);

/// Returns the environments there are, by name, each with its uuid.
expected<std::map<std::string, std::string>> list_environments(api_call& x);

} // namespace varia
