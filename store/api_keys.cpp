#include "store/api_keys.hpp"

#include "core/text.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

namespace varia {

namespace {

// The letters of a uuid mean the same in either case.
std::string hash_of(const std::string& key) {
  return sha256_hex(to_lower(key));
}

} // namespace

expected<void> api_keys::add(const std::string& key, const std::string& environment) {
  auto hash = hash_of(key);
  if (auto added = db_.run({"HSETNX", keys::api_keys, hash, environment}); !added)
    return std::move(added.error());
  return caf::unit;
}

expected<std::optional<std::string>> api_keys::find(const std::string& key) {
  auto hash = hash_of(key);
  auto reply = db_.run({"HGET", keys::api_keys, hash});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->type == REDIS_REPLY_NIL)
    return std::nullopt;
  return std::optional{text_of(**reply)};
}

} // namespace varia
