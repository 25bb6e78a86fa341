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

void script_calls::trigger_action(const call& x) {
  refuse(x, fail(errc::not_found,
                 "no action named " + x.args.at("name").text().substr(0, 255) + " is deployed"));
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
