#pragma once

namespace varia {

/// Has the kernel refuse, from here on and in whatever this process becomes, the system calls that
/// no script needs and that attackers like: sockets, new processes, mounts, namespaces, looking
/// into other processes, loading code into the kernel. A refused call fails with EPERM; one that
/// is meant for another processor mode ends the process. Ends the process if that cannot be had.
void refuse_calls();

} // namespace varia
