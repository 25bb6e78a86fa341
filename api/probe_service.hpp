#pragma once

#include "api/api_service.hpp"
#include "api/http.hpp"
#include "core/readiness.hpp"

#include <functional>

namespace varia {

/// Answers /metrics, /livez, /readyz and /startupz, by what `look` sees. Any thread may call it.
std::function<http_response(const http_request&)> make_probe_handler(readiness look);

/// The HTTP of a process that serves no API, such as a worker: /metrics, /livez, /readyz and
/// /startupz, for whoever reaches the address.
api_service make_probe_service(const endpoint& listen, readiness look);

} // namespace varia
