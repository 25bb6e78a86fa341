#pragma once

#include "api/call.hpp"

namespace varia {

/// Writes a call that has succeeded to the audit stream. A store that does not take it is logged
/// and changes nothing about the answer.
void keep_audit(const api_call& x, const route_facts& facts);

/// What the audit stream keeps of a call: the names in it, never its contents.
json audit_detail(const api_call& x);

} // namespace varia
