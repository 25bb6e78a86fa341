#pragma once

#include "api/http.hpp"
#include "api/validation.hpp"
#include "core/error.hpp"

#include <string>

namespace varia {

/// {"error":{"code":...,"message":...}}; without the message if it is empty.
http_response refuse(int status, const std::string& code, const std::string& message = {});

/// {"error":{"code":...,"errors":[...]}} with status 400: what validation found.
http_response refuse_issues(const std::string& code, const issues& found);

/// {"error":{"message":...,"code":...,"payload":...}}, the older form that some errors have.
http_response refuse_in_old_form(int status, const std::string& code, const std::string& message,
                                 const json& payload = json::object());

/// The answer to a failure that the contract gives no code of its own. What nobody foresaw is
/// logged under a uuid, and only the uuid is told.
http_response refuse_error(const caf::error& why);

/// The answer to a fault of ours: 500 with a uuid, under which `detail` is logged.
http_response refuse_fault(const std::string& detail);

} // namespace varia
