#pragma once

#include "worker/confine/plan.hpp"

namespace varia {

/// Leaves this system: returns in a new process, the first of its own user, process, mount,
/// network, IPC, host name and cgroup namespaces, whose root holds the files of the plan,
/// read-only, and a /proc of its own. The process that called waits for that one and ends as it
/// did; they die together. Works for root, who then is nobody outside, too, and for every user who
/// may make user namespaces. Ends the process with a message if it cannot be done.
void enter_namespaces(const plan& what);

/// Waits until the child `program` has ended, reaping whatever else ends, and ends this process
/// with the same status, or 128 and the signal's number.
[[noreturn]] void reap_until_end(int program);

/// Gives up every capability, and the user id 0 if this process has it in namespaces of its own,
/// for good.
void drop_privileges();

} // namespace varia
