#include "store/variants.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"
#include "store/packing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace varia {

namespace {

// How many syncs or variants one round trip asks for when everything is read.
constexpr size_t read_max = 1000;

// The entry as registry.lua packs it.
using packed_entry = std::tuple<std::string, bool, time_ms, std::string, std::string, bool,
                                std::string, time_ms, std::string>;

expected<variant_entry> entry_of(const variant_key& key, const redisReply& reply) {
  return read_variant_entry(key, {reply.str, reply.len});
}

expected<variant_entry> change(redis& db, std::string function, const variant_key& key,
                               const std::vector<std::string>& args) {
  auto reply
    = call(db, std::move(function), {keys::registry(key.sync), keys::epoch(key.sync)}, args);
  if (!reply)
    return std::move(reply.error());
  return entry_of(key, **reply);
}

// Reads a whole registry hash: `base` first, then by name.
expected<std::vector<variant_entry>> entries_of(const sync_id& sync, const redisReply& reply) {
  std::vector<variant_entry> result;
  for (size_t i = 0; i + 1 < reply.elements; i += 2) {
    auto entry = entry_of({sync, text_of(*reply.element[i])}, *reply.element[i + 1]);
    if (!entry)
      return std::move(entry.error());
    result.push_back(std::move(*entry));
  }
  auto rank = [](const variant_entry& x) {
    return std::make_pair(x.key.name != base_variant, std::cref(x.key.name));
  };
  std::sort(result.begin(), result.end(), [rank](auto& a, auto& b) { return rank(a) < rank(b); });
  return result;
}

owned_command placement_call(uint64_t epoch, const std::string& worker,
                             const std::vector<const assignment*>& group) {
  std::vector<std::string> places{keys::epoch(group.front()->key.sync)};
  std::vector<std::string> args{std::to_string(epoch), worker};
  for (auto* x : group) {
    places.push_back(keys::head(ref_of(*x)));
    args.push_back(to_string(x->owner));
  }
  return call_of("variant_place", places, args);
}

} // namespace

expected<variant_entry> read_variant_entry(const variant_key& key, std::string_view bytes) {
  auto packed = unpack<packed_entry>(bytes);
  if (!packed)
    return std::move(packed.error());
  auto& [id, paused, created_at, frequency, settings, discovered, schedule, since, pause_reason]
    = *packed;
  return variant_entry{key,      id,         paused,   frequency, created_at,
                       settings, discovered, schedule, since,     pause_reason};
}

expected<variant_entry> variants::add(uint64_t epoch, const variant_key& key, bool paused,
                                      size_t named_max, const std::string& id) {
  // The index comes first: an entry of it without a registry does no harm, the opposite would.
  auto sync = to_string(key.sync);
  auto answers = run_checked(
    db_,
    {{"ZADD", keys::syncs, "0", sync},
     call_of(
       "variant_add", {keys::registry(key.sync), keys::epoch(key.sync), keys::head({key.sync, id})},
       {std::to_string(epoch), key.name, id, paused ? "1" : "0", std::to_string(named_max)})});
  if (!answers)
    return std::move(answers.error());
  return entry_of(key, *answers->back());
}

expected<variant_entry> variants::remove(uint64_t epoch, const variant_key& key) {
  return change(db_, "variant_remove", key,
                {std::to_string(epoch), key.name, keys::of_sync(key.sync)});
}

expected<variant_entry> variants::set_paused(uint64_t epoch, const variant_key& key, bool paused,
                                             const std::string& reason) {
  return change(db_, "variant_set", key,
                {std::to_string(epoch), key.name, "paused", paused ? "1" : "0", reason,
                 keys::of_sync(key.sync)});
}

expected<variant_entry> variants::set_frequency(uint64_t epoch, const variant_key& key,
                                                const std::string& frequency) {
  return change(db_, "variant_set", key, {std::to_string(epoch), key.name, "frequency", frequency});
}

expected<variant_entry> variants::set_schedule(uint64_t epoch, const variant_key& key,
                                               const std::string& schedule,
                                               bool replaces_frequency) {
  return change(
    db_, "variant_set", key,
    {std::to_string(epoch), key.name, "schedule", schedule, replaces_frequency ? "1" : "0"});
}

expected<variant_entry> variants::want_run(uint64_t epoch, const variant_key& key,
                                           trigger_options options) {
  auto level = !options.reset ? "1" : options.empty_cache ? "3" : "2";
  return change(db_, "variant_want", key,
                {std::to_string(epoch), key.name, keys::of_sync(key.sync), level, options.trace});
}

expected<std::vector<assignment>> variants::place(uint64_t epoch, const std::string& worker,
                                                  const std::vector<assignment>& wanted) {
  std::map<sync_id, std::vector<const assignment*>> groups;
  for (auto& x : wanted)
    groups[x.key.sync].push_back(&x);
  std::vector<owned_command> calls;
  calls.reserve(groups.size());
  for (auto& group : groups)
    calls.push_back(placement_call(epoch, worker, group.second));
  auto answers = run_checked(db_, calls);
  if (!answers)
    return std::move(answers.error());
  std::vector<assignment> result;
  size_t next = 0;
  for (auto& group : groups) {
    auto& answer = *(*answers)[next++];
    for (size_t i = 0; i < group.second.size() && i < answer.elements; ++i)
      if (number_of(*answer.element[i]) == 1)
        result.push_back(*group.second[i]);
  }
  return result;
}

expected<std::optional<variant_entry>> variants::find(const variant_key& key) {
  auto registry = keys::registry(key.sync);
  auto reply = db_.run({"HGET", registry, key.name});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->type == REDIS_REPLY_NIL)
    return std::nullopt;
  auto entry = entry_of(key, **reply);
  if (!entry)
    return std::move(entry.error());
  return std::optional{std::move(*entry)};
}

expected<std::vector<variant_entry>> variants::find(const std::vector<variant_key>& wanted) {
  std::vector<owned_command> questions;
  questions.reserve(wanted.size());
  for (auto& key : wanted)
    questions.push_back({"HGET", keys::registry(key.sync), key.name});
  auto answers = run_checked(db_, questions);
  if (!answers)
    return std::move(answers.error());
  std::vector<variant_entry> result;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if ((*answers)[i]->type == REDIS_REPLY_NIL)
      continue;
    auto entry = entry_of(wanted[i], *(*answers)[i]);
    if (!entry)
      return std::move(entry.error());
    result.push_back(std::move(*entry));
  }
  return result;
}

expected<std::vector<variant_entry>> variants::list(const sync_id& sync) {
  auto registry = keys::registry(sync);
  auto reply = db_.run({"HGETALL", registry});
  if (!reply)
    return std::move(reply.error());
  return entries_of(sync, **reply);
}

expected<std::vector<std::string>> variants::syncs_of(connection_number connection) {
  // The index is ordered by text; '0' follows '/', so this is all that begins with "14/".
  auto number = std::to_string(connection);
  auto first = '[' + number + '/';
  auto last = '(' + number + '0';
  auto members = db_.run({"ZRANGEBYLEX", keys::syncs, first, last});
  if (!members)
    return std::move(members.error());
  std::vector<sync_id> syncs;
  std::vector<owned_command> questions;
  for (size_t i = 0; i < (*members)->elements; ++i) {
    syncs.push_back(parse_sync_id(text_of(*(*members)->element[i])));
    questions.push_back({"EXISTS", keys::registry(syncs.back())});
  }
  auto answers = run_checked(db_, questions);
  if (!answers)
    return std::move(answers.error());
  std::vector<std::string> result;
  for (size_t i = 0; i < syncs.size(); ++i)
    if (number_of(*(*answers)[i]) == 1)
      result.push_back(std::move(syncs[i].name));
  return result;
}

expected<std::vector<sync_id>> variants::next_syncs(const std::optional<sync_id>& after,
                                                    size_t count) {
  auto first = after ? '(' + to_string(*after) : std::string{"-"};
  auto limit = std::to_string(count);
  auto members = db_.run({"ZRANGEBYLEX", keys::syncs, first, "+", "LIMIT", "0", limit});
  if (!members)
    return std::move(members.error());
  std::vector<sync_id> result;
  for (size_t i = 0; i < (*members)->elements; ++i)
    result.push_back(parse_sync_id(text_of(*(*members)->element[i])));
  return result;
}

namespace {

expected<std::vector<variant_entry>> claim_entries(redis& db, uint64_t epoch,
                                                   const std::vector<sync_id>& syncs) {
  std::vector<owned_command> questions;
  questions.reserve(syncs.size());
  for (auto& sync : syncs)
    questions.push_back(call_of("registry_claim", {keys::registry(sync), keys::epoch(sync)},
                                {std::to_string(epoch)}));
  auto answers = run_checked(db, questions);
  if (!answers)
    return std::move(answers.error());
  std::vector<variant_entry> result;
  for (size_t i = 0; i < syncs.size(); ++i) {
    auto entries = entries_of(syncs[i], *(*answers)[i]);
    if (!entries)
      return entries;
    std::move(entries->begin(), entries->end(), std::back_inserter(result));
  }
  return result;
}

expected<void> read_placements(redis& db, std::vector<variant_entry> entries,
                               std::vector<registered_variant>& result) {
  for (size_t first = 0; first < entries.size(); first += read_max) {
    auto last = std::min(first + read_max, entries.size());
    std::vector<owned_command> questions;
    for (auto i = first; i < last; ++i)
      questions.push_back(
        {"HMGET", keys::head(ref_of(entries[i])), "token", "worker", "want", "event", "inbox"});
    auto answers = run_checked(db, questions);
    if (!answers)
      return std::move(answers.error());
    for (auto i = first; i < last; ++i) {
      auto& fields = *(*answers)[i - first];
      auto wanted = fields.element[2]->type != REDIS_REPLY_NIL
                    || fields.element[3]->type != REDIS_REPLY_NIL
                    || number_of(*fields.element[4]) > 0;
      result.push_back({std::move(entries[i]),
                        {parse_token(text_of(*fields.element[0])), text_of(*fields.element[1])},
                        wanted});
    }
  }
  return caf::unit;
}

} // namespace

expected<std::vector<registered_variant>> variants::claim_all(uint64_t epoch) {
  std::vector<registered_variant> result;
  std::optional<sync_id> after;
  for (;;) {
    auto syncs = next_syncs(after, read_max);
    if (!syncs)
      return std::move(syncs.error());
    if (syncs->empty())
      return result;
    after = syncs->back();
    auto entries = claim_entries(db_, epoch, *syncs);
    if (!entries)
      return std::move(entries.error());
    if (auto read = read_placements(db_, std::move(*entries), result); !read)
      return read.error();
  }
}

} // namespace varia
