#include "api/routes/admin_routes.hpp"

#include "api/connection_text.hpp"
#include "api/run_text.hpp"
#include "api/variant_rows.hpp"
#include "store/run_logs.hpp"

#include <cmath>
#include <cstdlib>
#include <variant>

namespace varia {

namespace {

constexpr double entries_max = 1000;
constexpr size_t entries_default = 50;
constexpr double runs_max = 1e15;

expected<http_response> health(api_call&) {
  return json_answer(200, {{"result", "ok"}});
}

expected<http_response> ready(api_call& x) {
  if (auto answer = x.db.run({"PING"}); !answer)
    return std::move(answer.error());
  return json_answer(200, {{"result", "ok"}});
}

expected<http_response> list_variants(api_call& x) {
  static const auto query = object({{"connection_id", optional(connection_id())},
                                    {"provider_config_key", optional(provider_config_key())},
                                    {"sync", optional(sync_name())},
                                    {"recent", optional(number_text(0, recent_runs_max))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto all = survey_variants(x.db, {x.environment(), text_at(x.query, "provider_config_key"),
                                    text_at(x.query, "connection_id"), text_at(x.query, "sync")});
  if (!all)
    return std::move(all.error());
  auto recent = std::strtoull(text_at(x.query, "recent", "0").c_str(), nullptr, 10);
  auto result = json::array();
  auto now = now_ms();
  for (auto& each : all->census.variants)
    result.push_back(variant_row_text(*all, each, now, recent));
  return json_answer(200, {{"variants", std::move(result)}});
}

// The query of a route about one variant; not every one heeds all of it.
std::optional<http_response> refuse_variant_query(const api_call& x) {
  static const auto query = object({{"connection_id", connection_id()},
                                    {"provider_config_key", provider_config_key()},
                                    {"name", sync_name()},
                                    {"variant", optional(sync_name())},
                                    {"limit", optional(number_text(1, entries_max))},
                                    {"level", optional(one_of({"debug", "info", "warn", "error"}))},
                                    {"run", optional(number_text(1, runs_max))},
                                    {"after", optional(text({at_least(1), at_most(64)}))}});
  return x.refuse_query(query);
}

// The variant that the query names, or the refusal.
using named_variant = std::variant<variant_ref, http_response>;

expected<named_variant> find_variant(api_call& x) {
  if (auto no = refuse_variant_query(x))
    return named_variant{std::move(*no)};
  auto number = connections{x.db}.number_of(
    x.environment(), text_at(x.query, "provider_config_key"), text_at(x.query, "connection_id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return named_variant{refuse(404, "unknown_connection")};
  auto entry = variants{x.db}.find(
    {{*number, text_at(x.query, "name")}, text_at(x.query, "variant", base_variant)});
  if (!entry)
    return std::move(entry.error());
  if (!*entry)
    return named_variant{refuse(404, "unknown_sync")};
  return named_variant{ref_of(**entry)};
}

size_t limit_of(const api_call& x) {
  auto text = text_at(x.query, "limit");
  return text.empty() ? entries_default
                      : static_cast<size_t>(std::lround(std::strtod(text.c_str(), nullptr)));
}

expected<http_response> list_runs(api_call& x) {
  auto target = find_variant(x);
  if (!target)
    return std::move(target.error());
  if (auto no = std::get_if<http_response>(&*target))
    return std::move(*no);
  auto history = runs{x.db}.history(std::get<variant_ref>(*target), limit_of(x));
  if (!history)
    return std::move(history.error());
  auto result = json::array();
  for (auto& entry : *history)
    result.push_back(run_text(entry));
  return json_answer(200, {{"runs", std::move(result)}});
}

log_query log_query_of(const api_call& x) {
  log_query result;
  result.count = limit_of(x);
  result.level_min = parse_log_level(text_at(x.query, "level")).value_or(log_level::debug);
  if (auto run = text_at(x.query, "run"); !run.empty())
    result.run = std::strtoull(run.c_str(), nullptr, 10);
  result.after = text_at(x.query, "after");
  return result;
}

expected<http_response> read_log(api_call& x) {
  auto target = find_variant(x);
  if (!target)
    return std::move(target.error());
  if (auto no = std::get_if<http_response>(&*target))
    return std::move(*no);
  auto query = log_query_of(x);
  if (!query.after.empty() && !is_line_id(query.after))
    return refuse_issues("invalid_query_params",
                         {{"invalid_format", "Invalid id of a line", {"after"}}});
  auto lines = run_logs{x.db}.read(std::get<variant_ref>(*target), query);
  if (!lines)
    return std::move(lines.error());
  auto result = json::array();
  for (auto& line : *lines)
    result.push_back(line_text(line));
  return json_answer(200, {{"lines", std::move(result)}});
}

route open_route(const api_context& api, std::string path, handler answer, const char* summary) {
  auto result = make_route(api, "GET", std::move(path), std::move(answer),
                           route_facts{summary}.answers(200, R"({"result":"ok"})"));
  result.needs = access::open;
  return result;
}

} // namespace

std::vector<route> admin_routes(const api_context& api) {
  return {
    open_route(api, "/health", health, "Says that the process serves"),
    open_route(api, "/ready", ready, "Says whether Redis answers, too"),
    make_route(api, "GET", "/varia/variants", list_variants,
               route_facts{"Lists variants and where they run"}
                 .scope("environment:syncs:read")
                 .answers(200, R"({"variants":[]})")),
    make_route(api, "GET", "/varia/variants/runs", list_runs,
               route_facts{"Lists what a variant did, newest first"}
                 .scope("environment:logs:read")
                 .answers(200, R"({"runs":[]})")
                 .fails(404, "unknown_connection")
                 .fails(404, "unknown_sync")),
    make_route(api, "GET", "/varia/variants/log", read_log,
               route_facts{"Reads what the last runs of a variant logged"}
                 .scope("environment:logs:read")
                 .answers(200, R"({"lines":[]})")
                 .fails(404, "unknown_connection")
                 .fails(404, "unknown_sync")),
  };
}

} // namespace varia
