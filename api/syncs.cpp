#include "api/syncs.hpp"

#include "api/schedule_text.hpp"
#include "core/frequency.hpp"
#include "store/partitions.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace varia {

namespace {

// Up to this many variants of one sync are read one by one; for more, the whole list is cheaper.
constexpr size_t single_reads_max = 8;

expected<found_variants> all_variants(variants& registry, connection_number connection) {
  auto syncs = registry.syncs_of(connection);
  if (!syncs)
    return std::move(syncs.error());
  std::sort(syncs->begin(), syncs->end());
  found_variants result;
  for (auto& name : *syncs) {
    auto entries = registry.list({connection, name});
    if (!entries)
      return std::move(entries.error());
    std::move(entries->begin(), entries->end(), std::back_inserter(result.entries));
  }
  return result;
}

using entry_map = std::map<std::string, variant_entry>;

expected<entry_map> read_sync(variants& registry, const sync_id& sync,
                              const std::set<std::string>& wanted) {
  entry_map result;
  if (wanted.size() > single_reads_max) {
    auto entries = registry.list(sync);
    if (!entries)
      return std::move(entries.error());
    for (auto& entry : *entries)
      result.emplace(entry.key.name, std::move(entry));
    return result;
  }
  for (auto& name : wanted) {
    auto entry = registry.find({sync, name});
    if (!entry)
      return std::move(entry.error());
    if (*entry)
      result.emplace(name, std::move(**entry));
  }
  return result;
}

} // namespace

sync_name_pair parse_sync_name(const std::string& text) {
  const std::string mark = "::";
  auto end = text.find(mark);
  if (end == std::string::npos)
    return {text};
  auto rest = text.substr(end + mark.size());
  return {text.substr(0, end), rest.substr(0, rest.find(mark))};
}

std::vector<sync_name_pair> parse_sync_names(const json& list) {
  std::vector<sync_name_pair> result;
  for (auto& x : list)
    result.push_back(x.is_string() ? parse_sync_name(x.get<std::string>())
                                   : sync_name_pair{x.at("name").get<std::string>(),
                                                    x.at("variant").get<std::string>()});
  return result;
}

expected<found_variants> find_variants(redis& db, connection_number connection,
                                       const std::vector<sync_name_pair>& names) {
  variants registry{db};
  if (names.empty())
    return all_variants(registry, connection);
  std::map<std::string, std::set<std::string>> wanted;
  for (auto& x : names)
    wanted[x.name].insert(x.variant);
  std::map<std::string, entry_map> known;
  for (auto& [name, some] : wanted) {
    auto entries = read_sync(registry, {connection, name}, some);
    if (!entries)
      return std::move(entries.error());
    known.emplace(name, std::move(*entries));
  }
  found_variants result;
  std::set<std::pair<std::string, std::string>> seen;
  for (auto& x : names) {
    if (!seen.emplace(x.name, x.variant).second)
      continue;
    auto& of_sync = known[x.name];
    if (auto entry = of_sync.find(x.variant); entry != of_sync.end())
      result.entries.push_back(entry->second);
    else
      ++result.missing;
  }
  return result;
}

uint64_t period_of(const std::string& frequency) {
  if (frequency.empty())
    return 0;
  auto period = parse_frequency(frequency);
  return period ? static_cast<uint64_t>(period->count()) : 0;
}

std::string frequency_of(const variant_entry& entry, const function* deployed) {
  auto rules = rules_in_effect(entry, deployed);
  return rules.cron.empty() ? rules.every : rules.cron;
}

std::vector<sync_wish> wishes_of(const function& deployed,
                                 const std::vector<connection_number>& connections) {
  std::vector<sync_wish> result;
  for (auto number : connections)
    result.push_back({{number, deployed.name}, !deployed.auto_start, timing_of(deployed)});
  return result;
}

expected<void> watch_partitions(redis& db, const function& deployed,
                                const std::vector<connection_number>& connections) {
  if (!deployed.partitions)
    return caf::unit;
  std::vector<sync_id> syncs;
  for (auto number : connections)
    syncs.push_back({number, deployed.name});
  return partitions{db}.watch(syncs);
}

const function* find_function(const std::vector<function>& all, const std::string& name) {
  auto found = std::find_if(all.begin(), all.end(), [&](auto& x) { return x.name == name; });
  return found == all.end() ? nullptr : &*found;
}

} // namespace varia
