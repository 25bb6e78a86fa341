#include "api/routes/doctor_routes.hpp"

#include "api/doctor.hpp"
#include "api/process_facts.hpp"
#include "api/sync_status.hpp"
#include "core/recent_log.hpp"
#include "store/outbox.hpp"

#include <algorithm>
#include <utility>

namespace varia {

namespace {

constexpr auto reads_cluster = "account:cluster:read";
constexpr auto reads_syncs = "environment:syncs:read";

constexpr size_t named_max = 5;

// What could not be asked is a finding, not an error.
template <class T>
std::optional<T> if_known(expected<T> x) {
  return x ? std::optional<T>{std::move(*x)} : std::nullopt;
}

doctor_facts read_installation(api_call& x) {
  doctor_facts result;
  result.now = now_ms();
  result.redis = if_known(read_server_facts(x.db));
  leases all{x.db};
  result.lead = if_known(all.leader());
  result.coordinators = if_known(all.coordinators()).value_or(std::vector<coordinator_lease>{});
  // Without a leader, asking takes as long as its patience does.
  if (result.lead && !result.lead->leader.empty())
    result.cluster = if_known(x.api.cluster->status());
  if (x.api.process) {
    result.software = x.api.process->software;
    for (auto& path : x.api.process->certificates)
      result.certificates.push_back({path, end_of_certificate(path)});
  }
  return result;
}

// A variant as people see it.
struct examined_variant {
  const connection* of = nullptr;
  variant_entry entry;
  variant_state state;
};

expected<std::vector<examined_variant>> variants_of(redis& db, const connection& of) {
  auto found = find_variants(db, of.number, {});
  if (!found)
    return std::move(found.error());
  std::vector<variant_ref> refs;
  for (auto& entry : found->entries)
    refs.push_back(ref_of(entry));
  std::vector<examined_variant> result;
  if (refs.empty())
    return result;
  auto states = runs{db}.states(refs);
  if (!states)
    return std::move(states.error());
  for (size_t i = 0; i < refs.size(); ++i)
    result.push_back({&of, std::move(found->entries[i]), std::move((*states)[i])});
  return result;
}

void count_variant(const examined_variant& x, const std::vector<function>& deployed,
                   environment_facts& to) {
  ++to.variants;
  if (x.state.fails > 0)
    ++to.failing;
  if (is_stopped(x.entry))
    ++to.stopped;
  auto is_its = [&](const function& f) {
    return f.provider_config_key == x.of->provider_config_key && f.name == x.entry.key.sync.name;
  };
  if (std::none_of(deployed.begin(), deployed.end(), is_its))
    ++to.without_function;
}

// Keeps those that failed most often in a row, and sorts them.
void keep_most_failing(std::vector<examined_variant>& all) {
  auto kept = std::min(named_max, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                    [](auto& a, auto& b) { return a.state.fails > b.state.fails; });
  all.resize(kept);
}

expected<void> count_variants(api_call& x, environment_facts& to) {
  auto all = connections{x.db}.list(x.environment());
  if (!all)
    return std::move(all.error());
  auto deployed = functions{x.db}.list(x.environment());
  if (!deployed)
    return std::move(deployed.error());
  std::vector<examined_variant> failing;
  for (auto& of : *all) {
    auto some = variants_of(x.db, of);
    if (!some)
      return std::move(some.error());
    for (auto& each : *some) {
      count_variant(each, *deployed, to);
      if (each.state.fails > 0)
        failing.push_back(std::move(each));
    }
    keep_most_failing(failing);
  }
  for (auto& each : failing)
    to.failing_most.push_back(each.of->connection_id + " " + each.entry.key.sync.name
                              + "::" + each.entry.key.name);
  return caf::unit;
}

expected<environment_facts> read_environment(api_call& x) {
  environment_facts result;
  if (auto done = count_variants(x, result); !done)
    return std::move(done.error());
  auto counts = outbox{x.db}.counts(x.environment());
  if (!counts)
    return std::move(counts.error());
  result.dead_letters = static_cast<uint64_t>(std::max<int64_t>(counts->dead, 0));
  result.webhooks_waiting = static_cast<uint64_t>(std::max<int64_t>(counts->waiting, 0));
  return result;
}

json findings_text(const std::vector<finding>& all) {
  auto result = json::array();
  for (auto& each : all)
    result.push_back({{"check", each.check},
                      {"verdict", to_string(each.verdict)},
                      {"text", each.text},
                      {"advice", each.advice.empty() ? json(nullptr) : json(each.advice)}});
  return result;
}

// Each part for whoever may see it.
expected<http_response> examine(api_call& x) {
  if (auto no = x.refuse_query(nothing()))
    return std::move(*no);
  std::vector<finding> all;
  if (x.may(reads_cluster))
    all = examine_installation(read_installation(x));
  if (!x.environment().empty() && x.may(reads_syncs)) {
    auto facts = read_environment(x);
    if (!facts)
      return std::move(facts.error());
    auto more = examine_environment(*facts);
    all.insert(all.end(), more.begin(), more.end());
  }
  return json_answer(200, {{"verdict", to_string(worst_of(all))}, {"checks", findings_text(all)}});
}

expected<http_response> show_settings(api_call& x) {
  if (auto no = x.refuse_query(nothing()))
    return std::move(*no);
  auto values = json::object();
  if (x.api.process)
    for (auto& [name, value] : x.api.process->settings)
      values[name] = value;
  return json_answer(200, {{"software", x.api.process ? json(x.api.process->software) : nullptr},
                           {"settings", std::move(values)}});
}

// A line may have any bytes that somebody logged.
json text_json(const std::string& text) {
  auto shown = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  return json::parse(shown);
}

expected<http_response> show_log(api_call& x) {
  if (auto no = x.refuse_query(nothing()))
    return std::move(*no);
  auto lines = json::array();
  for (auto& line : recent_log_lines())
    lines.push_back(text_json(line));
  return json_answer(200, {{"lines", std::move(lines)}});
}

constexpr auto doctor_example
  = R"({"verdict":"warn","checks":[{"check":"redis.memory","verdict":"warn",)"
    R"("text":"900 MB used, 90% of maxmemory","advice":null}]})";
constexpr auto settings_example
  = R"({"software":"0.1.0","settings":{"redis.url":"redis://***@10.0.0.5"}})";

} // namespace

std::vector<route> doctor_routes(const api_context& api) {
  std::vector<route> result{
    make_route(api, "GET", "/varia/doctor", examine,
               route_facts{"Checks the installation and the environment"}
                 .scope(reads_cluster)
                 .scope(reads_syncs)
                 .answers(200, doctor_example)),
    make_route(api, "GET", "/varia/settings", show_settings,
               route_facts{"Shows how the coordinator that answers is set, without secrets"}
                 .scope(reads_cluster)
                 .answers(200, settings_example)),
    make_route(api, "GET", "/varia/log", show_log,
               route_facts{"Shows what the coordinator that answers has logged last"}
                 .scope(reads_cluster)
                 .answers(200, R"({"lines":[]})")),
  };
  for (auto& each : result)
    each.needs = access::with_any_key;
  return result;
}

} // namespace varia
