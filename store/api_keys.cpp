#include "store/api_keys.hpp"

#include "core/ids.hpp"
#include "core/text.hpp"
#include "store/call.hpp"
#include "store/keys.hpp"
#include "store/packing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace varia {

namespace {

// How it is kept.
struct packed_key : api_key {
  MSGPACK_DEFINE_MAP(id, environment, name, scopes, created_at)
};

} // namespace

struct api_keys::stored_key {
  std::string hash;
  api_key about;
};

namespace {

constexpr size_t uuid_dashes[] = {8, 13, 18, 23};

// The id of a key that is told by its hash alone: the hash of it, which leads back to nothing.
std::string id_from(const std::string& hash) {
  auto text = sha256_hex("id of " + hash).substr(0, 32);
  for (auto at : uuid_dashes)
    text.insert(at, "-");
  return text;
}

api_key first_key(const std::string& hash, const std::string& environment) {
  return {id_from(hash), environment, "first key", {"*"}, 0, 0};
}

// An older program wrote the environment alone, whose first byte no packed map has.
expected<api_key> read_row(const std::string& hash, const std::string& row) {
  if (!row.empty() && static_cast<unsigned char>(row.front()) < 0x80)
    return first_key(hash, row);
  return unpack_as<packed_key, api_key>(row);
}

} // namespace

// The letters of a uuid mean the same in either case.
std::string api_keys::hash_of(const std::string& key) {
  return sha256_hex(to_lower(key));
}

expected<void> api_keys::add(const std::string& key, const std::string& environment) {
  auto hash = hash_of(key);
  auto row = pack(packed_key{first_key(hash, environment)});
  if (auto added = db_.run({"HSETNX", keys::api_keys, hash, row}); !added)
    return std::move(added.error());
  return caf::unit;
}

expected<made_key> api_keys::make(api_key wanted) {
  auto secret = make_uuid();
  wanted.id = make_uuid();
  auto row = call(db_, "key_add", {keys::api_keys},
                  {hash_of(secret), pack(packed_key{wanted}), std::to_string(keys_max)});
  if (!row)
    return std::move(row.error());
  auto stored = unpack_as<packed_key, api_key>(text_of(**row));
  if (!stored)
    return std::move(stored.error());
  return made_key{std::move(secret), std::move(*stored)};
}

expected<std::optional<api_key>> api_keys::find(const std::string& key) {
  return find_hashed(hash_of(key));
}

expected<std::optional<api_key>> api_keys::find_hashed(const std::string& hash) {
  auto reply = db_.run({"HGET", keys::api_keys, hash});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->type == REDIS_REPLY_NIL)
    return std::nullopt;
  auto found = read_row(hash, text_of(**reply));
  if (!found)
    return std::move(found.error());
  return std::optional{std::move(*found)};
}

expected<std::vector<api_keys::stored_key>> api_keys::read_all() {
  auto answers = run_checked(
    db_, std::vector<owned_command>{{"HGETALL", keys::api_keys}, {"HGETALL", keys::api_keys_used}});
  if (!answers)
    return std::move(answers.error());
  std::map<std::string, time_ms> used;
  auto& times = *(*answers)[1];
  for (size_t i = 0; i + 1 < times.elements; i += 2)
    used[text_of(*times.element[i])] = number_of(*times.element[i + 1]);
  std::vector<stored_key> result;
  auto& rows = *(*answers)[0];
  for (size_t i = 0; i + 1 < rows.elements; i += 2) {
    auto hash = text_of(*rows.element[i]);
    auto about = read_row(hash, text_of(*rows.element[i + 1]));
    if (!about)
      return std::move(about.error());
    about->last_used_at = used[about->id];
    result.push_back({std::move(hash), std::move(*about)});
  }
  std::sort(result.begin(), result.end(), [](auto& a, auto& b) {
    return std::pair{a.about.created_at, a.about.id} < std::pair{b.about.created_at, b.about.id};
  });
  return result;
}

expected<std::vector<api_key>> api_keys::list_all() {
  auto all = read_all();
  if (!all)
    return std::move(all.error());
  std::vector<api_key> result;
  for (auto& each : *all)
    result.push_back(std::move(each.about));
  return result;
}

expected<std::vector<api_key>> api_keys::list(const std::string& environment) {
  auto all = list_all();
  if (all)
    all->erase(std::remove_if(all->begin(), all->end(),
                              [&](auto& each) { return each.environment != environment; }),
               all->end());
  return all;
}

expected<void> api_keys::revoke(const std::string& environment, const std::string& id) {
  auto all = read_all();
  if (!all)
    return std::move(all.error());
  auto found = std::find_if(all->begin(), all->end(), [&](auto& each) {
    return each.about.environment == environment && each.about.id == id;
  });
  if (found == all->end())
    return fail(errc::not_found, "there is no such key");
  auto done = run_checked(db_, std::vector<owned_command>{{"HDEL", keys::api_keys, found->hash},
                                                          {"HDEL", keys::api_keys_used, id}});
  return done ? expected<void>{caf::unit} : done.error();
}

expected<void> api_keys::note_use(const std::string& id) {
  auto done = call(db_, "key_used", {keys::api_keys_used}, {id});
  return done ? expected<void>{caf::unit} : done.error();
}

} // namespace varia
