#include "store/records.hpp"

#include "store/call.hpp"
#include "store/checkpoints.hpp"
#include "store/content_hash.hpp"
#include "store/json_text.hpp"
#include "store/keys.hpp"
#include "store/record_pages.hpp"
#include "store/sealing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace varia {

namespace {

// One numbered write, as it is put together.
class write_call {
public:
  write_call(std::string function, const run_ticket& ticket, uint64_t batch,
             const std::string& model)
    : words_{
      call_of(std::move(function),
              {keys::head(ticket.variant), keys::record_meta(ticket.variant, model),
               keys::record_data(ticket.variant, model), keys::record_order(ticket.variant, model),
               keys::place(ticket.variant.sync), keys::feed(ticket.variant.sync)},
              {to_string(ticket.owner), std::to_string(ticket.run),
               std::to_string(batch) + "/" + std::to_string(ticket.answered), model})} {}

  void add(std::string word) { words_.push_back(std::move(word)); }

  /// True for the first record of an id.
  bool is_new(const std::string& id) { return ids_.insert(id).second; }

  expected<commit_result> run(redis& db) {
    auto reply = db.run(view_of(words_));
    if (!reply)
      return std::move(reply.error());
    commit_result result;
    std::string_view rest{(*reply)->str, (*reply)->len};
    for (auto* number :
         {&result.added, &result.updated, &result.deleted, &result.unchanged, &result.ignored}) {
      auto [end, fault] = std::from_chars(rest.data(), rest.data() + rest.size(), *number);
      if (fault != std::errc{})
        return fail(errc::internal, "a commit has no answer");
      rest.remove_prefix(std::min(rest.size(), static_cast<size_t>(end - rest.data()) + 1));
    }
    return result;
  }

private:
  owned_command words_;
  std::unordered_set<std::string_view> ids_;
};

caf::error check_sizes(uint64_t batch, const std::string& model, size_t records, size_t bytes) {
  if (batch == 0)
    return fail(errc::invalid, "the first batch has number 1");
  if (model.empty())
    return fail(errc::invalid, "the model has no name");
  if (records > batch_records_max)
    return fail(errc::invalid, "a batch has at most 1000 records");
  if (bytes > (records == 1 ? record_bytes_max : batch_bytes_max))
    return fail(errc::invalid, records == 1 ? "a record has at most 16 MiB"
                                            : "a batch has at most 1 MiB of payload");
  return {};
}

template <class Record>
caf::error check_batch(uint64_t batch, const std::string& model, const std::vector<Record>& all) {
  size_t bytes = 0;
  for (auto& x : all) {
    if (x.id.empty())
      return fail(errc::invalid, "a record has no id");
    bytes += x.payload.size();
  }
  return check_sizes(batch, model, all.size(), bytes);
}

// Adds the hash of a payload and the payload as it is kept.
expected<void> add_content(write_call& commit, const std::string& payload) {
  auto hash = content_hash(payload);
  if (!hash)
    return fail(errc::invalid, "a record is not a JSON object");
  commit.add(std::move(*hash));
  commit.add(seal_payload(payload));
  return caf::unit;
}

void add_rules(write_call& commit, const write_rules& rules) {
  commit.add(rules.marks_seen ? "1" : "0");
  commit.add(rules.respected_from ? std::to_string(*rules.respected_from) : std::string{});
}

} // namespace

expected<commit_result> records::save(const run_ticket& ticket, uint64_t batch,
                                      const std::string& model,
                                      const std::vector<saved_record>& all,
                                      const write_rules& rules,
                                      const checkpoint_change& checkpoint) {
  if (auto wrong = check_batch(batch, model, all))
    return wrong;
  if (!checkpoint.json.empty())
    if (auto good = check_checkpoint(checkpoint.json); !good)
      return good.error();
  write_call commit{"records_save", ticket, batch, model};
  commit.add(checkpoint.json);
  commit.add(std::to_string(checkpoint.version));
  add_rules(commit, rules);
  for (auto& x : all) {
    if (!commit.is_new(x.id))
      continue;
    commit.add(x.id);
    if (auto added = add_content(commit, x.payload); !added)
      return added.error();
  }
  return commit.run(db_);
}

expected<merge_result> records::merge(const variant_ref& variant, const std::string& model,
                                      const std::vector<saved_record>& patches) {
  std::vector<std::string> ids;
  for (auto& x : patches)
    ids.push_back(x.id);
  auto stored = record_pages{db_}.find(variant, model, ids);
  if (!stored)
    return std::move(stored.error());
  std::unordered_map<std::string_view, const stored_record*> by_id;
  for (auto& x : stored->records)
    if (x.meta.action != last_action::deleted)
      by_id.emplace(x.id, &x);
  merge_result result;
  for (; result.taken < stored->looked_at; ++result.taken) {
    auto& patch = patches[result.taken];
    auto known = by_id.find(patch.id);
    if (known == by_id.end())
      continue;
    auto merged = merge_deeply(known->second->payload, patch.payload);
    if (!merged)
      return fail(errc::invalid, "a record is not a JSON object");
    result.records.push_back({patch.id, std::move(*merged), known->second->meta.place});
  }
  return result;
}

expected<commit_result> records::update(const run_ticket& ticket, uint64_t batch,
                                        const std::string& model,
                                        const std::vector<merged_record>& all,
                                        const write_rules& rules) {
  if (auto wrong = check_batch(batch, model, all))
    return wrong;
  write_call commit{"records_update", ticket, batch, model};
  add_rules(commit, rules);
  for (auto& x : all) {
    if (!commit.is_new(x.id))
      continue;
    commit.add(x.id);
    commit.add(std::to_string(x.place));
    if (auto added = add_content(commit, x.payload); !added)
      return added.error();
  }
  return commit.run(db_);
}

expected<commit_result> records::remove(const run_ticket& ticket, uint64_t batch,
                                        const std::string& model,
                                        const std::vector<removed_record>& all) {
  if (auto wrong = check_batch(batch, model, all))
    return wrong;
  write_call commit{"records_remove", ticket, batch, model};
  for (auto& x : all) {
    if (!commit.is_new(x.id))
      continue;
    commit.add(x.id);
    commit.add(x.deleted_at ? std::to_string(*x.deleted_at) : std::string{});
    if (auto added = add_content(commit, x.payload); !added)
      return added.error();
  }
  return commit.run(db_);
}

expected<commit_result> records::remove_unseen(const run_ticket& ticket, uint64_t batch,
                                               const std::string& model, uint64_t since,
                                               const std::vector<std::string>& ids) {
  if (auto wrong = check_sizes(batch, model, ids.size(), 0))
    return wrong;
  write_call commit{"records_remove_unseen", ticket, batch, model};
  commit.add(std::to_string(since));
  for (auto& id : ids)
    if (commit.is_new(id))
      commit.add(id);
  return commit.run(db_);
}

} // namespace varia
