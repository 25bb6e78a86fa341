#include "store/leases.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

namespace varia {

namespace {

expected<void> without_answer(expected<redis::reply> reply) {
  if (!reply)
    return std::move(reply.error());
  return caf::unit;
}

} // namespace

expected<uint64_t> leases::take_lead(const std::string& holder, milliseconds ttl) {
  auto reply
    = call(db_, "lead_take", {keys::lead, keys::lead_epoch}, {holder, std::to_string(ttl.count())});
  if (!reply)
    return std::move(reply.error());
  return static_cast<uint64_t>(number_of(**reply));
}

expected<void> leases::give_up_lead(const std::string& holder) {
  return without_answer(call(db_, "lead_give_up", {keys::lead}, {holder}));
}

expected<std::optional<leadership>> leases::leader() {
  auto reply = db_.run({"MGET", keys::lead, keys::lead_epoch});
  if (!reply)
    return std::move(reply.error());
  auto& holder = *(*reply)->element[0];
  if (holder.type == REDIS_REPLY_NIL)
    return std::nullopt;
  return std::optional{
    leadership{text_of(holder), static_cast<uint64_t>(number_of(*(*reply)->element[1]))}};
}

expected<void> leases::renew_worker(const std::string& worker, const std::string& boot,
                                    const std::string& address, milliseconds ttl) {
  return without_answer(call(db_, "worker_renew", {keys::workers, keys::worker(worker)},
                             {worker, boot, address, std::to_string(ttl.count())}));
}

expected<void> leases::give_up_worker(const std::string& worker, const std::string& boot) {
  return without_answer(
    call(db_, "worker_give_up", {keys::workers, keys::worker(worker)}, {worker, boot}));
}

expected<std::vector<worker_lease>> leases::workers() {
  auto reply = call(db_, "workers_list", {keys::workers});
  if (!reply)
    return std::move(reply.error());
  std::vector<worker_lease> result;
  auto& words = **reply;
  for (size_t i = 0; i + 2 < words.elements; i += 3)
    result.push_back({text_of(*words.element[i]), text_of(*words.element[i + 1]),
                      number_of(*words.element[i + 2])});
  return result;
}

} // namespace varia
