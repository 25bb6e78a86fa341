#include "store/record_sources.hpp"

#include "store/keys.hpp"
#include "store/variants.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>

namespace varia {

namespace {

expected<record_source> source_of(const variant_choice& x, std::string name,
                                  const redisReply& entry) {
  auto read = read_variant_entry({x.sync, name}, {entry.str, entry.len});
  if (!read)
    return std::move(read.error());
  return record_source{ref_of(*read), x.name == every_variant ? std::move(name) : std::string{}};
}

} // namespace

owned_command sources_question(const variant_choice& x) {
  auto registry = keys::registry(x.sync);
  if (x.name == every_variant)
    return {"HGETALL", std::move(registry)};
  return {"HGET", std::move(registry), x.name};
}

expected<std::vector<record_source>> read_sources(const variant_choice& x,
                                                  const redisReply& reply) {
  std::vector<record_source> result;
  if (x.name != every_variant) {
    if (reply.type == REDIS_REPLY_NIL)
      return result;
    auto source = source_of(x, x.name, reply);
    if (!source)
      return std::move(source.error());
    result.push_back(std::move(*source));
    return result;
  }
  for (size_t i = 0; i + 1 < reply.elements; i += 2) {
    auto source = source_of(x, text_of(*reply.element[i]), *reply.element[i + 1]);
    if (!source)
      return std::move(source.error());
    result.push_back(std::move(*source));
  }
  std::sort(result.begin(), result.end(), [](auto& a, auto& b) { return a.name < b.name; });
  return result;
}

bool are_same(const std::vector<record_source>& a, const std::vector<record_source>& b) {
  auto same = [](const record_source& x, const record_source& y) {
    return x.variant.id == y.variant.id && x.variant.sync == y.variant.sync;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

} // namespace varia
