#include "store/deletions.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

namespace varia {

namespace {

// What one call looks at: Redis serves nobody else meanwhile.
constexpr auto look_max = "2000";

expected<void> change(redis& db, std::string function, const run_ticket& ticket,
                      const std::string& model) {
  auto done = call(db, std::move(function), {keys::head(ticket.variant)},
                   {to_string(ticket.owner), std::to_string(ticket.run), model});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

} // namespace

expected<void> deletions::start(const run_ticket& ticket, const std::string& model) {
  return change(db_, "deletions_start", ticket, model);
}

expected<std::optional<uint64_t>> deletions::started(const variant_ref& variant,
                                                     const std::string& model) {
  auto head = keys::head(variant);
  auto field = "t:" + model;
  auto reply = db_.run({"HGET", head, field});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->type == REDIS_REPLY_NIL)
    return std::nullopt;
  return std::optional{static_cast<uint64_t>(number_of(**reply))};
}

expected<unseen_records> deletions::find_unseen(const variant_ref& variant,
                                                const std::string& model, uint64_t since) {
  unseen_records result;
  std::string position = "0";
  while (!position.empty()) {
    auto reply = call(db_, "records_unseen",
                      {keys::record_meta(variant, model), keys::record_order(variant, model)},
                      {position, std::to_string(since), look_max});
    if (!reply)
      return std::move(reply.error());
    auto& answer = **reply;
    position = text_of(*answer.element[0]);
    result.live += number_of(*answer.element[1]);
    for (size_t i = 2; i < answer.elements; ++i)
      result.ids.push_back(text_of(*answer.element[i]));
  }
  return result;
}

expected<void> deletions::end(const run_ticket& ticket, const std::string& model) {
  return change(db_, "deletions_end", ticket, model);
}

} // namespace varia
