#include "console/bulk.hpp"

#include "console/exit_code.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr size_t variants_per_sync_request = 500;

constexpr size_t syncs_per_request = 200;

std::string text_at(const json& row, const char* field) {
  auto found = row.find(field);
  return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string value_at(const verb_values& values, const char* name) {
  auto found = values.find(name);
  return found == values.end() ? "" : found->second;
}

bool fits(const std::string& wanted, const std::string& there) {
  return wanted.empty() || wanted == there;
}

bool fits_in_any_case(const std::string& wanted, const std::string& there) {
  auto same = [](char a, char b) { return std::toupper(a) == std::toupper(b); };
  return wanted.empty()
         || std::equal(wanted.begin(), wanted.end(), there.begin(), there.end(), same);
}

bool is_failing(const json& row) {
  auto failures = row.find("failures_in_a_row");
  return text_at(row, "status") == "ERROR"
         || (failures != row.end() && failures->is_number() && failures->get<int64_t>() > 0);
}

} // namespace

bool variant_selector::is_empty() const {
  return integration.empty() && connection.empty() && sync.empty() && variant.empty()
         && prefix.empty() && state.empty() && !is_failing && !is_all;
}

std::vector<verb_argument> selector_arguments() {
  constexpr auto text = argument_kind::text;
  constexpr auto flag = argument_kind::flag;
  return {
    {"INTEGRATION", "provider_config_key", "Of this integration", text, true},
    {"CONNECTION", "connection_id", "Of this connection", text, true},
    {"SYNC", "name", "Of this sync", text, true},
    {"VARIANT", "variant", "The one of this name", text, true},
    {"--variant-prefix", "variant_prefix", "Those whose name begins so", text, true},
    {"--state", "state", "Those with this status, such as RUNNING or PAUSED", text, true},
    {"--failing", "failing", "Those whose last run failed", flag, true},
    {"--all", "all", "All there are, where nothing else is said", flag, true},
  };
}

variant_selector selector_of(const verb_values& values) {
  return {value_at(values, "provider_config_key"),
          value_at(values, "connection_id"),
          value_at(values, "name"),
          value_at(values, "variant"),
          value_at(values, "variant_prefix"),
          value_at(values, "state"),
          !value_at(values, "failing").empty(),
          !value_at(values, "all").empty()};
}

bool selects(const variant_selector& x, const json& row) {
  auto name = text_at(row, "variant");
  return fits(x.integration, text_at(row, "provider_config_key"))
         && fits(x.connection, text_at(row, "connection_id")) && fits(x.sync, text_at(row, "sync"))
         && fits(x.variant, name) && name.compare(0, x.prefix.size(), x.prefix) == 0
         && fits_in_any_case(x.state, text_at(row, "status")) && (!x.is_failing || is_failing(row));
}

namespace {

// What stands in the body of the request for a group of variants, but the list of them.
json names_for(bulk_rule rule, const json& row) {
  json result{{"provider_config_key", text_at(row, "provider_config_key")},
              {"connection_id", text_at(row, "connection_id")}};
  if (rule != bulk_rule::by_connection)
    result["name"] = text_at(row, "sync");
  if (rule == bulk_rule::by_variant)
    result["variant"] = text_at(row, "variant");
  return result;
}

size_t targets_max(bulk_rule rule) {
  switch (rule) {
    case bulk_rule::by_sync: return variants_per_sync_request;
    case bulk_rule::by_connection: return syncs_per_request;
    default: return 1;
  }
}

void add_target(bulk_rule rule, const json& row, bulk_request& to) {
  if (rule == bulk_rule::by_sync)
    to.members["variants"].push_back(text_at(row, "variant"));
  if (rule == bulk_rule::by_connection)
    to.members["syncs"].push_back(
      {{"name", text_at(row, "sync")}, {"variant", text_at(row, "variant")}});
  to.targets.push_back(row);
}

} // namespace

std::vector<bulk_request> bulk_requests(bulk_rule rule, const std::vector<json>& targets) {
  std::vector<bulk_request> result;
  std::map<std::string, size_t> open; // By names: the request that still takes targets.
  for (auto& row : targets) {
    auto names = names_for(rule, row);
    auto [place, is_new] = open.emplace(names.dump(), result.size());
    if (is_new || result[place->second].targets.size() >= targets_max(rule)) {
      place->second = result.size();
      result.push_back({std::move(names), {}});
    }
    add_target(rule, row, result[place->second]);
  }
  return result;
}

namespace {

expected<std::vector<json>> find_targets(const verb_call& call) {
  auto selector = selector_of(call.values);
  verb_values query{{"provider_config_key", selector.integration},
                    {"connection_id", selector.connection},
                    {"sync", selector.sync}};
  auto message = message_of(*find_verb("variants list"), query);
  auto answer = message ? ask(call.server, *message) : std::move(message.error());
  if (!answer)
    return std::move(answer.error());
  std::vector<json> result;
  for (auto& row : answer->value("variants", json::array()))
    if (selects(selector, row))
      result.push_back(row);
  if (result.empty())
    return fail(errc::not_found, "there is no such variant");
  return result;
}

json outcome_row(const json& target, const std::string& outcome, const std::string& error = {}) {
  json result{{"provider_config_key", text_at(target, "provider_config_key")},
              {"connection_id", text_at(target, "connection_id")},
              {"sync", text_at(target, "sync")},
              {"variant", text_at(target, "variant")},
              {"outcome", outcome}};
  result["error"] = error.empty() ? json(nullptr) : json(error);
  return result;
}

// A server that judges each variant for itself answers with a list of results.
json row_of_answer(const json& target, const json& answer) {
  if (answer.is_object() && answer.contains("results"))
    for (auto& result : answer["results"])
      if (text_at(result, "variant") == text_at(target, "variant")) {
        auto error = result.find("error");
        return outcome_row(target, text_at(result, "outcome"),
                           error == result.end() ? "" : text_at(*error, "code"));
      }
  return outcome_row(target, "done");
}

class bulk_run {
public:
  explicit bulk_run(const verb_call& call) : call_{call} {}

  void send(const bulk_request& request) {
    auto answer = is_given_up_ ? fail(errc::cancelled, "not tried") : answer_to(request);
    for (auto& target : request.targets)
      rows_.push_back(answer ? row_of_answer(target, *answer)
                             : outcome_row(target, "failed", detail_of(answer.error())));
    if (answer)
      note_refusals(request.targets.size());
    else if (code_ == exit_code::ok)
      code_ = exit_code_of(answer.error());
    is_given_up_ = is_given_up_ || (!answer && code_of(answer.error()) == errc::unavailable);
  }

  const json& rows() const { return rows_; }

  int code() const { return code_; }

private:
  expected<json> answer_to(const bulk_request& request) const {
    auto message = message_of(call_.which, call_.values, request.members);
    if (!message)
      return std::move(message.error());
    return ask(call_.server, *message);
  }

  void note_refusals(size_t count) {
    auto is_refused = [](auto& row) { return row["outcome"] == "refused"; };
    auto last = rows_.end() - static_cast<std::ptrdiff_t>(count);
    if (code_ == exit_code::ok && std::any_of(last, rows_.end(), is_refused))
      code_ = exit_code::failed;
  }

  const verb_call& call_;
  json rows_ = json::array();
  int code_ = exit_code::ok;
  bool is_given_up_ = false;
};

int tell_plan(const verb_call& call, const std::vector<json>& targets) {
  auto rows = json::array();
  for (auto& target : targets)
    rows.push_back(outcome_row(target, "planned"));
  print_answer(call, {{"results", std::move(rows)}});
  return exit_code::ok;
}

} // namespace

int run_bulk(const verb_call& call) {
  if (selector_of(call.values).is_empty())
    return give_up_usage(call, "say which variants, or --all");
  auto targets = find_targets(call);
  if (!targets)
    return give_up(call, targets.error());
  if (call.options.is_dry_run)
    return tell_plan(call, *targets);
  if (call.which.is_destructive()) {
    auto values = call.values;
    values["count"] = std::to_string(targets->size());
    if (auto no = refuse_unconfirmed(call, fill_in(call.which.destroys, values)))
      return *no;
  }
  bulk_run run{call};
  for (auto& request : bulk_requests(call.which.bulk, *targets))
    run.send(request);
  if (!call.options.is_quiet || run.code() != exit_code::ok)
    print_answer(call, {{"results", run.rows()}});
  return run.code();
}

} // namespace varia
