#include "api/routes/log_level_routes.hpp"

#include "store/leases.hpp"
#include "store/log_levels.hpp"

#include <utility>

namespace varia {

namespace {

constexpr double span_max_s = 7 * 24 * 3600;

schema process_name_text() {
  return text({at_least(1), at_most(255)});
}

json level_text(const std::optional<wanted_log_level>& x) {
  if (!x)
    return nullptr;
  return {{"level", x->level}, {"left_s", x->left ? json(x->left->count() / 1000) : json(nullptr)}};
}

// Every process that lives, by the name that it has in listings.
expected<std::vector<std::pair<std::string, const char*>>> list_processes(redis& db) {
  leases all{db};
  auto coordinators = all.coordinators();
  if (!coordinators)
    return std::move(coordinators.error());
  auto workers = all.workers();
  if (!workers)
    return std::move(workers.error());
  std::vector<std::pair<std::string, const char*>> result;
  for (auto& each : *coordinators)
    result.emplace_back(each.holder, "coordinator");
  for (auto& each : *workers)
    result.emplace_back(each.worker, "worker");
  return result;
}

expected<http_response> show(api_call& x) {
  static const auto query = nothing();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto processes = list_processes(x.db);
  if (!processes)
    return std::move(processes.error());
  std::vector<std::string> names{std::string{}};
  for (auto& [name, kind] : *processes)
    names.push_back(name);
  auto wanted = log_levels{x.db}.find(names);
  if (!wanted)
    return std::move(wanted.error());
  auto list = json::array();
  for (size_t i = 0; i < processes->size(); ++i)
    list.push_back({{"process", (*processes)[i].first},
                    {"kind", (*processes)[i].second},
                    {"wanted", level_text((*wanted)[i + 1])}});
  return json_answer(200, {{"all", level_text(wanted->front())}, {"processes", std::move(list)}});
}

// Of one that does not live nobody would ever forget the level.
expected<bool> is_process(api_call& x, const std::string& name) {
  if (name.empty())
    return true;
  auto processes = list_processes(x.db);
  if (!processes)
    return std::move(processes.error());
  for (auto& each : *processes)
    if (each.first == name)
      return true;
  return false;
}

expected<http_response> set(api_call& x) {
  static const auto body = object({{"level", one_of({"debug", "info", "warn", "error"})},
                                   {"process", optional(process_name_text())},
                                   {"for_s", optional(whole_number(1, span_max_s))}});
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto process = text_at(*x.body, "process");
  auto known = is_process(x, process);
  if (!known)
    return std::move(known.error());
  if (!*known)
    return refuse(404, "not_found", "There is no process named " + process);
  std::optional<milliseconds> span;
  if (auto seconds = x.body->value("for_s", int64_t{0}); seconds > 0)
    span = std::chrono::seconds{seconds};
  auto done = log_levels{x.db}.want(process, text_at(*x.body, "level"), span);
  if (!done)
    return std::move(done.error());
  return succeed();
}

expected<http_response> forget(api_call& x) {
  static const auto query = object({{"process", optional(process_name_text())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto done = log_levels{x.db}.forget(text_at(x.query, "process"));
  if (!done)
    return std::move(done.error());
  return succeed();
}

constexpr auto levels_example
  = R"({"all":null,"processes":[{"process":"w1","kind":"worker","wanted":null}]})";

route_facts change_facts(const char* summary) {
  return route_facts{summary}
    .scope("account:cluster:write")
    .audited_for_all("log.level_changed")
    .answers(200, R"({"success":true})");
}

} // namespace

std::vector<route> log_level_routes(const api_context& api) {
  std::vector<route> result{
    make_route(api, "GET", "/varia/log-level", show,
               route_facts{"Tells at which levels processes are to log"}
                 .scope("account:cluster:read")
                 .answers(200, levels_example)),
    make_route(api, "PUT", "/varia/log-level", set,
               change_facts("Has one process or all log at a level, for a while or for good")
                 .fails(404, "not_found")),
    make_route(api, "DELETE", "/varia/log-level", forget,
               change_facts("Has one process or all log at the level of their settings again")),
  };
  for (auto& each : result)
    each.needs = access::with_any_key;
  return result;
}

} // namespace varia
