#include "store/partitions.hpp"

#include "core/frequency.hpp"
#include "core/text.hpp"
#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr size_t partitions_max = 10'000;
constexpr size_t name_max = 255;
constexpr size_t settings_bytes_max = size_t{16} * 1024;
constexpr size_t reason_max = 1000;

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

caf::error refuse(size_t index, const std::string& what) {
  return fail(errc::invalid, "partition " + std::to_string(index) + ' ' + what);
}

bool is_name(const std::string& x) {
  auto is_fine = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-';
  };
  return !x.empty() && x.size() <= name_max && std::all_of(x.begin(), x.end(), is_fine)
         && to_lower(x) != base_variant;
}

expected<partition> read_partition(const json& each, size_t index) {
  if (!each.is_object() || !each.contains("name") || !each["name"].is_string())
    return refuse(index, "has no name");
  partition result;
  result.name = each["name"].get<std::string>();
  if (!is_name(result.name))
    return refuse(index, "has a name that no variant may have: " + result.name.substr(0, name_max)
                           + ". Names are made of letters, digits, _ and -, and are not base.");
  for (auto& [key, value] : each.items()) {
    if (key == "settings" && value.is_object())
      result.settings = value.empty() ? std::string{} : dumped(value);
    else if (key == "frequency" && value.is_string() && parse_frequency(value.get<std::string>()))
      result.frequency = value.get<std::string>();
    else if (key != "name")
      return refuse(index, "(" + result.name + ") has a wrong or unknown field: " + key);
  }
  if (result.settings && result.settings->size() > settings_bytes_max)
    return refuse(index, "(" + result.name + ") has settings of more than 16384 bytes");
  return result;
}

std::string write_partitions(const std::vector<partition>& all) {
  auto result = json::array();
  for (auto& x : all) {
    auto each = json{{"name", x.name}};
    if (x.frequency)
      each["frequency"] = *x.frequency;
    if (x.settings)
      each["settings"] = x.settings->empty() ? json::object() : json::parse(*x.settings);
    result.push_back(std::move(each));
  }
  return dumped(result);
}

std::map<std::string, time_ms> read_missing(const std::string& text) {
  std::map<std::string, time_ms> result;
  auto read = json::parse(text, nullptr, false);
  if (read.is_object())
    for (auto& [name, since] : read.items())
      if (since.is_number_integer())
        result[name] = since.get<time_ms>();
  return result;
}

std::string write_missing(const std::map<std::string, time_ms>& missing) {
  auto result = json::object();
  for (auto& [name, since] : missing)
    result[name] = since;
  return dumped(result);
}

std::string write_result(const partitions_result& x) {
  return dumped({{"at", x.at},
                 {"created", x.created},
                 {"changed", x.changed},
                 {"deleted", x.deleted},
                 {"refused", x.refused},
                 {"foreign", x.foreign},
                 {"guarded", x.guarded}});
}

partitions_result read_result(const std::string& text) {
  partitions_result result;
  auto read = json::parse(text, nullptr, false);
  if (!read.is_object())
    return result;
  result.at = read.value("at", time_ms{0});
  result.created = read.value("created", result.created);
  result.changed = read.value("changed", result.changed);
  result.deleted = read.value("deleted", result.deleted);
  result.refused = read.value("refused", result.refused);
  result.foreign = read.value("foreign", result.foreign);
  result.guarded = read.value("guarded", false);
  return result;
}

partitions_outcome read_outcome(const std::string& word) {
  for (auto x : {partitions_outcome::found, partitions_outcome::failed, partitions_outcome::absent})
    if (word == to_string(x))
      return x;
  return partitions_outcome::none;
}

} // namespace

const char* to_string(partitions_outcome x) {
  switch (x) {
    case partitions_outcome::found: return "found";
    case partitions_outcome::failed: return "failed";
    case partitions_outcome::absent: return "absent";
    default: return "none";
  }
}

expected<std::vector<partition>> read_partitions(const std::string& text) {
  auto read = json::parse(text, nullptr, false);
  if (!read.is_array())
    return fail(errc::invalid, "partitions must return a list");
  if (read.size() > partitions_max)
    return fail(errc::invalid, "there are more than 10,000 partitions");
  std::vector<partition> result;
  std::set<std::string> names;
  for (size_t i = 0; i < read.size(); ++i) {
    auto each = read_partition(read[i], i);
    if (!each)
      return std::move(each.error());
    if (!names.insert(each->name).second)
      return refuse(i, "has a name that occurs twice: " + each->name);
    result.push_back(std::move(*each));
  }
  return result;
}

expected<bool> partitions::ask(const variant_ref& base, const std::string& sha,
                               milliseconds patience, bool force) {
  auto reply = call(db_, "partitions_ask",
                    {keys::head(base), keys::inbox(base), keys::partitions(base.sync)},
                    {std::to_string(patience.count()), force ? "1" : "0", sha});
  if (!reply)
    return std::move(reply.error());
  return number_of(**reply) == 1;
}

expected<void> partitions::tell(const run_ticket& ticket, const std::vector<partition>& found) {
  return tell(ticket, to_string(partitions_outcome::found), write_partitions(found), {});
}

expected<void> partitions::tell(const run_ticket& ticket, partitions_outcome outcome,
                                const std::string& reason) {
  return tell(ticket, to_string(outcome), {}, reason.substr(0, reason_max));
}

expected<void> partitions::tell(const run_ticket& ticket, const char* outcome,
                                const std::string& found, const std::string& reason) {
  auto& sync = ticket.variant.sync;
  auto done = call(db_, "partitions_tell", {keys::head(ticket.variant), keys::partitions(sync)},
                   {to_string(ticket.owner), std::to_string(ticket.run), outcome, found, reason});
  if (!done)
    return std::move(done.error());
  return watch({sync});
}

expected<void> partitions::note(const sync_id& sync, const partitions_row& row) {
  auto done
    = call(db_, "partitions_done", {keys::partitions(sync)},
           {std::to_string(row.found_at), write_missing(row.missing), write_result(row.result)});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

expected<partitions_row> partitions::read(const sync_id& sync) {
  auto place = keys::partitions(sync);
  auto reply = db_.run({"HMGET", place, "asked", "answered", "outcome", "reason", "found",
                        "found_at", "done", "missing", "result", "force", "sha"});
  if (!reply)
    return std::move(reply.error());
  auto& fields = **reply;
  auto text = [&](size_t i) { return text_of(*fields.element[i]); };
  auto number = [&](size_t i) {
    return fields.element[i]->type == REDIS_REPLY_NIL ? 0 : number_of(*fields.element[i]);
  };
  partitions_row result;
  result.asked_at = number(0);
  result.answered_at = number(1);
  result.outcome = read_outcome(text(2));
  result.reason = text(3);
  result.found_at = number(5);
  result.done_at = number(6);
  result.missing = read_missing(text(7));
  result.result = read_result(text(8));
  result.force = number(9) == 1;
  result.sha = text(10);
  if (auto found = text(4); !found.empty()) {
    auto read = read_partitions(found);
    if (!read)
      return fail(errc::internal, "broken partitions in the store: " + detail_of(read.error()));
    result.found = std::move(*read);
  }
  return result;
}

expected<void> partitions::watch(const std::vector<sync_id>& syncs) {
  if (syncs.empty())
    return caf::unit;
  std::vector<owned_command> commands;
  for (auto& sync : syncs)
    commands.push_back({"ZADD", keys::partitions_due, "0", to_string(sync)});
  if (auto done = run_checked(db_, commands); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<void> partitions::look_again(const sync_id& sync, time_ms at) {
  auto score = std::to_string(at);
  auto member = to_string(sync);
  if (auto done = db_.run({"ZADD", keys::partitions_due, score, member}); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<void> partitions::forget(const sync_id& sync) {
  auto member = to_string(sync);
  if (auto done = db_.run({"ZREM", keys::partitions_due, member}); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<std::vector<sync_id>> partitions::due(time_ms now, size_t most) {
  auto until = std::to_string(now);
  auto count = std::to_string(most);
  auto members
    = db_.run({"ZRANGEBYSCORE", keys::partitions_due, "-inf", until, "LIMIT", "0", count});
  if (!members)
    return std::move(members.error());
  std::vector<sync_id> result;
  for (size_t i = 0; i < (*members)->elements; ++i)
    result.push_back(parse_sync_id(text_of(*(*members)->element[i])));
  return result;
}

expected<std::optional<time_ms>> partitions::next_look(const sync_id& sync) {
  auto member = to_string(sync);
  auto score = db_.run({"ZSCORE", keys::partitions_due, member});
  if (!score)
    return std::move(score.error());
  if ((*score)->type == REDIS_REPLY_NIL)
    return std::nullopt;
  return std::optional{static_cast<time_ms>(std::stod(text_of(**score)))};
}

} // namespace varia
