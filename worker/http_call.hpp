#pragma once

#include "upstream/provider_request.hpp"
#include "worker/call_host.hpp"
#include "worker/frame.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace varia {

/// Reads the arguments of an `http` call.
provider_order read_order(const frame_value& args);

/// Reads the arguments of an `uncontrolledFetch`.
upstream_request read_fetch(const frame_value& args);

/// Returns a handler that answers a call of a script with what came of its request.
upstream::handler answer_with_result(std::shared_ptr<call_host> host, uint32_t run, int64_t seq);

/// Builds the ERROR that refuses a call.
std::string make_error_frame(uint32_t run, int64_t seq, const std::string& type,
                             const std::string& message, const std::string& code = {});

} // namespace varia
