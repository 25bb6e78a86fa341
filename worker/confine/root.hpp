#pragma once

#include "worker/confine/plan.hpp"

#include <string>

namespace varia {

/// Gives this process, the first of new process and mount namespaces, a root that holds the files
/// of the plan and a /proc of its own, all of it read-only, and nothing of the root it had. The
/// files of the plan lie below `former_root`, which is empty but for a process from a chroot. Ends
/// the process with a message if it cannot be done.
void build_root(const plan& what, const std::string& former_root);

} // namespace varia
