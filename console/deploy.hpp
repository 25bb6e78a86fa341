#pragma once

#include "config/settings.hpp"
#include "console/client.hpp"

#include <ostream>
#include <string>

namespace varia {

/// Compiles a project folder with the script runtime and returns the body of POST /sync/deploy.
/// Fails with `invalid` and the compiler's words if the project is wrong. User code runs in it: the
/// compiler gets no environment.
expected<std::string> compile_project(const std::string& folder, const settings& x);

/// Compiles a project folder, sends it to the server, and prints what was deployed; errors go to
/// `errors`. Returns the exit code of the program: 0, or 1 if compiler or server said no.
int run_deploy(const std::string& folder, const settings& x, const client_config& server,
               std::ostream& out, std::ostream& errors);

} // namespace varia
