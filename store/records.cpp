#include "store/records.hpp"

#include "store/call.hpp"
#include "store/checkpoints.hpp"
#include "store/content_hash.hpp"
#include "store/cursor.hpp"
#include "store/keys.hpp"
#include "store/packing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace varia {

namespace {

// What one call of records_page may do at most: Redis serves nobody else meanwhile.
constexpr auto scan_max = "5000";
constexpr auto page_bytes_max = "16777216";

// The first words of every numbered write of a run.
struct write_call {
  write_call(std::string function, const run_ticket& ticket, uint64_t batch,
             const std::string& model)
    : words{call_of(
      std::move(function),
      {keys::head(ticket.variant), keys::record_meta(ticket.variant, model),
       keys::record_data(ticket.variant, model), keys::record_changes(ticket.variant, model)},
      {to_string(ticket.owner), std::to_string(ticket.run), std::to_string(batch), model})} {}

  expected<commit_result> run(redis& db) {
    auto reply = db.run(view_of(words));
    if (!reply)
      return std::move(reply.error());
    commit_result result;
    std::string_view rest{(*reply)->str, (*reply)->len};
    for (auto* number : {&result.added, &result.updated, &result.deleted, &result.unchanged}) {
      auto [end, fault] = std::from_chars(rest.data(), rest.data() + rest.size(), *number);
      if (fault != std::errc{})
        return fail(errc::internal, "a commit has no answer");
      rest.remove_prefix(std::min(rest.size(), static_cast<size_t>(end - rest.data()) + 1));
    }
    return result;
  }

  owned_command words;
};

caf::error check_batch(uint64_t batch, const std::string& model, size_t records, size_t bytes) {
  if (batch == 0)
    return fail(errc::invalid, "the first batch has number 1");
  if (model.empty())
    return fail(errc::invalid, "the model has no name");
  if (records > batch_records_max)
    return fail(errc::invalid, "a batch has at most 1000 records");
  if (bytes > batch_bytes_max)
    return fail(errc::invalid, "a batch has at most 1 MiB of payload");
  return {};
}

last_action action_of(char letter) {
  return letter == 'A'   ? last_action::added
         : letter == 'U' ? last_action::updated
                         : last_action::deleted;
}

change_place place_of(const record_meta& x) {
  return {x.ms, x.number};
}

// Reads the id, meta and payload that stand at `i`.
expected<stored_record> record_at(const redisReply& answer, size_t i) {
  auto& bytes = *answer.element[i + 1];
  auto meta = read_record_meta({bytes.str, bytes.len});
  if (!meta)
    return std::move(meta.error());
  stored_record result;
  result.id = text_of(*answer.element[i]);
  result.payload = text_of(*answer.element[i + 2]);
  result.first_seen_at = meta->first_seen_at;
  result.last_modified_at = static_cast<time_ms>(meta->ms);
  result.action = action_of(meta->action);
  if (result.action == last_action::deleted)
    result.deleted_at = result.last_modified_at;
  if (meta->pruned_at != 0)
    result.pruned_at = meta->pruned_at;
  result.cursor = to_cursor(place_of(*meta));
  return result;
}

// Where a query begins: `first` itself is part of the answer unless `after` says no.
struct beginning {
  change_place first;
  bool after = false;

  std::string text() const {
    return (after ? "(" : "") + std::to_string(first.ms) + '-' + std::to_string(first.number);
  }

  bool has(const change_place& x) const { return after ? first < x : !(x < first); }
};

// Of a cursor and a time the later one counts.
expected<beginning> begin_of(const record_query& query) {
  beginning result;
  if (!query.cursor.empty()) {
    auto place = parse_cursor(query.cursor);
    if (!place)
      return std::move(place.error());
    result = {*place, true};
  }
  if (query.modified_after && *query.modified_after > 0) {
    change_place then{static_cast<uint64_t>(*query.modified_after), 0};
    if (result.first < then)
      result = {then, false};
  }
  return result;
}

std::string wanted_actions(const record_query& query) {
  std::string result;
  if (query.added)
    result += 'A';
  if (query.updated)
    result += 'U';
  if (query.deleted)
    result += 'D';
  return result;
}

expected<record_page> page_of_ids(redis& db, const variant_ref& variant, const record_query& query,
                                  const beginning& from) {
  std::set<std::string> ids{query.ids.begin(), query.ids.end()};
  auto reply
    = call(db, "records_get",
           {keys::record_meta(variant, query.model), keys::record_data(variant, query.model)},
           {ids.begin(), ids.end()});
  if (!reply)
    return std::move(reply.error());
  std::vector<std::pair<change_place, stored_record>> found;
  for (size_t i = 0; i + 2 < (*reply)->elements; i += 3) {
    auto record = record_at(**reply, i);
    if (!record)
      return std::move(record.error());
    auto place = parse_cursor(record->cursor);
    auto wanted = record->action == last_action::added     ? query.added
                  : record->action == last_action::updated ? query.updated
                                                           : query.deleted;
    if (place && wanted && from.has(*place))
      found.emplace_back(*place, std::move(*record));
  }
  std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.first < b.first; });
  record_page result;
  for (auto& x : found)
    if (result.records.size() < query.limit)
      result.records.push_back(std::move(x.second));
  if (found.size() > result.records.size() && !result.records.empty())
    result.next_cursor = result.records.back().cursor;
  return result;
}

} // namespace

const char* to_string(last_action x) {
  switch (x) {
    case last_action::added: return "ADDED";
    case last_action::updated: return "UPDATED";
    case last_action::deleted: return "DELETED";
  }
  return "DELETED";
}

expected<commit_result> records::save(const run_ticket& ticket, uint64_t batch,
                                      const std::string& model,
                                      const std::vector<saved_record>& batch_records,
                                      const std::string& checkpoint) {
  size_t bytes = 0;
  for (auto& x : batch_records)
    bytes += x.payload.size();
  if (auto wrong = check_batch(batch, model, batch_records.size(), bytes))
    return wrong;
  if (!checkpoint.empty())
    if (auto good = check_checkpoint(checkpoint); !good)
      return good.error();
  write_call commit{"records_save", ticket, batch, model};
  commit.words.push_back(checkpoint);
  for (auto& x : batch_records) {
    if (x.id.empty())
      return fail(errc::invalid, "a record has no id");
    auto hash = content_hash(x.payload);
    if (!hash)
      return fail(errc::invalid, "a record is not a JSON object");
    commit.words.push_back(x.id);
    commit.words.push_back(std::move(*hash));
    commit.words.push_back(x.payload);
  }
  return commit.run(db_);
}

expected<commit_result> records::remove(const run_ticket& ticket, uint64_t batch,
                                        const std::string& model,
                                        const std::vector<std::string>& ids) {
  if (auto wrong = check_batch(batch, model, ids.size(), 0))
    return wrong;
  write_call commit{"records_remove", ticket, batch, model};
  commit.words.insert(commit.words.end(), ids.begin(), ids.end());
  return commit.run(db_);
}

expected<record_page> records::page(const variant_ref& variant, const record_query& query) {
  auto from = begin_of(query);
  if (!from)
    return std::move(from.error());
  if (!query.ids.empty())
    return page_of_ids(db_, variant, query, *from);
  record_page result;
  auto position = from->text();
  auto wanted = wanted_actions(query);
  std::vector<std::string> places{keys::record_meta(variant, query.model),
                                  keys::record_data(variant, query.model),
                                  keys::record_changes(variant, query.model)};
  for (;;) {
    auto missing = std::to_string(query.limit - result.records.size());
    auto reply
      = call(db_, "records_page", places, {position, missing, wanted, scan_max, page_bytes_max});
    if (!reply)
      return std::move(reply.error());
    for (size_t i = 2; i + 2 < (*reply)->elements; i += 3) {
      auto record = record_at(**reply, i);
      if (!record)
        return std::move(record.error());
      result.records.push_back(std::move(*record));
    }
    auto how = text_of(*(*reply)->element[0]);
    if (how == "more" && !result.records.empty())
      result.next_cursor = result.records.back().cursor;
    if (how != "on")
      return result;
    position = text_of(*(*reply)->element[1]);
  }
}

} // namespace varia
