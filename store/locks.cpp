#include "store/locks.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

namespace varia {

namespace {

expected<bool> is_one(expected<redis::reply> reply) {
  if (!reply)
    return std::move(reply.error());
  return number_of(**reply) == 1;
}

} // namespace

expected<bool> locks::take(const std::string& environment, const std::string& name,
                           const std::string& owner, milliseconds span) {
  return is_one(
    call(db_, "lock_take", {keys::lock(environment, name)}, {owner, std::to_string(span.count())}));
}

expected<bool> locks::release(const std::string& environment, const std::string& name,
                              const std::string& owner) {
  return is_one(call(db_, "lock_release", {keys::lock(environment, name)}, {owner}));
}

} // namespace varia
