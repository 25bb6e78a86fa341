#pragma once

#include <string>

namespace varia {

/// Takes this process out of a chroot, in which the kernel makes no user namespaces, so that it can
/// shut itself in properly. Returns the path that the former root has from now on; empty if this
/// process was in no chroot, or is not root and has to stay. It must have one thread.
std::string leave_chroot();

} // namespace varia
