#include "store/record_copies.hpp"

#include "store/call.hpp"
#include "store/json_text.hpp"
#include "store/keys.hpp"
#include "store/sealing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace varia {

namespace {

expected<std::vector<std::string>> ids_behind(redis& db, const std::string& order,
                                              record_place after, size_t count) {
  auto begin = "(" + std::to_string(after);
  auto limit = std::to_string(count);
  auto reply = db.run({"ZRANGE", order, begin, "+inf", "BYSCORE", "LIMIT", "0", limit});
  if (!reply)
    return std::move(reply.error());
  std::vector<std::string> result;
  for (size_t i = 0; i < (*reply)->elements; ++i)
    result.push_back(text_of(*(*reply)->element[i]));
  return result;
}

expected<redis::reply> fields_of_hash(redis& db, const std::string& key,
                                      const std::vector<std::string>& names) {
  owned_command words{"HMGET", key};
  words.insert(words.end(), names.begin(), names.end());
  return db.run(view_of(words));
}

// Reads what is kept of each, as far as the payloads fit; what has gone meanwhile is left out.
expected<copied_page> read_metas(redis& db, const std::string& key,
                                 const std::vector<std::string>& ids, size_t bytes_max) {
  auto metas = fields_of_hash(db, key, ids);
  if (!metas)
    return std::move(metas.error());
  copied_page result;
  size_t bytes = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    auto& found = *(*metas)->element[i];
    if (found.type == REDIS_REPLY_NIL)
      continue;
    auto meta = read_record_meta(text_of(found));
    if (!meta)
      return std::move(meta.error());
    if (!result.records.empty() && bytes + meta->bytes > bytes_max) {
      result.is_last = false;
      return result;
    }
    bytes += meta->bytes;
    result.end = std::max(result.end, meta->place);
    result.records.push_back({ids[i], text_of(found), {}});
  }
  return result;
}

expected<void> read_payloads(redis& db, const std::string& key, std::vector<record_copy>& to) {
  std::vector<std::string> ids;
  for (auto& each : to)
    ids.push_back(each.id);
  auto payloads = fields_of_hash(db, key, ids);
  if (!payloads)
    return std::move(payloads.error());
  for (size_t i = 0; i < to.size(); ++i) {
    auto& found = *(*payloads)->element[i];
    if (found.type == REDIS_REPLY_NIL)
      continue;
    auto opened = open_payload(text_of(found));
    if (!opened)
      return std::move(opened.error());
    to[i].payload = std::move(*opened);
  }
  return caf::unit;
}

// Bytes and payload of one that is written back must agree, or readers would be misled.
expected<std::string> checked_payload(const record_copy& x) {
  auto meta = read_record_meta(x.meta);
  if (!meta)
    return fail(errc::invalid, "what is kept of a record is not readable");
  if (x.payload.empty() != (meta->bytes == 0))
    return fail(errc::invalid, "a record and what is kept of it do not agree");
  if (!x.payload.empty() && !fields_of(x.payload))
    return fail(errc::invalid, "a record is not a JSON object");
  return x.payload.empty() ? std::string{} : seal_payload(x.payload);
}

} // namespace

expected<copied_page> record_copies::read(const variant_ref& variant, const std::string& model,
                                          record_place after, size_t records_max,
                                          size_t bytes_max) {
  auto ids = ids_behind(db_, keys::record_order(variant, model), after, records_max);
  if (!ids)
    return std::move(ids.error());
  if (ids->empty())
    return copied_page{{}, after, true};
  auto page = read_metas(db_, keys::record_meta(variant, model), *ids, bytes_max);
  if (!page)
    return std::move(page.error());
  page->is_last = page->is_last && ids->size() < records_max;
  page->end = std::max(page->end, after);
  if (page->records.empty())
    return std::move(*page);
  if (auto done = read_payloads(db_, keys::record_data(variant, model), page->records); !done)
    return std::move(done.error());
  return std::move(*page);
}

expected<void> record_copies::restore(const variant_ref& variant, const std::string& model,
                                      const std::vector<record_copy>& all) {
  if (all.empty())
    return caf::unit;
  std::vector<std::string> args{model};
  std::unordered_set<std::string_view> ids;
  for (auto& each : all) {
    if (!ids.insert(each.id).second)
      return fail(errc::invalid, "a record comes twice");
    auto payload = checked_payload(each);
    if (!payload)
      return std::move(payload.error());
    args.push_back(each.id);
    args.push_back(each.meta);
    args.push_back(std::move(*payload));
  }
  auto done = call(db_, "records_restore",
                   {keys::head(variant), keys::record_meta(variant, model),
                    keys::record_data(variant, model), keys::record_order(variant, model),
                    keys::place(variant.sync), keys::feed(variant.sync)},
                   args);
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

} // namespace varia
