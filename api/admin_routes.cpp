#include "api/admin_routes.hpp"

#include "api/connection_text.hpp"
#include "api/progress_text.hpp"
#include "api/run_text.hpp"
#include "api/sync_status.hpp"
#include "store/run_logs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <variant>

namespace varia {

namespace {

constexpr size_t variants_max = 10'000;
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

json moment_or_null(time_ms at) {
  return at > 0 ? json(to_iso_z(at)) : json(nullptr);
}

json variant_text(const connection& of, const variant_entry& entry, const variant_state& state,
                  const function* deployed, time_ms now) {
  int64_t total = 0;
  for (auto& [model, count] : state.record_count)
    total += count;
  auto next = next_run_of(entry, deployed, now);
  auto worker = state.placement.worker;
  return {
    {"connection_id", of.connection_id},
    {"provider_config_key", of.provider_config_key},
    {"sync", entry.key.sync.name},
    {"name", entry.key.sync.name},
    {"variant", entry.key.name},
    {"id", entry.id},
    {"status", status_of(entry, state)},
    {"frequency", frequency_of(entry, deployed)},
    {"pause_reason", entry.pause_reason.empty() ? json(nullptr) : json(entry.pause_reason)},
    {"failures_in_a_row", state.fails},
    {"worker", worker.empty() ? json(nullptr) : json(worker)},
    {"next_run", next ? json(to_iso_z(*next)) : json(nullptr)},
    {"records", total},
    {"last_outcome", state.last_outcome ? json(to_string(*state.last_outcome)) : json(nullptr)},
    {"last_error", stored_json(state.error, nullptr)},
    {"run", state.run},
    {"started_at", moment_or_null(state.started_at)},
    {"finished_at", moment_or_null(state.finished_at)},
    {"progress", progress_text(state, now)}};
}

// Adds the variants of one connection to the list.
expected<void> append_variants(api_call& x, const connection& of,
                               const std::vector<function>& deployed, json& result) {
  auto found = find_variants(x.db, of.number, {});
  if (!found)
    return std::move(found.error());
  auto sync = text_at(x.query, "sync");
  std::vector<variant_entry> entries;
  std::vector<variant_ref> refs;
  for (auto& entry : found->entries) {
    if (!sync.empty() && entry.key.sync.name != sync)
      continue;
    refs.push_back(ref_of(entry));
    entries.push_back(std::move(entry));
  }
  if (refs.empty())
    return caf::unit;
  auto states = runs{x.db}.states(refs);
  if (!states)
    return std::move(states.error());
  for (size_t i = 0; i < entries.size() && result.size() < variants_max; ++i) {
    auto same = [&](auto& f) {
      return f.provider_config_key == of.provider_config_key && f.name == entries[i].key.sync.name;
    };
    auto function = std::find_if(deployed.begin(), deployed.end(), same);
    result.push_back(variant_text(of, entries[i], (*states)[i],
                                  function == deployed.end() ? nullptr : &*function, now_ms()));
  }
  return caf::unit;
}

expected<http_response> list_variants(api_call& x) {
  static const auto query = object({{"connection_id", optional(connection_id())},
                                    {"provider_config_key", optional(provider_config_key())},
                                    {"sync", optional(sync_name())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto all = connections{x.db}.list(x.environment());
  if (!all)
    return std::move(all.error());
  auto deployed = functions{x.db}.list(x.environment());
  if (!deployed)
    return std::move(deployed.error());
  auto result = json::array();
  for (auto& of : *all) {
    if (text_at(x.query, "connection_id", of.connection_id) != of.connection_id
        || text_at(x.query, "provider_config_key", of.provider_config_key)
             != of.provider_config_key)
      continue;
    if (result.size() >= variants_max)
      break;
    if (auto done = append_variants(x, of, *deployed, result); !done)
      return std::move(done.error());
  }
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

json line_text(const stored_line& x) {
  json result{{"id", x.id}};
  if (auto fields = stored_json(x.text, json::object()); fields.is_object())
    result.update(fields);
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
