#pragma once

#include <string>

namespace varia {

/// Returns the host's name, such as "db-3".
std::string host_name();

/// Returns the host's name and the number of this process, such as "db-3/4711": what people see of
/// a process in listings and logs.
std::string process_name();

/// Returns the name of this host.
std::string host_name();

} // namespace varia
