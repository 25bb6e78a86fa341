#include "store/functions.hpp"

#include "core/text.hpp"
#include "store/keys.hpp"
#include "store/packing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <tuple>

namespace varia {

namespace {

// How it is kept.
struct packed_function : function {
  MSGPACK_DEFINE_MAP(provider_config_key, name, version, sha, models, frequency, auto_start,
                     track_deletes, sync_type, description, features, webhook_subscriptions,
                     attributes, json_schema, deployed_at, kind, input, event, endpoints, scopes,
                     source_sha, sdk_version, newest, partitions, schedule, schedule_since)
};

} // namespace

template <>
std::string pack(const function& x) {
  return pack(packed_function{x});
}

template <>
expected<function> unpack(std::string_view bytes) {
  return unpack_as<packed_function, function>(bytes);
}

namespace {

// What stamped.lua keeps beside the functions. Their own fields begin with a number.
constexpr std::string_view version_field = "version";

// Names hold no slash, so that no sync is taken for a function of another kind.
std::string field_of(const std::string& provider_config_key, const std::string& name,
                     const std::string& kind) {
  return keys::pair_of(provider_config_key, kind == function_kind::sync ? name : kind + '/' + name);
}

expected<function> decode(const redisReply& reply) {
  std::string_view bytes{reply.str, reply.len};
  auto times = read_stamps(bytes);
  if (!times)
    return std::move(times.error());
  auto result = unpack<function>(bytes.substr(stamps::size));
  if (result)
    result->deployed_at = times->updated_at;
  return result;
}

} // namespace

timing timing_of(const function& deployed) {
  return timing_of(deployed.frequency, deployed.schedule, deployed.schedule_since);
}

expected<std::string> functions::put_code(const std::string& bundle) {
  auto sha = sha256_hex(bundle);
  auto place = keys::code(sha);
  if (auto stored = db_.run({"SET", place, bundle, "NX"}); !stored)
    return std::move(stored.error());
  return sha;
}

expected<std::string> functions::code(const std::string& sha) {
  auto place = keys::code(sha);
  auto reply = db_.run({"GET", place});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->type == REDIS_REPLY_NIL)
    return fail(errc::not_found, "there is no bundle " + sha);
  return text_of(**reply);
}

expected<std::vector<function>> functions::deploy(const std::string& environment,
                                                  std::vector<function> all) {
  std::vector<std::string> args;
  for (auto& x : all) {
    args.push_back(field_of(x.provider_config_key, x.name, x.kind));
    args.push_back(pack(x));
  }
  auto now = call(db_, "stamped_put", {keys::functions(environment)}, args);
  if (!now)
    return std::move(now.error());
  for (auto& x : all)
    x.deployed_at = number_of(**now);
  return all;
}

expected<std::optional<function>> functions::find(const std::string& environment,
                                                  const std::string& provider_config_key,
                                                  const std::string& name,
                                                  const std::string& kind) {
  auto all = keys::functions(environment);
  auto field = field_of(provider_config_key, name, kind);
  auto reply = db_.run({"HGET", all, field});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->type == REDIS_REPLY_NIL)
    return std::nullopt;
  auto found = decode(**reply);
  if (!found)
    return std::move(found.error());
  return std::optional{std::move(*found)};
}

expected<std::vector<function>> functions::list(const std::string& environment,
                                                const std::string& provider_config_key,
                                                const std::string& kind) {
  auto all = keys::functions(environment);
  auto reply = db_.run({"HGETALL", all});
  if (!reply)
    return std::move(reply.error());
  std::vector<function> result;
  for (size_t i = 0; i + 1 < (*reply)->elements; i += 2) {
    if (text_of(*(*reply)->element[i]) == version_field)
      continue;
    auto one = decode(*(*reply)->element[i + 1]);
    if (!one)
      return std::move(one.error());
    if (kind != function_kind::any && one->kind != kind)
      continue;
    if (provider_config_key.empty() || one->provider_config_key == provider_config_key)
      result.push_back(std::move(*one));
  }
  std::sort(result.begin(), result.end(), [](auto& a, auto& b) {
    return std::tie(a.provider_config_key, a.name, a.kind)
           < std::tie(b.provider_config_key, b.name, b.kind);
  });
  return result;
}

expected<time_ms> functions::now() {
  auto reply = db_.run({"TIME"});
  if (!reply)
    return std::move(reply.error());
  return number_of(*(*reply)->element[0]) * 1000 + number_of(*(*reply)->element[1]) / 1000;
}

owned_command functions::version_question(const std::string& environment) {
  return {"HGET", keys::functions(environment), std::string{version_field}};
}

expected<void> functions::remove(const std::string& environment,
                                 const std::string& provider_config_key, const std::string& name,
                                 const std::string& kind) {
  auto done = call(db_, "stamped_drop", {keys::functions(environment)},
                   {field_of(provider_config_key, name, kind)});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

} // namespace varia
