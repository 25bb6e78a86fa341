#pragma once

#include "api/http.hpp"
#include "api/validation.hpp"
#include "store/functions.hpp"

#include <string>
#include <utility>
#include <vector>

namespace varia {

/// Judges the body of a deployment.
schema deployment_rules();

/// A function of a deployment together with its bundle. It has no hash yet.
struct deployed_function {
  function definition;
  std::string bundle;
  std::string source; ///< Its TypeScript; empty if none came.
};

/// Reads the functions of a body that follows the rules: syncs, actions and on-event functions.
std::vector<deployed_function> read_deployment(const json& body);

/// The version after this one: its last number grows by one; "0.0.1" is the first.
std::string next_version(const std::string& version);

/// The version of a function, given what was deployed before under its name (nullptr: nothing).
/// What the author wrote counts; else it stays as long as the bundle is the same. After a rollback
/// it goes on from the newest one.
std::string version_of(const function& wanted, const function* before);

/// Since when a function is due as it is: `now` if what was deployed before was due otherwise.
time_ms schedule_since(const function& wanted, const function* before, time_ms now);

/// The one of that integration and name, or nullptr.
const function* find_deployed(const std::vector<function>& all, const function& like);

/// The deployed functions that these do not name, among those that the deployment is about.
std::vector<function> unnamed_functions(const json& body, const std::vector<function>& before,
                                        const std::vector<deployed_function>& wanted);

/// Those of them that the deployment removes: none unless it reconciles.
std::vector<function> obsolete_functions(const json& body, const std::vector<function>& before,
                                         const std::vector<deployed_function>& wanted);

/// One entry of the answer to a deployment.
json deployment_entry(const function& x);

/// One entry of GET /scripts/config.
json script_entry(const function& x, size_t number);

} // namespace varia
