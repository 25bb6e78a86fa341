#include "worker/run_error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace varia {

namespace {

constexpr size_t description_max = 10000;
constexpr size_t stack_max = 8000;

constexpr std::array known_types{"script_internal_error",   "script_http_error",
                                 "script_network_error",    "script_aborted",
                                 "execution_timeout",       "action_script_runtime_error",
                                 "deletion_guard",          interrupted_type,
                                 "script_output_too_large", "script_api_rate_limit_error",
                                 "invalid_action_input",    "invalid_action_output"};

using json = nlohmann::ordered_json;

json parsed(const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json{} : value;
}

} // namespace

run_error read_run_error(const frame_value& error) {
  run_error result;
  auto type = error.at("type").text();
  if (std::find(known_types.begin(), known_types.end(), type) != known_types.end())
    result.type = type;
  auto name = error.at("name").text();
  result.description = error.at("message").text().substr(0, description_max);
  if (result.description.empty())
    result.description = name.empty() ? "the script failed without a word" : name;
  result.stack = error.at("stack").text().substr(0, stack_max);
  result.upstream_status = error.at("upstream").at("status").number();
  result.payload = error.at("payload").text();
  result.answer = error.at("answer").text();
  return result;
}

std::string to_json(const run_error& x) {
  json result;
  result["type"] = x.type;
  result["description"] = x.description;
  if (!x.stack.empty())
    result["stack"] = x.stack;
  if (!x.payload.empty())
    result["payload"] = parsed(x.payload);
  if (!x.answer.empty())
    result["additional_properties"]["upstream_response"] = parsed(x.answer);
  else if (x.upstream_status != 0)
    result["additional_properties"]["upstream_response"]["status"] = x.upstream_status;
  return result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace varia
