#include "store/variant_limits.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"
#include "store/variants.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>

namespace varia {

namespace {

// How many syncs one round trip counts.
constexpr size_t count_max = 1000;

std::string environment_field(const limit_scope& x) {
  return "e:" + x.environment;
}

std::string connection_field(const limit_scope& x) {
  return "c:" + std::to_string(x.connection);
}

std::string sync_field(const sync_id& x) {
  return "s:" + to_string(x);
}

std::string field_of(const limit_scope& x) {
  if (!x.sync.empty())
    return sync_field({x.connection, x.sync});
  return x.connection > 0 ? connection_field(x) : environment_field(x);
}

std::optional<uint32_t> limit_in(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_NIL)
    return std::nullopt;
  return static_cast<uint32_t>(number_of(reply));
}

} // namespace

expected<limit_view> variant_limits::view(const limit_scope& scope, uint32_t otherwise) {
  auto environment = environment_field(scope);
  auto connection = connection_field(scope);
  auto sync = sync_field({scope.connection, scope.sync});
  auto reply = db_.run({"HMGET", keys::limits, environment, connection, sync});
  if (!reply)
    return std::move(reply.error());
  auto& fields = **reply;
  limit_view result;
  result.of_environment = limit_in(*fields.element[0]);
  result.of_connection = limit_in(*fields.element[1]);
  result.of_sync = limit_in(*fields.element[2]);
  result.effective = result.of_sync.value_or(
    result.of_connection.value_or(result.of_environment.value_or(otherwise)));
  return result;
}

expected<void> variant_limits::set(uint64_t epoch, const limit_change& what, uint32_t otherwise) {
  if (auto fits = check(epoch, what, otherwise); !fits)
    return fits;
  auto done = call(db_, "limit_set", {keys::lead_epoch, keys::limits},
                   {std::to_string(epoch), field_of(what.scope),
                    what.removes ? "" : std::to_string(what.named_max)});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

expected<void> variant_limits::forget(const sync_id& sync) {
  auto field = sync_field(sync);
  if (auto done = db_.run({"HDEL", keys::limits, field}); !done)
    return std::move(done.error());
  return caf::unit;
}

// Counting makes our epoch known to each sync: from then on no leader of the past adds to it.
expected<void> variant_limits::check(uint64_t epoch, const limit_change& what, uint32_t otherwise) {
  auto wider = what.scope;
  if (!wider.sync.empty())
    wider.sync.clear();
  else
    wider.connection = 0;
  auto limit = what.named_max;
  if (what.removes) {
    auto around = view(wider, otherwise);
    if (!around)
      return std::move(around.error());
    auto is_widest = what.scope.connection == 0;
    limit = is_widest ? otherwise : around->effective;
  }
  auto syncs = affected(what.scope);
  if (!syncs)
    return std::move(syncs.error());
  for (size_t first = 0; first < syncs->size(); first += count_max) {
    std::vector<owned_command> questions;
    auto last = std::min(first + count_max, syncs->size());
    for (auto i = first; i < last; ++i)
      questions.push_back(call_of("variant_count",
                                  {keys::registry((*syncs)[i]), keys::epoch((*syncs)[i])},
                                  {std::to_string(epoch)}));
    auto counts = run_checked(db_, questions);
    if (!counts)
      return std::move(counts.error());
    for (auto i = first; i < last; ++i)
      if (auto named = number_of(*(*counts)[i - first]); named > limit)
        return fail(errc::conflict, (*syncs)[i].name + " has " + std::to_string(named)
                                      + " variants already, more than " + std::to_string(limit));
  }
  return caf::unit;
}

// The syncs whose limit it is: those that no closer one is said of.
expected<std::vector<sync_id>> variant_limits::affected(const limit_scope& scope) {
  if (!scope.sync.empty())
    return std::vector<sync_id>{{scope.connection, scope.sync}};
  auto all = db_.run({"HKEYS", keys::limits});
  if (!all)
    return std::move(all.error());
  std::vector<std::string> said;
  for (size_t i = 0; i < (*all)->elements; ++i)
    said.push_back(text_of(*(*all)->element[i]));
  std::sort(said.begin(), said.end());
  auto is_said
    = [&](const std::string& field) { return std::binary_search(said.begin(), said.end(), field); };
  std::vector<connection_number> connections{scope.connection};
  if (scope.connection == 0) {
    connections.clear();
    auto place = keys::connections_of(scope.environment);
    auto numbers = db_.run({"ZRANGE", place, "0", "-1"});
    if (!numbers)
      return std::move(numbers.error());
    for (size_t i = 0; i < (*numbers)->elements; ++i)
      if (auto text = text_of(*(*numbers)->element[i]); !is_said("c:" + text))
        connections.push_back(std::stoull(text));
  }
  auto syncs = syncs_of(connections);
  if (!syncs)
    return syncs;
  syncs->erase(std::remove_if(syncs->begin(), syncs->end(),
                              [&](auto& sync) { return is_said(sync_field(sync)); }),
               syncs->end());
  return syncs;
}

expected<std::vector<sync_id>>
variant_limits::syncs_of(const std::vector<connection_number>& connections) {
  std::vector<sync_id> result;
  for (auto number : connections) {
    auto names = variants{db_}.syncs_of(number);
    if (!names)
      return std::move(names.error());
    for (auto& name : *names)
      result.push_back({number, name});
  }
  return result;
}

} // namespace varia
