#include "store/action_orders.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr milliseconds start_max{30 * 1000};
constexpr milliseconds queued_start_max{24 * 3600 * 1000};
constexpr milliseconds event_run_max{5 * 60 * 1000};

std::string text_of(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string word_in(const json& object, const char* key, const char* otherwise) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

json part_of(const json& object, const char* key) {
  auto found = object.find(key);
  return found == object.end() ? json::object() : *found;
}

int status_of(const std::string& type) {
  if (type == "script_http_error")
    return 424;
  return type == "invalid_action_input" ? 400 : 500;
}

// The provider's answer goes to who called the action, which is who owns the connection.
action_answer answer_of_failure(const std::string& text) {
  auto error = json::parse(text, nullptr, false);
  if (!error.is_object())
    error = json::object();
  auto type = word_in(error, "type", "script_internal_error");
  json result{{"message", word_in(error, "description", "the action failed")},
              {"code", type},
              {"payload", part_of(error, "payload")}};
  if (type == "script_http_error")
    result["upstream"] = part_of(part_of(error, "additional_properties"), "upstream_response");
  return {status_of(type), text_of({{"error", std::move(result)}})};
}

} // namespace

action_order order_call(const connection& of, const function& code, const action_rules& rules) {
  action_order result;
  result.id = make_uuid();
  result.environment = of.environment;
  result.connection = of.number;
  result.provider_config_key = of.provider_config_key;
  result.connection_id = of.connection_id;
  result.kind = code.kind;
  result.name = code.name;
  result.start_max = start_max;
  result.run_max
    = code.kind == function_kind::on_event ? std::min(rules.run_max, event_run_max) : rules.run_max;
  result.kept_for = rules.kept_for;
  return result;
}

void queue(action_order& order, uint32_t retries) {
  order.is_queued = true;
  order.retries = retries;
  if (order.kind == function_kind::action)
    order.start_max = queued_start_max;
}

action_answer answer_of(const expected<action_state>& how) {
  if (!how && code_of(how.error()) == errc::full)
    return action_refused(429, "too_many_request", detail_of(how.error()));
  if (!how && code_of(how.error()) == errc::not_found)
    return action_refused(404, "not_found", {});
  if (!how)
    return action_refused(503, "service_unavailable", "Not available at the moment. Try again.");
  if (how->phase == action_phase::failed)
    return answer_of_failure(how->error);
  if (how->phase != action_phase::success || how->output.empty())
    return action_refused(404, "not_found", {});
  return {200, how->output};
}

action_answer action_refused(int status, const std::string& code, const std::string& message) {
  json error{{"code", code}};
  if (!message.empty())
    error["message"] = message;
  return {status, text_of({{"error", std::move(error)}})};
}

} // namespace varia
