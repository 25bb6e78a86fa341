#pragma once

#include "api/rehearsal.hpp"

#include <string>
#include <vector>

namespace varia {

/// The path of a route as OpenAPI writes it: "/sync/{name}".
std::string template_of(const std::string& path);

/// The parameters in path, query and headers.
json parameters_of(const std::string& path, const std::vector<noted_rule>& rules);

/// The error code when a part of a request does not follow the rules.
const char* refusal_code(request_part part);

/// The schema of all errors.
json error_schema();

/// An answer that has one of these error codes.
json error_answer(const std::vector<std::string>& codes);

/// The schema of answers of the shape of an example (see `route_facts::answers`).
json shape_schema(const json& shape);

/// The example itself, without the marks at its keys.
json shape_example(const json& shape);

} // namespace varia
