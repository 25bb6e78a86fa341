#pragma once

#include "api/http.hpp"
#include "api/validation.hpp"
#include "store/connections.hpp"

#include <string>

namespace varia {

/// Judges the `credentials` of an import: by their type, as contract 1.16 lists them.
schema credential_rules();

/// Returns the JSON of a stored text; `otherwise` if it is empty.
json stored_json(const std::string& text, const json& otherwise);

/// What a list shows of a connection: everything but its credentials and settings.
json connection_summary(const connection& x);

enum class time_form { zulu, offset };

/// A connection with its credentials, for the owner of the API key only. The import answers with
/// the one form of times and the reading with the other.
json connection_text(const connection& x, time_form form);

} // namespace varia
