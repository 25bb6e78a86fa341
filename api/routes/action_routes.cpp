#include "api/routes/action_routes.hpp"

#include "api/action_access.hpp"
#include "api/connection_text.hpp"
#include "core/ids.hpp"
#include "store/connections.hpp"
#include "store/functions.hpp"
#include "webhooks/payloads.hpp"

#include <cmath>
#include <cstdlib>
#include <variant>

namespace varia {

namespace {

constexpr double retries_max = 5;
constexpr double entries_max = 1000;
constexpr size_t entries_default = 50;

// Beside the input, a frame to a script's process holds little else.
constexpr size_t input_bytes_max = size_t{16} * 1024 * 1024;

std::optional<http_response> refuse_trigger(const api_call& x) {
  static const auto query = nothing();
  static const fields headers{{"provider-config-key", provider_config_key()},
                              {"connection-id", connection_id()},
                              {"x-async", optional(one_of({"true", "false"}))},
                              {"x-max-retries", optional(number_text(0, retries_max))}};
  static const auto body = object({{"action_name", sync_name()}, {"input", optional(any_value())}});
  if (auto no = x.refuse_query(query))
    return no;
  if (auto no = x.refuse_headers(headers))
    return no;
  return x.refuse_body(body);
}

struct found_call {
  connection link;
  action_order order;
};

// What the request calls, or the refusal.
using wanted_call = std::variant<found_call, http_response>;

expected<wanted_call> find_call(api_call& x) {
  if (auto no = refuse_trigger(x))
    return wanted_call{std::move(*no)};
  auto key = x.header("provider-config-key");
  auto link = connections{x.db}.find(x.environment(), key, x.header("connection-id"));
  if (!link)
    return std::move(link.error());
  if (!*link)
    return wanted_call{refuse(400, "unknown_connection",
                              "Provided connection_id and provider_config_key do not match a "
                              "valid connection")};
  auto name = text_at(*x.body, "action_name");
  auto code = functions{x.db}.find(x.environment(), key, name, function_kind::action);
  if (!code)
    return std::move(code.error());
  if (!*code)
    return wanted_call{refuse(404, "not_found", "Action not found")};
  auto order = order_call(**link, **code, x.api.actions->rules);
  order.trace = to_text(x.request.trace.child());
  if (auto input = member(*x.body, "input"))
    order.input = input->dump(-1, ' ', false, json::error_handler_t::replace);
  if (order.input.size() > input_bytes_max)
    return wanted_call{refuse(400, "invalid_body", "The input is larger than 16 MiB")};
  return wanted_call{found_call{std::move(**link), std::move(order)}};
}

expected<http_response> put_call(api_call& x, const connection& of, action_order order) {
  queue(order, static_cast<uint32_t>(std::strtoul(x.header("x-max-retries").c_str(), nullptr, 10)));
  auto status_url = "/action/" + order.id;
  order.notice = async_action_payload(of, order.id, status_url);
  order.notice_to = of.webhook_url_override;
  auto put = actions{x.db}.put(order, x.api.actions->rules.limits);
  if (!put && code_of(put.error()) == errc::full)
    return response_of(answer_of(put.error()));
  if (!put)
    return std::move(put.error());
  auto result = json_answer(202, {{"id", order.id}, {"statusUrl", status_url}});
  result.headers.emplace_back("location", status_url);
  return result;
}

expected<http_response> trigger(api_call& x) {
  auto wanted = find_call(x);
  if (!wanted)
    return std::move(wanted.error());
  if (auto no = std::get_if<http_response>(&*wanted))
    return std::move(*no);
  auto& [link, order] = std::get<found_call>(*wanted);
  if (x.header("x-async") == "true")
    return put_call(x, link, std::move(order));
  http_response result;
  result.deferred = called_action(*x.api.actions, std::move(order));
  return result;
}

// The call that the path names, if it is one of the environment's.
expected<std::optional<action_state>> find_named(api_call& x) {
  auto found = actions{x.db}.find(x.param("id"));
  if (found && *found && (*found)->order.environment != x.environment())
    return std::optional<action_state>{};
  return found;
}

std::optional<http_response> refuse_named(const api_call& x) {
  static const auto query = nothing();
  static const auto params = object(
    {{"id", text({holds([](const std::string& id) { return is_uuid_v4(id); }, "Invalid UUID")})
              .shown_as("cd698d3a-f399-46e3-b424-3007eff03e6b")}});
  if (auto no = x.refuse_query(query))
    return no;
  return x.refuse_params(params);
}

expected<http_response> read_outcome(api_call& x) {
  if (auto no = refuse_named(x))
    return std::move(*no);
  auto found = find_named(x);
  if (!found)
    return std::move(found.error());
  if (!*found || !is_over((*found)->phase))
    return refuse(404, "not_found", "There is no outcome of such an action (yet)");
  return response_of(answer_of(std::move(**found)));
}

json moment_or_null(time_ms at) {
  return at > 0 ? json(to_iso_z(at)) : json(nullptr);
}

// Its type and words; the rest is for who called it.
json error_text(const std::string& text) {
  auto error = stored_json(text, nullptr);
  if (!error.is_object())
    return nullptr;
  return {{"type", text_at(error, "type")}, {"description", text_at(error, "description")}};
}

// Neither what went in nor what came out: those are the application's.
json call_text(const action_state& x) {
  const auto& of = x.order;
  return {{"id", of.id},
          {"type", of.kind},
          {"name", of.name},
          {"provider_config_key", of.provider_config_key},
          {"connection_id", of.connection_id},
          {"status", to_string(x.phase)},
          {"async", of.is_queued},
          {"depth", of.depth},
          {"called_by", of.activity.empty() ? json(nullptr) : json(of.activity)},
          {"tries", x.tries},
          {"retries_max", of.retries},
          {"worker", x.worker.empty() ? json(nullptr) : json(x.worker)},
          {"created_at", to_iso_z(x.created_at)},
          {"started_at", moment_or_null(x.started_at)},
          {"finished_at", moment_or_null(x.finished_at)},
          {"error", error_text(x.error)}};
}

size_t limit_of(const api_call& x) {
  auto text = text_at(x.query, "limit");
  return text.empty() ? entries_default
                      : static_cast<size_t>(std::lround(std::strtod(text.c_str(), nullptr)));
}

expected<http_response> list_calls(api_call& x) {
  static const auto query = object({{"provider_config_key", provider_config_key()},
                                    {"connection_id", connection_id()},
                                    {"limit", optional(number_text(1, entries_max))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto number = connections{x.db}.number_of(
    x.environment(), text_at(x.query, "provider_config_key"), text_at(x.query, "connection_id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return refuse(404, "unknown_connection");
  auto last = actions{x.db}.recent(*number, limit_of(x));
  if (!last)
    return std::move(last.error());
  auto result = json::array();
  for (auto& each : *last)
    result.push_back(call_text(each));
  return json_answer(200, {{"actions", std::move(result)}});
}

expected<http_response> show_call(api_call& x) {
  if (auto no = refuse_named(x))
    return std::move(*no);
  auto found = find_named(x);
  if (!found)
    return std::move(found.error());
  return *found ? json_answer(200, call_text(**found)) : refuse(404, "not_found");
}

expected<http_response> read_log(api_call& x) {
  static const auto query
    = object({{"limit", optional(number_text(1, entries_max))},
              {"level", optional(one_of({"debug", "info", "warn", "error"}))},
              {"after", optional(text({holds(is_line_id, "Invalid id of a line")}))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto found = find_named(x);
  if (!found)
    return std::move(found.error());
  if (!*found)
    return refuse(404, "not_found");
  log_query wanted;
  wanted.count = limit_of(x);
  wanted.level_min = parse_log_level(text_at(x.query, "level")).value_or(log_level::debug);
  wanted.after = text_at(x.query, "after");
  auto lines = actions{x.db}.read_log((*found)->order.id, wanted);
  if (!lines)
    return std::move(lines.error());
  auto result = json::array();
  for (auto& line : *lines) {
    json entry{{"id", line.id}};
    if (auto fields = stored_json(line.text, json::object()); fields.is_object())
      entry.update(fields);
    result.push_back(std::move(entry));
  }
  return json_answer(200, {{"lines", std::move(result)}});
}

} // namespace

std::vector<route> action_routes(const api_context& api) {
  return {
    make_route(api, "POST", "/action/trigger", trigger,
               route_facts{"Calls an action, and waits for it unless told otherwise"}
                 .scope("environment:actions:execute")
                 .answers(200, "null")
                 .fails(400, "unknown_connection")
                 .fails(404, "not_found")
                 .fails(424, "script_http_error")),
    make_route(api, "GET", "/action/:id", read_outcome,
               route_facts{"Reads the outcome of an action that was queued"}
                 .scope("environment:actions:execute")
                 .answers(200, "null")
                 .fails(404, "not_found")
                 .fails(424, "script_http_error")),
    make_route(api, "GET", "/varia/actions", list_calls,
               route_facts{"Lists calls of actions, newest first"}
                 .scope("environment:logs:read")
                 .answers(200, "{}")),
    make_route(api, "GET", "/varia/actions/:id", show_call,
               route_facts{"Tells what became of a call of an action"}
                 .scope("environment:logs:read")
                 .answers(200, "{}")
                 .fails(404, "not_found")),
    make_route(api, "GET", "/varia/actions/:id/log", read_log,
               route_facts{"Reads what a call of an action logged"}
                 .scope("environment:logs:read")
                 .answers(200, R"({"lines":[]})")
                 .fails(404, "not_found")),
  };
}

} // namespace varia
