#include "api/backup_restorer.hpp"

#include "api/backup_items.hpp"
#include "api/connection_text.hpp"
#include "api/syncs.hpp"
#include "store/checkpoints.hpp"
#include "store/environments.hpp"
#include "store/variant_limits.hpp"
#include "store/webhook_settings.hpp"

#include <map>
#include <utility>

namespace varia {

namespace {

// One restore of some items: where they go.
struct target {
  const api_context& api;
  redis& db;
  const std::string& environment;
};

using step = expected<void> (*)(const target& to, const json& item);

caf::error misses(const std::string& what) {
  return fail(errc::invalid, "an item needs " + what + ", which is not there");
}

expected<void> restore_integration(const target& to, const json& item) {
  auto x = read_integration(item);
  if (!x)
    return std::move(x.error());
  integrations all{to.db};
  auto added = all.add(to.environment, *x);
  if (!added && code_of(added.error()) == errc::exists)
    added = all.update(to.environment, *x);
  return added ? expected<void>{caf::unit} : added.error();
}

expected<void> restore_variable(const target& to, const json& item) {
  environment_variable x{text_at(item, "name"), text_at(item, "value")};
  if (x.name.empty())
    return fail(errc::invalid, "a broken item: a variable without a name");
  return environments{to.db}.set_variable(to.environment, x);
}

expected<void> restore_webhooks(const target& to, const json& item) {
  webhook_desk desk{to.db};
  if (auto done
      = desk.set_settings(to.environment, read_webhook_settings(text_at(item, "settings")));
      !done)
    return done;
  auto key = text_at(item, "signing_key");
  return key.empty() ? expected<void>{caf::unit} : desk.set_signing_key(to.environment, key);
}

expected<void> restore_function(const target& to, const json& item) {
  auto x = read_function(item);
  if (!x)
    return std::move(x.error());
  functions all{to.db};
  for (auto& text : {x->code, x->source})
    if (!text.empty())
      if (auto put = all.put_code(text); !put)
        return std::move(put.error());
  auto done = all.deploy(to.environment, {x->definition});
  return done ? expected<void>{caf::unit} : done.error();
}

// The bases come into being paused: nothing runs before everything is there.
expected<void> restore_connection(const target& to, const json& item) {
  auto x = read_connection(item);
  if (!x)
    return std::move(x.error());
  x->environment = to.environment;
  auto put = connections{to.db}.put(*x);
  if (!put)
    return std::move(put.error());
  auto deployed = functions{to.db}.list(to.environment, put->provider_config_key);
  if (!deployed)
    return std::move(deployed.error());
  std::vector<sync_wish> wishes;
  for (auto& each : *deployed)
    for (auto& wish : wishes_of(each, {put->number})) {
      wish.paused = true;
      wishes.push_back(std::move(wish));
    }
  return wishes.empty() ? expected<void>{caf::unit} : to.api.cluster->ensure(wishes);
}

// The number of the connection that an item names.
expected<connection_number> number_in(const target& to, const json& item) {
  auto number = connections{to.db}.number_of(to.environment, text_at(item, "provider_config_key"),
                                             text_at(item, "connection_id"));
  if (number && *number == 0)
    return misses("the connection " + text_at(item, "connection_id"));
  return number;
}

expected<void> restore_limit(const target& to, const json& item) {
  limit_scope scope{to.environment, 0, text_at(item, "name")};
  if (item.contains("connection_id")) {
    auto number = number_in(to, item);
    if (!number)
      return std::move(number.error());
    scope.connection = *number;
  }
  auto max = item.find("max");
  if (max == item.end() || !max->is_number_unsigned())
    return fail(errc::invalid, "a broken item: a limit without a number");
  return to.api.cluster->set_limit({scope, false, max->get<uint32_t>()});
}

variant_order order_in(const json& item) {
  variant_order result;
  result.name = text_at(item, "variant");
  result.verb = result.name == base_variant ? order_verb::change : order_verb::put;
  result.id = make_uuid();
  result.starts_paused = true;
  result.pause = 1;
  result.frequency = text_at(item, "frequency");
  result.sets_frequency = !result.frequency.empty();
  result.settings = text_at(item, "settings");
  result.sets_settings = !result.settings.empty();
  result.discovered = flag_at(item, "discovered");
  return result;
}

expected<void> restore_past(const target& to, const json& item, const variant_entry& entry,
                            const timing& of_function) {
  if (auto schedule = text_at(item, "schedule"); !schedule.empty())
    if (auto done = to.api.cluster->set_schedule(entry.key, schedule, false, of_function); !done)
      return done;
  if (auto checkpoint = text_at(item, "checkpoint"); !checkpoint.empty()) {
    auto done = checkpoints{to.db}.put(ref_of(entry), checkpoint, {}, false);
    if (!done)
      return std::move(done.error());
  }
  return caf::unit;
}

expected<void> restore_variant(const target& to, const json& item) {
  auto number = number_in(to, item);
  if (!number)
    return std::move(number.error());
  auto name = text_at(item, "name");
  auto deployed = functions{to.db}.find(to.environment, text_at(item, "provider_config_key"), name);
  if (!deployed)
    return std::move(deployed.error());
  // What nothing runs any more has no registry to come back to.
  if (!*deployed)
    return caf::unit;
  variant_batch batch;
  batch.sync = {*number, name};
  batch.due = timing_of(**deployed);
  batch.orders = {order_in(item)};
  auto done = to.api.cluster->change(batch);
  if (!done)
    return std::move(done.error());
  auto& result = done->results.front();
  if (result.outcome == order_outcome::full)
    return fail(errc::full, "the variant " + text_at(item, "variant") + " is over the limit of "
                              + std::to_string(done->limit));
  if (is_refusal(result.outcome))
    return misses("the variant " + text_at(item, "variant"));
  return restore_past(to, item, result.entry, batch.due);
}

expected<std::optional<variant_entry>> find_entry(const target& to, const json& item) {
  auto number = number_in(to, item);
  if (!number)
    return std::move(number.error());
  return variants{to.db}.find({{*number, text_at(item, "name")}, text_at(item, "variant")});
}

expected<void> restore_records(const target& to, const json& item) {
  auto entry = find_entry(to, item);
  if (!entry)
    return std::move(entry.error());
  if (!*entry)
    return caf::unit;
  auto all = read_records(item);
  if (!all)
    return std::move(all.error());
  return record_copies{to.db}.restore(ref_of(**entry), text_at(item, "model"), *all);
}

std::vector<variant_key> keys_in(const sync_id& sync, const json& item, const char* field) {
  std::vector<variant_key> result;
  if (auto names = member(item, field); names != nullptr && names->is_array())
    for (auto& each : *names)
      if (each.is_string())
        result.push_back({sync, each.get<std::string>()});
  return result;
}

expected<void> restore_state(const target& to, const json& item) {
  auto number = number_in(to, item);
  if (!number)
    return std::move(number.error());
  sync_id sync{*number, text_at(item, "name")};
  auto known
    = functions{to.db}.find(to.environment, text_at(item, "provider_config_key"), sync.name);
  if (!known)
    return std::move(known.error());
  if (!*known)
    return caf::unit;
  auto paused = keys_in(sync, item, "paused");
  if (!paused.empty())
    if (auto done = to.api.cluster->pause(paused); !done)
      return done;
  auto started = keys_in(sync, item, "started");
  return started.empty() ? expected<void>{caf::unit} : to.api.cluster->start(started);
}

} // namespace

expected<void> restore_items(const api_context& api, redis& db, const std::string& environment,
                             const json& items) {
  static const std::map<std::string, step> steps{{backup_item::integration, restore_integration},
                                                 {backup_item::variable, restore_variable},
                                                 {backup_item::webhooks, restore_webhooks},
                                                 {backup_item::function, restore_function},
                                                 {backup_item::connection, restore_connection},
                                                 {backup_item::limit, restore_limit},
                                                 {backup_item::variant, restore_variant},
                                                 {backup_item::records, restore_records},
                                                 {backup_item::state, restore_state}};
  target to{api, db, environment};
  for (auto& item : items) {
    auto found = steps.find(item.is_object() ? text_at(item, "type") : std::string{});
    if (found == steps.end())
      return fail(errc::invalid, "an item of a type that is not known");
    if (auto done = found->second(to, item); !done)
      return done;
  }
  return caf::unit;
}

} // namespace varia
