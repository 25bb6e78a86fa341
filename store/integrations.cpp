#include "store/integrations.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"
#include "store/packing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>

namespace varia {

namespace {

expected<integration> decode(const redisReply& reply) {
  std::string_view bytes{reply.str, reply.len};
  auto times = read_stamps(bytes);
  if (!times)
    return std::move(times.error());
  auto result = unpack<integration>(bytes.substr(stamps::size));
  if (result) {
    result->created_at = times->created_at;
    result->updated_at = times->updated_at;
  }
  return result;
}

expected<integration> write(redis& db, std::string function, const std::string& environment,
                            const integration& x) {
  auto stored
    = call(db, std::move(function), {keys::integrations(environment)}, {x.unique_key, pack(x)});
  if (!stored)
    return std::move(stored.error());
  return decode(**stored);
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
  auto found = decode(**reply);
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
    auto one = decode(*(*reply)->element[i]);
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
