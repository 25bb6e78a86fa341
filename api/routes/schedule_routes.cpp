#include "api/routes/schedule_routes.hpp"

#include "api/named_variant.hpp"
#include "api/schedule_text.hpp"
#include "api/sync_status.hpp"

#include <cstdlib>
#include <optional>
#include <utility>

namespace varia {

namespace {

constexpr double preview_max = 100;
constexpr size_t preview_default = 10;
constexpr size_t reason_max = 200;

json rules_text(const std::string& packed) {
  auto rules = unpack_rules(packed);
  return packed.empty() || !rules ? json(nullptr) : schedule_text(*rules);
}

json moment_or_null(std::optional<time_ms> at) {
  return at ? json(to_iso_z(*at)) : json(nullptr);
}

json describe(const named_variant& what, const variant_state& state, time_ms now) {
  auto& entry = what.entry;
  auto retry = next_retry_of(entry, state, what.of());
  return {{"schedule", rules_text(entry.schedule)},
          {"frequency", entry.frequency.empty() ? json(nullptr) : json(entry.frequency)},
          {"function", what.deployed ? rules_text(what.deployed->schedule) : json(nullptr)},
          {"in_effect", schedule_text(rules_in_effect(entry, what.of()))},
          {"changed_at", entry.since > 0 ? json(to_iso_z(entry.since)) : json(nullptr)},
          {"paused", entry.paused},
          {"pause_reason", entry.pause_reason.empty() ? json(nullptr) : json(entry.pause_reason)},
          {"failures_in_a_row", state.fails},
          {"next_run", moment_or_null(next_run_of(entry, what.of(), now))},
          {"retry_at", moment_or_null(retry)}};
}

expected<variant_state> state_of(api_call& x, const variant_entry& entry) {
  auto states = runs{x.db}.states({ref_of(entry)});
  if (!states)
    return std::move(states.error());
  return std::move(states->front());
}

expected<http_response> show(api_call& x, const named_variant& what) {
  auto state = state_of(x, what.entry);
  if (!state)
    return std::move(state.error());
  return json_answer(200, describe(what, *state, now_ms()));
}

expected<http_response> read(api_call& x) {
  static const auto query = naming();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  return with_variant(x, x.query, [&](const named_variant& what) { return show(x, what); });
}

// Answers with what is in effect from now on.
expected<http_response> change(api_call& x, const json& names, const std::string& packed,
                               bool replaces_frequency) {
  auto set = [&](const named_variant& what) -> expected<http_response> {
    auto done
      = x.api.cluster->set_schedule(what.entry.key, packed, replaces_frequency, what.of_function());
    if (!done && code_of(done.error()) == errc::not_found)
      return refuse(404, "unknown_sync");
    if (!done)
      return std::move(done.error());
    return with_variant(x, names, [&](const named_variant& now) { return show(x, now); });
  };
  return with_variant(x, names, set);
}

expected<http_response> replace(api_call& x) {
  static const auto query = nothing();
  static const auto body = naming({{"schedule", schedule_rules_schema()}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto rules = read_schedule(x.body->at("schedule"));
  return change(x, *x.body, pack_rules(rules), !rules.every.empty() || !rules.cron.empty());
}

expected<http_response> remove(api_call& x) {
  static const auto query = naming();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  return change(x, x.query, {}, false);
}

expected<http_response> answer_preview(const schedule& plan, const schedule_rules& rules,
                                       std::optional<time_ms> last, size_t count) {
  auto zone = time_zone::find(rules.time_zone);
  auto clocks = zone ? *zone : time_zone{};
  auto runs = json::array();
  for (auto& run : preview(plan, last, now_ms(), count))
    runs.push_back(
      {{"at", to_iso_z(run.at)}, {"local", clocks.render(run.at)}, {"slot", to_iso_z(run.slot)}});
  return json_answer(200, {{"time_zone", rules.time_zone}, {"runs", std::move(runs)}});
}

// A paused variant shows when it would run.
expected<http_response> preview_present(api_call& x) {
  static const auto query = naming({{"count", optional(number_text(1, preview_max))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto count = text_at(x.query, "count");
  return with_variant(x, x.query, [&](const named_variant& what) -> expected<http_response> {
    auto state = state_of(x, what.entry);
    if (!state)
      return std::move(state.error());
    return answer_preview(
      schedule_of(what.entry, what.of()), rules_in_effect(what.entry, what.of()), state->last_slot,
      count.empty() ? preview_default : static_cast<size_t>(std::strtod(count.c_str(), nullptr)));
  });
}

// As it would be if it were set now.
expected<http_response> preview_other(api_call& x) {
  static const auto query = nothing();
  static const auto body = naming(
    {{"schedule", schedule_rules_schema()}, {"count", optional(whole_number(1, preview_max))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto rules = read_schedule(x.body->at("schedule"));
  auto count = x.body->value("count", preview_default);
  return with_variant(x, *x.body, [&](const named_variant& what) -> expected<http_response> {
    auto state = state_of(x, what.entry);
    if (!state)
      return std::move(state.error());
    auto entry = what.entry;
    entry.schedule = pack_rules(rules);
    if (!rules.every.empty() || !rules.cron.empty())
      entry.frequency.clear();
    entry.since = now_ms();
    return answer_preview(schedule_of(entry, what.of()), rules_in_effect(entry, what.of()),
                          state->last_slot, count);
  });
}

expected<http_response> cancel(api_call& x) {
  static const auto query = nothing();
  static const auto body = naming({{"reason", optional(text({at_least(1), at_most(reason_max)}))}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  auto reason = text_at(*x.body, "reason", "the run was cancelled");
  return with_variant(x, *x.body, [&](const named_variant& what) -> expected<http_response> {
    auto done = x.api.cluster->cancel({what.entry.key}, reason);
    if (!done && code_of(done.error()) == errc::not_found)
      return refuse(404, "unknown_sync");
    if (!done)
      return std::move(done.error());
    return succeed();
  });
}

constexpr auto schedule_example
  = R"({"schedule":null,"frequency":null,"function":null,"in_effect":{"every":"every 5m"},)"
    R"("changed_at":null,"paused":false,"pause_reason":null,"failures_in_a_row":0,)"
    R"("next_run":null,"retry_at":null})";
constexpr auto preview_example = R"({"time_zone":"UTC","runs":[]})";

route_facts facts(const char* summary, const char* scope) {
  return route_facts{summary}
    .scope(scope)
    .fails(404, "unknown_connection")
    .fails(404, "unknown_sync");
}

constexpr auto reads = "environment:syncs:read";
constexpr auto updates = "environment:syncs:update";
constexpr auto executes = "environment:syncs:execute";

} // namespace

std::vector<route> schedule_routes(const api_context& api) {
  std::string path = "/varia/variants/schedule";
  return {
    make_route(api, "GET", path, read,
               facts("Tells when a variant is due, and by which rules", reads)
                 .answers(200, schedule_example)),
    make_route(api, "PUT", path, replace,
               facts("Gives a variant a schedule of its own", updates)
                 .audited("sync.schedule_changed")
                 .answers(200, schedule_example)),
    make_route(api, "DELETE", path, remove,
               facts("Gives a variant the schedule of its function again", updates)
                 .audited("sync.schedule_changed")
                 .answers(200, schedule_example)),
    make_route(api, "GET", path + "/preview", preview_present,
               facts("Tells when a variant will run", reads).answers(200, preview_example)),
    make_route(api, "POST", path + "/preview", preview_other,
               facts("Tells when a variant would run by another schedule", reads)
                 .answers(200, preview_example)),
    make_route(api, "POST", "/varia/variants/cancel", cancel,
               facts("Cancels what a variant runs", executes)
                 .audited("sync.cancelled")
                 .answers(200, R"({"success":true})")),
  };
}

} // namespace varia
