#pragma once

#include "core/time.hpp"

#include <map>
#include <string>
#include <vector>

namespace varia {

struct settings;

/// What a coordinator tells operators of itself. Holds no secret.
struct process_facts {
  std::string software;
  std::map<std::string, std::string> settings; ///< By name; secrets are replaced by `***`.
  std::vector<std::string> certificates;       ///< Paths of files in PEM.
};

/// Replaces what lets somebody in by `***`: users and passwords in URLs.
std::string without_secrets(const std::string& value);

process_facts process_facts_of(const settings& x);

/// Returns when the first certificate in a file in PEM ends; 0 if that cannot be read.
time_ms end_of_certificate(const std::string& path);

} // namespace varia
