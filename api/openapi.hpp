#pragma once

#include "api/http.hpp"

#include <vector>

namespace varia {

/// Describes routes as OpenAPI 3.1: what each takes by the rules it judges requests with, what it
/// answers, and which scope it asks for.
json openapi_document(const std::vector<route>& routes);

/// The route that serves the description of all routes to everybody.
std::vector<route> openapi_routes();

} // namespace varia
