#include "store/function_versions.hpp"

#include "store/keys.hpp"
#include "store/packing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>

namespace varia {

namespace {

std::string key_of(const std::string& environment, const std::string& provider_config_key,
                   const std::string& name, const std::string& kind) {
  return keys::function_versions(environment,
                                 keys::pair_of(provider_config_key, kind + '/' + name));
}

bool is_same_version(const function& a, const function& b) {
  return a.version == b.version && a.sha == b.sha;
}

} // namespace

expected<void> function_versions::keep(const std::string& environment, const function& old,
                                       bool removed) {
  auto place = key_of(environment, old.provider_config_key, old.name, old.kind);
  auto last = std::to_string(versions_max - 1);
  auto ttl = std::to_string(removed_ttl.count());
  if (auto done = db_.run({"LPUSH", place, pack(old)}); !done)
    return std::move(done.error());
  if (auto done = db_.run({"LTRIM", place, "0", last}); !done)
    return std::move(done.error());
  auto done = removed ? db_.run({"PEXPIRE", place, ttl}) : db_.run({"PERSIST", place});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

expected<std::vector<function>> function_versions::list(const std::string& environment,
                                                        const std::string& provider_config_key,
                                                        const std::string& name,
                                                        const std::string& kind) {
  auto place = key_of(environment, provider_config_key, name, kind);
  auto reply = db_.run({"LRANGE", place, "0", "-1"});
  if (!reply)
    return std::move(reply.error());
  std::vector<function> result;
  for (size_t i = 0; i < (*reply)->elements; ++i) {
    auto one = unpack<function>(text_of(*(*reply)->element[i]));
    if (!one)
      return std::move(one.error());
    auto is_known = [&](auto& x) { return is_same_version(x, *one); };
    if (std::none_of(result.begin(), result.end(), is_known))
      result.push_back(std::move(*one));
  }
  return result;
}

} // namespace varia
