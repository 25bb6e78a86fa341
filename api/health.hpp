#pragma once

#include "api/http.hpp"
#include "core/readiness.hpp"

#include <vector>

namespace varia {

/// Says that the process serves. Whatever else is out of order, starting it anew would not help.
http_response tell_alive();

/// Says whether the process is ready, 503 if not; with what it has looked at, if that is wanted.
http_response tell_ready(const std::vector<readiness_check>& checks, bool is_verbose);

/// Whether the query of a request asks for all there is to tell, as in "/readyz?verbose".
bool wants_all(const http_request& request);

/// The metrics of this process.
http_response tell_metrics();

} // namespace varia
