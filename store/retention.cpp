#include "store/retention.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>

namespace varia {

namespace {

constexpr size_t look_max = 2000;

// Hardly more than there is to prune; without a limit to reach the question is whether any is left.
size_t look_for(size_t limit) {
  return limit == 0 ? look_max : std::min(look_max, limit + 100);
}

} // namespace

expected<prune_result> retention::prune(const variant_ref& variant, const std::string& model,
                                        record_place until, size_t limit) {
  auto reply
    = call(db_, "records_prune",
           {keys::head(variant), keys::record_meta(variant, model),
            keys::record_data(variant, model), keys::record_order(variant, model)},
           {model, std::to_string(until), std::to_string(limit), std::to_string(look_for(limit))});
  if (!reply)
    return std::move(reply.error());
  auto& answer = **reply;
  return prune_result{static_cast<size_t>(number_of(*answer.element[0])),
                      number_of(*answer.element[2]) == 1};
}

expected<int64_t> retention::purge(const variant_ref& variant, time_ms idle_since) {
  auto reply = call(db_, "records_purge", {keys::head(variant)}, {std::to_string(idle_since)});
  if (!reply)
    return std::move(reply.error());
  return number_of(**reply);
}

expected<time_ms> retention::now() {
  auto reply = db_.run({"TIME"});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->elements != 2)
    return fail(errc::internal, "Redis does not tell its time");
  return number_of(*(*reply)->element[0]) * 1000 + number_of(*(*reply)->element[1]) / 1000;
}

expected<std::vector<std::string>> retention::models_of(const variant_ref& variant) {
  auto head = keys::head(variant);
  auto reply = db_.run({"HKEYS", head});
  if (!reply)
    return std::move(reply.error());
  std::vector<std::string> result;
  for (size_t i = 0; i < (*reply)->elements; ++i)
    if (auto field = text_of(*(*reply)->element[i]); field.compare(0, 2, "n:") == 0)
      result.push_back(field.substr(2));
  return result;
}

} // namespace varia
