#pragma once

#include "worker/frame.hpp"

#include <cstdint>
#include <string>

namespace varia {

/// Why a run was ended from outside.
enum class stop_cause : uint8_t {
  none,
  cancelled,
  interrupted,
  timed_out,
  fenced,
  guarded, ///< It would have deleted more than it may.
  broken
};

/// The type of a run that ended at a checkpoint because it had taken long; it goes on at once.
inline constexpr auto interrupted_type = "execution_interrupted";

/// Why a run failed, in the contract's words (5.7). Of a provider's answer it tells the status, and
/// the content to nobody but who called the action that got it.
struct run_error {
  std::string type = "script_internal_error";
  std::string description;
  std::string stack = {};
  int64_t upstream_status = 0; ///< 0: the failure was no provider's answer.
  std::string payload = {};    ///< Of an action's own error, JSON text; for who called it.
  std::string answer = {};     ///< Of the provider to an action, JSON text; for who called it.
};

/// Reads the `error` of a DONE. A type that is not one of the contract's becomes an internal error.
run_error read_run_error(const frame_value& error);

/// Renders the JSON text that the history keeps.
std::string to_json(const run_error& x);

} // namespace varia
