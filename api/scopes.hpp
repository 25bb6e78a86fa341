#pragma once

#include "api/http.hpp"

#include <set>
#include <string>
#include <vector>

namespace varia {

/// Every scope that a key can have: those that routes ask for, and those that only clients of the
/// contract know.
std::set<std::string> all_scopes(const std::vector<route>& routes);

/// Returns the first of the given scopes that is none and covers none; empty if all are good.
std::string unknown_scope(const std::set<std::string>& known,
                          const std::vector<std::string>& given);

/// Returns the first of the given scopes that somebody with these scopes must not give to others;
/// empty if there is none. Whoever may make keys may let them do anything in an environment.
std::string ungrantable_scope(const caller& giver, const std::vector<std::string>& given);

} // namespace varia
