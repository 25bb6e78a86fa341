#pragma once

#include "config/settings.hpp"

#include <string>

namespace varia {

/// Where the script runtime lies on this machine.
struct runtime_paths {
  std::string dir;  ///< Holds child.cjs and compile.cjs.
  std::string node; ///< The Node program.
};

/// Returns the Node that came with the runtime in `dir`, else the first in PATH; empty if there is
/// none.
std::string find_node(const std::string& dir);

/// Finds the script runtime: the folder of the settings, else "runtime" beside this program; and
/// Node: that of the settings, else the one pinned in the folder, else the one in PATH. Fails with
/// `invalid` and says what is missing.
expected<runtime_paths> find_runtime(const settings& x);

} // namespace varia
