#include "api/routes/live_routes.hpp"

#include "api/live/live_stream.hpp"
#include "api/schemas.hpp"
#include "store/run_logs.hpp"

#include <memory>
#include <utility>
#include <variant>

namespace varia {

namespace {

constexpr auto last_event_id = "last-event-id";
constexpr size_t id_max = 64;

std::optional<http_response> refuse_request(const api_call& x) {
  static const auto known_line = text(
    {holds([](auto& line) { return is_line_id(line); }, "Invalid id of a line"), at_most(id_max)});
  static const auto query = object({{"connection_id", optional(connection_id())},
                                    {"provider_config_key", optional(provider_config_key())},
                                    {"name", optional(sync_name())},
                                    {"variant", optional(sync_name())},
                                    {"after", optional(known_line)},
                                    {"syncs", optional(one_of({"true", "false"}))}});
  if (auto no = x.refuse_query(query))
    return no;
  std::vector<const char*> missing;
  for (auto name : {"provider_config_key", "connection_id", "name"})
    if (!x.query.contains(name))
      missing.push_back(name);
  auto names_part = missing.size() == 1 || missing.size() == 2 || x.query.contains("variant");
  if (!missing.empty() && names_part)
    return refuse_issues("invalid_query_params",
                         {{"custom", "A sync is named by all three", {missing.front()}}});
  return std::nullopt;
}

live_position position_of(const api_call& x) {
  if (auto position = parse_live_position(x.header(last_event_id)))
    return *position;
  live_position result;
  result.line = text_at(x.query, "after");
  return result;
}

// Adds what the query names, or returns the refusal.
expected<std::optional<http_response>> read_names(api_call& x, live_interest& to) {
  using answer = std::optional<http_response>;
  auto sync = text_at(x.query, "name");
  if (sync.empty())
    return answer{};
  survey_query which{x.environment(), text_at(x.query, "provider_config_key"),
                     text_at(x.query, "connection_id"), sync};
  auto number = connections{x.db}.number_of(which.environment, which.provider_config_key,
                                            which.connection_id);
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return answer{refuse(404, "unknown_connection")};
  to.variants = std::move(which);
  auto name = text_at(x.query, "variant");
  if (name.empty())
    return answer{};
  if (!x.may("environment:logs:read"))
    return answer{refuse(403, "forbidden", "Insufficient scope. Required: environment:logs:read")};
  auto entry = variants{x.db}.find({{*number, sync}, name});
  if (!entry)
    return std::move(entry.error());
  if (!*entry)
    return answer{refuse(404, "unknown_sync")};
  to.only = name;
  to.log = ref_of(**entry);
  return answer{};
}

expected<http_response> watch(api_call& x) {
  if (auto no = refuse_request(x))
    return std::move(*no);
  live_interest what;
  auto refused = read_names(x, what);
  if (!refused)
    return std::move(refused.error());
  if (*refused)
    return std::move(**refused);
  // Here a rehearsal ends that names nothing.
  if (auto answers = x.db.run({"PING"}); !answers)
    return std::move(answers.error());
  what.shows_workers = x.may("account:cluster:read");
  what.shows_syncs = text_at(x.query, "syncs") == "true";
  auto stream = std::make_shared<live_stream>(x.api, x.request, std::move(what), position_of(x));
  if (auto open = stream->open(); !open)
    return refuse(503, "service_unavailable", detail_of(open.error()));
  http_response result;
  result.content_type = "text/event-stream";
  result.headers = {{"cache-control", "no-store"}, {"x-accel-buffering", "no"}};
  result.stream = std::move(stream);
  return result;
}

} // namespace

std::vector<route> live_routes(const api_context& api) {
  return {make_route(api, "GET", "/varia/live", watch,
                     route_facts{"Tells what changes while a page looks at it, as Server-Sent "
                                 "Events"}
                       .scope("environment:syncs:read")
                       .answers(200, {})
                       .fails(404, "unknown_connection")
                       .fails(404, "unknown_sync"))};
}

} // namespace varia
