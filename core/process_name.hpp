#pragma once

#include <string>

namespace varia {

/// Returns the host's name and the number of this process, such as "db-3/4711": what people see of
/// a process in listings and logs.
std::string process_name();

} // namespace varia
