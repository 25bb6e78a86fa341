#include "store/integrations.hpp"

#include "store/call.hpp"
#include "store/keyring.hpp"
#include "store/keys.hpp"
#include "store/packing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>

namespace varia {

namespace {

// How it is kept.
struct packed_integration : integration {
  MSGPACK_DEFINE_MAP(unique_key, provider, display_name, forward_webhooks, settings, credentials,
                     created_at, updated_at, incoming_rules, incoming_secret)
};

} // namespace

template <>
std::string pack(const integration& x) {
  return pack(packed_integration{x});
}

template <>
expected<integration> unpack(std::string_view bytes) {
  return unpack_as<packed_integration, integration>(bytes);
}

namespace {

std::string place_of(const char* what, const std::string& environment, const integration& x) {
  return std::string{what} + "/" + environment + "/" + x.unique_key;
}

// Seals or opens what is secret of an integration; the rest stays as it is.
integration sealed(const keyring& keys, const std::string& environment, integration x) {
  x.credentials = keys.seal(place_of("integration", environment, x), x.credentials);
  x.incoming_secret = keys.seal(place_of("incoming", environment, x), x.incoming_secret);
  return x;
}

expected<integration> opened(const keyring& keys, const std::string& environment, integration x) {
  auto credentials = keys.open(place_of("integration", environment, x), std::move(x.credentials));
  if (!credentials)
    return std::move(credentials.error());
  auto secret = keys.open(place_of("incoming", environment, x), std::move(x.incoming_secret));
  if (!secret)
    return std::move(secret.error());
  x.credentials = std::move(*credentials);
  x.incoming_secret = std::move(*secret);
  return x;
}

expected<integration> decode(const keyring& keys, const std::string& environment,
                             const redisReply& reply) {
  std::string_view bytes{reply.str, reply.len};
  auto times = read_stamps(bytes);
  if (!times)
    return std::move(times.error());
  auto result = unpack<integration>(bytes.substr(stamps::size));
  if (!result)
    return result;
  result->created_at = times->created_at;
  result->updated_at = times->updated_at;
  return opened(keys, environment, std::move(*result));
}

expected<integration> write(redis& db, std::string function, const std::string& environment,
                            const integration& x) {
  auto stored = call(db, std::move(function), {keys::integrations(environment)},
                     {x.unique_key, pack(sealed(db.keys(), environment, x))});
  if (!stored)
    return std::move(stored.error());
  return decode(db.keys(), environment, **stored);
}

} // namespace

expected<integration> integrations::add(const std::string& environment, integration x) {
  return write(db_, "stamped_add", environment, x);
}

expected<integration> integrations::update(const std::string& environment, integration x) {
  return write(db_, "stamped_replace", environment, x);
}

expected<std::optional<integration>> integrations::find(const std::string& environment,
                                                        const std::string& key) {
  auto all = keys::integrations(environment);
  auto reply = db_.run({"HGET", all, key});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->type == REDIS_REPLY_NIL)
    return std::nullopt;
  auto found = decode(db_.keys(), environment, **reply);
  if (!found)
    return std::move(found.error());
  return std::optional{std::move(*found)};
}

expected<std::vector<integration>> integrations::list(const std::string& environment) {
  auto all = keys::integrations(environment);
  auto reply = db_.run({"HVALS", all});
  if (!reply)
    return std::move(reply.error());
  std::vector<integration> result;
  for (size_t i = 0; i < (*reply)->elements; ++i) {
    auto one = decode(db_.keys(), environment, *(*reply)->element[i]);
    if (!one)
      return std::move(one.error());
    result.push_back(std::move(*one));
  }
  std::sort(result.begin(), result.end(), [](auto& a, auto& b) {
    return std::tie(a.created_at, a.unique_key) < std::tie(b.created_at, b.unique_key);
  });
  return result;
}

expected<void> integrations::remove(const std::string& environment, const std::string& key) {
  auto all = keys::integrations(environment);
  auto reply = db_.run({"HDEL", all, key});
  if (!reply)
    return std::move(reply.error());
  if (number_of(**reply) == 0)
    return fail(errc::not_found, "the integration does not exist");
  return caf::unit;
}

} // namespace varia
