#pragma once

#include <string>
#include <vector>

namespace varia {

/// Who sends a request: what the store knows of the API key that came with it.
struct caller {
  std::string environment; ///< Empty for a key of the account.
  std::string key_id;
  std::string key_name;
  std::vector<std::string> scopes;

  /// Whether one of its scopes covers this one.
  bool may(const std::string& scope) const;

  /// Whether it may do what one of these scopes stands for.
  bool may_any(const std::vector<std::string>& wanted) const;
};

/// Whether a scope covers another: the same one, or a wildcard such as `environment:syncs:*`, where
/// `*` alone covers everything.
bool covers(const std::string& held, const std::string& wanted);

/// Whether a text has the form of a scope or of a wildcard over scopes.
bool is_scope(const std::string& text);

} // namespace varia
