#include "store/functions.hpp"
#include "worker/script_calls.hpp"

#include <algorithm>
#include <utility>

namespace varia {

namespace {

constexpr size_t syncs_max = 256;
constexpr size_t variants_max = 10000;

} // namespace

void script_calls::trigger_sync(const call& x) {
  auto keys = find_variants(x);
  if (!keys)
    return refuse(x, keys.error());
  trigger_options options;
  options.reset = x.args.at("reset").flag();
  options.empty_cache = options.reset && x.args.at("emptyCache").flag();
  options.trace = to_text(facts_.trace.child());
  commands_.trigger(*keys, options, answer_when_done(x));
}

void script_calls::start_sync(const call& x) {
  auto keys = find_variants(x);
  if (!keys)
    return refuse(x, keys.error());
  commands_.start(*keys, answer_when_done(x));
}

// The leader may be away for a while, and the run's thread is needed by others. The host keeps us
// alive.
script_commands::done_handler script_calls::answer_when_done(const call& x) {
  return [this, host = x.host, seq = x.seq](const expected<void>& done) {
    host->post([this, host, seq, done] { reply_done({host, seq, {}}, done); });
  };
}

// Whoever calls waits in its own place, and what it calls has a place by how deep it is nested: so
// none waits for another's.
void script_calls::trigger_action(const call& x) {
  auto ordered = order_action(x);
  if (!ordered)
    return refuse(x, ordered.error());
  if (auto no = std::get_if<action_answer>(&*ordered))
    return tell_outcome(x, *no);
  const auto& order = std::get<action_order>(*ordered);
  waits_.wait(order, [this, host = x.host, seq = x.seq](const expected<action_state>& how) {
    auto outcome = answer_of(how);
    host->post([this, host, seq, outcome] { tell_outcome({host, seq, {}}, outcome); });
  });
  auto put = ask_store(x, [&](redis& db) { return actions{db}.put(order, rules_.limits); });
  if (!put)
    waits_.fail_with(order.id, put.error());
}

// Or what the script is answered instead.
expected<std::variant<action_order, action_answer>> script_calls::order_action(const call& x) {
  using result = std::variant<action_order, action_answer>;
  auto depth = facts_.call ? facts_.depth + 1 : 0;
  if (depth > action_depth_max)
    return fail(errc::invalid,
                "actions call each other " + std::to_string(action_depth_max) + " deep at most");
  auto key = x.args.at("providerConfigKey").text();
  auto id = x.args.at("connectionId").text();
  auto name = x.args.at("name").text();
  const auto& environment = facts_.link.environment;
  auto link = ask_store(x, [&](redis& db) { return connections{db}.find(environment, key, id); });
  if (!link)
    return std::move(link.error());
  if (!*link)
    return result{action_refused(400, "unknown_connection", {})};
  auto code = ask_store(x, [&](redis& db) {
    return functions{db}.find(environment, key, name, function_kind::action);
  });
  if (!code)
    return std::move(code.error());
  if (!*code)
    return result{action_refused(404, "not_found", "There is no such action")};
  auto order = order_call(**link, **code, rules_);
  order.input = x.args.at("json").text();
  order.depth = depth;
  order.trace = to_text(facts_.trace.child());
  order.activity = facts_.call ? facts_.call->id : facts_.ticket.variant.id;
  return result{std::move(order)};
}

void script_calls::tell_outcome(const call& x, const action_answer& outcome) {
  auto writer = open_reply(x);
  writer.map(2).text("status").number(outcome.status).text("text").text(outcome.body);
  send(x, std::move(writer));
}

// The variants that a call names. All of a connection must exist; without a connection, those that
// the integration's connections have.
expected<std::vector<variant_key>> script_calls::find_variants(const call& x) {
  const auto& own = facts_.link;
  auto integration = x.args.at("providerConfigKey").text();
  auto id = x.args.at("connectionId").text();
  if (integration.empty())
    integration = own.provider_config_key;
  auto syncs = x.args.at("syncs");
  if (syncs.size() == 0 || syncs.size() > syncs_max)
    return fail(errc::invalid, "1 to 256 syncs must be named");
  if (!id.empty()) {
    auto number = ask_store(
      x, [&](redis& db) { return connections{db}.number_of(own.environment, integration, id); });
    if (!number)
      return std::move(number.error());
    if (*number == 0)
      return fail(errc::not_found, "no such connection");
    return keys_of({*number}, syncs);
  }
  auto numbers = ask_store(
    x, [&](redis& db) { return connections{db}.numbers_of(own.environment, integration); });
  if (!numbers)
    return std::move(numbers.error());
  if (numbers->size() * syncs.size() > variants_max)
    return fail(errc::invalid, "the integration has too many connections: name one");
  return existing(x, keys_of(*numbers, syncs));
}

std::vector<variant_key> script_calls::keys_of(const std::vector<connection_number>& numbers,
                                               const frame_value& syncs) {
  std::vector<variant_key> result;
  for (auto number : numbers)
    for (size_t i = 0; i < syncs.size(); ++i) {
      auto name = syncs.item(i).at("variant").text();
      result.push_back({{number, syncs.item(i).at("name").text()},
                        name.empty() ? std::string{base_variant} : std::move(name)});
    }
  return result;
}

expected<std::vector<variant_key>> script_calls::existing(const call& x,
                                                          const std::vector<variant_key>& keys) {
  auto found = ask_store(x, [&](redis& db) { return variants{db}.find(keys); });
  if (!found)
    return std::move(found.error());
  if (found->empty())
    return fail(errc::not_found, "no connection has such a sync");
  std::vector<variant_key> result;
  for (auto& known : *found)
    result.push_back(std::move(known.key));
  return result;
}

} // namespace varia
