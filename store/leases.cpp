#include "store/leases.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <utility>

namespace varia {

namespace {

// What one entry of a list of leases has: name, address, start, and one more word.
constexpr size_t lease_words = 4;

expected<void> without_answer(expected<redis::reply> reply) {
  if (!reply)
    return std::move(reply.error());
  return caf::unit;
}

expected<leadership> read_leadership(expected<redis::reply> reply) {
  if (!reply)
    return std::move(reply.error());
  auto& words = **reply;
  if (words.elements != 4)
    return fail(errc::internal, "the answer about the lead is of no known form");
  leadership result;
  result.leader = text_of(*words.element[0]);
  result.epoch = static_cast<uint64_t>(number_of(*words.element[1]));
  result.address = text_of(*words.element[2]);
  result.left_ms = static_cast<uint64_t>(number_of(*words.element[3]));
  return result;
}

worker_duty parse_duty(const std::string& text) {
  if (text == to_string(worker_duty::cordoned))
    return worker_duty::cordoned;
  if (text == to_string(worker_duty::draining))
    return worker_duty::draining;
  return worker_duty::active;
}

} // namespace

const char* to_string(worker_duty x) {
  switch (x) {
    case worker_duty::active: return "active";
    case worker_duty::cordoned: return "cordoned";
    case worker_duty::draining: return "draining";
  }
  return "";
}

expected<leadership> leases::take_lead(const candidate& who) {
  auto found
    = read_leadership(call(db_, "lead_take", {keys::lead, keys::lead_epoch, keys::coordinators},
                           {who.holder, who.address, std::to_string(who.ttl_ms)}));
  if (!found)
    return found;
  auto server = db_.server_id();
  if (!server)
    return std::move(server.error());
  found->server_id = std::move(*server);
  return found;
}

expected<void> leases::give_up_lead(const std::string& holder) {
  return without_answer(call(db_, "lead_give_up", {keys::lead, keys::coordinators}, {holder}));
}

expected<void> leases::pass_lead(const std::string& from, const std::string& to, milliseconds ttl) {
  return without_answer(call(db_, "lead_pass", {keys::lead, keys::lead_epoch, keys::coordinators},
                             {from, to, std::to_string(ttl.count())}));
}

expected<leadership> leases::leader() {
  return read_leadership(
    call(db_, "lead_show", {keys::lead, keys::lead_epoch, keys::coordinators}));
}

expected<std::vector<coordinator_lease>> leases::coordinators() {
  auto reply = call(db_, "coordinators_list", {keys::coordinators});
  if (!reply)
    return std::move(reply.error());
  std::vector<coordinator_lease> result;
  auto& words = **reply;
  for (size_t i = 0; i + lease_words <= words.elements; i += lease_words)
    result.push_back({text_of(*words.element[i]), text_of(*words.element[i + 1]),
                      number_of(*words.element[i + 2])});
  return result;
}

expected<leadership> leases::renew_worker(const std::string& worker, const std::string& boot,
                                          const std::string& address, milliseconds ttl) {
  return read_leadership(
    call(db_, "worker_renew",
         {keys::workers, keys::worker(worker), keys::lead, keys::lead_epoch, keys::coordinators},
         {worker, boot, address, std::to_string(ttl.count())}));
}

expected<void> leases::give_up_worker(const std::string& worker, const std::string& boot) {
  return without_answer(
    call(db_, "worker_give_up", {keys::workers, keys::worker(worker)}, {worker, boot}));
}

expected<std::vector<worker_lease>> leases::workers() {
  auto reply = call(db_, "workers_list", {keys::workers, keys::duties});
  if (!reply)
    return std::move(reply.error());
  std::vector<worker_lease> result;
  auto& words = **reply;
  for (size_t i = 0; i + lease_words <= words.elements; i += lease_words)
    result.push_back({text_of(*words.element[i]), text_of(*words.element[i + 1]),
                      number_of(*words.element[i + 2]),
                      parse_duty(text_of(*words.element[i + 3]))});
  return result;
}

expected<void> leases::set_duty(uint64_t epoch, const std::string& worker, worker_duty duty) {
  auto word = duty == worker_duty::active ? "" : to_string(duty);
  return without_answer(call(db_, "worker_duty", {keys::lead_epoch, keys::duties},
                             {std::to_string(epoch), worker, word}));
}

} // namespace varia
