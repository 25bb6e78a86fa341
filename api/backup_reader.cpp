#include "api/backup_reader.hpp"

#include "api/backup_items.hpp"
#include "api/syncs.hpp"
#include "core/text.hpp"
#include "store/environments.hpp"
#include "store/runs.hpp"
#include "store/variant_limits.hpp"
#include "store/webhook_settings.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace varia {

namespace {

using phase = backup_place::phase;

constexpr size_t connections_per_piece = 200;
constexpr size_t items_per_piece = 1000;
constexpr size_t records_per_item = 1000;
constexpr size_t bytes_per_piece = size_t{4} * 1024 * 1024;
constexpr size_t phases = 6;

// The connections of an environment, oldest first, from a number on.
expected<std::vector<connection>> connections_from(redis& db, const std::string& environment,
                                                   uint64_t number, size_t most) {
  auto all = connections{db}.list(environment);
  if (!all)
    return std::move(all.error());
  std::vector<connection> result;
  for (auto each = all->rbegin(); each != all->rend() && result.size() < most; ++each)
    if (each->number >= number)
      result.push_back(std::move(*each));
  return result;
}

backup_place beginning_of(phase x) {
  backup_place result;
  result.at = x;
  return result;
}

// Variants in an order that does not depend on which others there are.
std::vector<variant_entry> in_order(std::vector<variant_entry> all) {
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) {
    return std::tie(a.key.sync.name, a.key.name) < std::tie(b.key.sync.name, b.key.name);
  });
  return all;
}

expected<std::vector<variant_entry>> variants_of(redis& db, const connection& of) {
  auto found = find_variants(db, of.number, {});
  if (!found)
    return std::move(found.error());
  return in_order(std::move(found->entries));
}

expected<std::vector<variant_state>> states_of(redis& db, const std::vector<variant_entry>& all) {
  std::vector<variant_ref> refs;
  for (auto& each : all)
    refs.push_back(ref_of(each));
  return refs.empty() ? std::vector<variant_state>{} : runs{db}.states(refs);
}

json limit_item(const json& whose, uint32_t max) {
  json result{{"type", backup_item::limit}};
  result.update(whose);
  result["max"] = max;
  return result;
}

json ids_of(const connection& of) {
  return {{"provider_config_key", of.provider_config_key}, {"connection_id", of.connection_id}};
}

// The limits that were set for a connection and for its syncs.
expected<void> add_limits(redis& db, const std::string& environment, const connection& of,
                          const std::vector<variant_entry>& all, json& to) {
  std::string last;
  auto is_first = true;
  for (auto& entry : all) {
    if (entry.key.sync.name == last)
      continue;
    last = entry.key.sync.name;
    auto view = variant_limits{db}.view({environment, of.number, last}, 0);
    if (!view)
      return std::move(view.error());
    auto whose = ids_of(of);
    if (std::exchange(is_first, false) && view->of_connection)
      to.push_back(limit_item(whose, *view->of_connection));
    whose["name"] = last;
    if (view->of_sync)
      to.push_back(limit_item(whose, *view->of_sync));
  }
  return caf::unit;
}

json state_item(const connection& of, const std::string& sync, json started, json paused) {
  auto result = json{{"type", backup_item::state}};
  result.update(ids_of(of));
  result.update({{"name", sync}, {"started", std::move(started)}, {"paused", std::move(paused)}});
  return result;
}

void add_states(const connection& of, const std::vector<variant_entry>& all, json& to) {
  std::map<std::string, std::pair<json, json>> by_sync;
  for (auto& entry : all) {
    auto& [started, paused]
      = by_sync.try_emplace(entry.key.sync.name, json::array(), json::array()).first->second;
    if (!entry.paused)
      started.push_back(entry.key.name);
    else if (entry.pause_reason != not_started)
      paused.push_back(entry.key.name);
  }
  for (auto& [sync, both] : by_sync)
    to.push_back(state_item(of, sync, std::move(both.first), std::move(both.second)));
}

// Looks at one connection after the other until a piece has enough, or none is left.
template <class Add>
expected<backup_piece> walk(redis& db, const std::string& environment, const backup_place& from,
                            Add add) {
  auto all = connections_from(db, environment, from.number, SIZE_MAX);
  if (!all)
    return std::move(all.error());
  backup_piece result;
  for (auto& of : *all) {
    if (result.items.size() >= items_per_piece) {
      result.next = from;
      result.next->number = of.number;
      return result;
    }
    if (auto done = add(of, result.items); !done)
      return std::move(done.error());
  }
  if (static_cast<size_t>(from.at) + 1 < phases)
    result.next = beginning_of(static_cast<phase>(static_cast<size_t>(from.at) + 1));
  return result;
}

// Adds the records of a variant from a place on, as long as a piece has room. Returns the place
// where it goes on; nothing if the variant is done.
expected<std::optional<backup_place>> add_records(redis& db, const connection& of,
                                                  const variant_entry& entry,
                                                  const variant_state& state, backup_place at,
                                                  size_t& room, json& to) {
  for (auto& [model, count] : state.record_count) {
    if (model < at.model)
      continue;
    if (model != at.model)
      at.record = 0;
    at.model = model;
    for (auto is_last = false; !is_last;) {
      if (room == 0)
        return std::optional{at};
      auto page = record_copies{db}.read(ref_of(entry), model, at.record, records_per_item, room);
      if (!page)
        return std::move(page.error());
      if (!page->records.empty()) {
        to.push_back(records_item(of, entry.key, model, page->records));
        room -= std::min(room, line_of(to.back()).size());
      }
      at.record = page->end;
      is_last = page->is_last;
    }
  }
  return std::optional<backup_place>{};
}

} // namespace

std::string to_cursor(const backup_place& x) {
  return base64url(
    json{static_cast<int>(x.at), x.number, x.sync, x.variant, x.model, x.record}.dump());
}

std::optional<backup_place> parse_backup_cursor(const std::string& text) {
  backup_place result;
  if (text.empty())
    return result;
  auto bytes = parse_base64url(text);
  auto parts = json::parse(bytes.value_or(""), nullptr, false);
  if (!parts.is_array() || parts.size() != 6 || !parts[0].is_number_unsigned()
      || parts[0].get<size_t>() >= phases || !parts[1].is_number_unsigned() || !parts[2].is_string()
      || !parts[3].is_string() || !parts[4].is_string() || !parts[5].is_number_unsigned())
    return std::nullopt;
  result.at = static_cast<phase>(parts[0].get<size_t>());
  result.number = parts[1].get<uint64_t>();
  result.sync = parts[2].get<std::string>();
  result.variant = parts[3].get<std::string>();
  result.model = parts[4].get<std::string>();
  result.record = parts[5].get<record_place>();
  return result;
}

expected<backup_piece> backup_reader::read(const backup_place& from) {
  switch (from.at) {
    case phase::setting: return read_setting();
    case phase::functions: return read_functions(from);
    case phase::connections: return read_connections(from);
    case phase::variants: return read_variants(from);
    case phase::records: return read_all_records(from);
    case phase::states: return read_states(from);
  }
  return fail(errc::invalid, "no such part of a backup");
}

expected<backup_piece> backup_reader::read_setting() {
  backup_piece result;
  result.next = beginning_of(phase::functions);
  auto all = integrations{db_}.list(environment_);
  if (!all)
    return std::move(all.error());
  for (auto& each : *all)
    result.items.push_back(integration_item(each, secrets_));
  auto limit = variant_limits{db_}.view({environment_, 0, {}}, 0);
  if (!limit)
    return std::move(limit.error());
  if (limit->of_environment)
    result.items.push_back(limit_item(json::object(), *limit->of_environment));
  if (!secrets_)
    return result;
  auto variables = environments{db_}.variables(environment_);
  if (!variables)
    return std::move(variables.error());
  for (auto& each : *variables)
    result.items.push_back(
      {{"type", backup_item::variable}, {"name", each.name}, {"value", each.value}});
  webhook_desk desk{db_};
  auto settings = desk.settings(environment_);
  if (!settings)
    return std::move(settings.error());
  auto key = desk.signing_key(environment_);
  if (!key)
    return std::move(key.error());
  result.items.push_back(
    {{"type", backup_item::webhooks}, {"settings", to_json(*settings)}, {"signing_key", *key}});
  return result;
}

expected<backup_piece> backup_reader::read_functions(const backup_place& from) {
  functions store{db_};
  auto all = store.list(environment_, {}, function_kind::any);
  if (!all)
    return std::move(all.error());
  backup_piece result;
  size_t bytes = 0;
  for (auto i = static_cast<size_t>(from.number); i < all->size(); ++i) {
    auto& each = (*all)[i];
    if (bytes > bytes_per_piece) {
      result.next = from;
      result.next->number = i;
      return result;
    }
    auto code = store.code(each.sha);
    if (!code)
      return std::move(code.error());
    auto source = each.source_sha.empty() ? expected<std::string>{std::string{}}
                                          : store.code(each.source_sha);
    if (!source)
      return std::move(source.error());
    bytes += code->size() + source->size();
    result.items.push_back(function_item(each, *code, *source));
  }
  result.next = beginning_of(phase::connections);
  return result;
}

expected<backup_piece> backup_reader::read_connections(const backup_place& from) {
  auto all = connections_from(db_, environment_, from.number, connections_per_piece + 1);
  if (!all)
    return std::move(all.error());
  backup_piece result;
  result.next = beginning_of(phase::variants);
  for (auto& each : *all) {
    if (result.items.size() == connections_per_piece) {
      result.next = from;
      result.next->number = each.number;
      break;
    }
    result.items.push_back(connection_item(each, secrets_));
  }
  return result;
}

expected<backup_piece> backup_reader::read_variants(const backup_place& from) {
  return walk(db_, environment_, from, [&](const connection& of, json& to) -> expected<void> {
    auto all = variants_of(db_, of);
    if (!all)
      return std::move(all.error());
    if (auto done = add_limits(db_, environment_, of, *all, to); !done)
      return done;
    auto states = states_of(db_, *all);
    if (!states)
      return std::move(states.error());
    for (size_t i = 0; i < all->size(); ++i)
      to.push_back(variant_item(of, (*all)[i], (*states)[i].checkpoint));
    return caf::unit;
  });
}

expected<backup_piece> backup_reader::read_states(const backup_place& from) {
  return walk(db_, environment_, from, [&](const connection& of, json& to) -> expected<void> {
    auto all = variants_of(db_, of);
    if (!all)
      return std::move(all.error());
    add_states(of, *all, to);
    return caf::unit;
  });
}

expected<backup_piece> backup_reader::read_all_records(backup_place from) {
  auto all = connections_from(db_, environment_, from.number, SIZE_MAX);
  if (!all)
    return std::move(all.error());
  backup_piece result;
  auto room = bytes_per_piece;
  for (auto& of : *all) {
    auto entries = variants_of(db_, of);
    if (!entries)
      return std::move(entries.error());
    auto states = states_of(db_, *entries);
    if (!states)
      return std::move(states.error());
    for (size_t i = 0; i < entries->size(); ++i) {
      auto& key = (*entries)[i].key;
      auto name = std::tie(key.sync.name, key.name);
      if (of.number == from.number && name < std::tie(from.sync, from.variant))
        continue;
      auto goes_on = of.number == from.number && name == std::tie(from.sync, from.variant);
      backup_place at{phase::records,
                      of.number,
                      key.sync.name,
                      key.name,
                      goes_on ? from.model : std::string{},
                      goes_on ? from.record : 0};
      auto rest = add_records(db_, of, (*entries)[i], (*states)[i], at, room, result.items);
      if (!rest)
        return std::move(rest.error());
      if (*rest) {
        result.next = std::move(**rest);
        return result;
      }
    }
  }
  result.next = beginning_of(phase::states);
  return result;
}

} // namespace varia
