#include "store/record_text.hpp"
#include "worker/script_calls.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace varia {

namespace {

// How many bytes of deleted ids one answer has at most, but for its last.
constexpr size_t keys_bytes_max = size_t{4} * 1024 * 1024;

// Reads the records of a batch: `ids`, and `text` with their JSON one behind the other up to each
// of `ends`.
expected<std::vector<saved_record>> read_batch(const frame_value& args) {
  auto ids = args.at("ids");
  auto ends = args.at("ends");
  auto text = args.at("text").bytes().value_or(std::string_view{});
  if (ids.size() != ends.size())
    return fail(errc::invalid, "a batch whose ids and records differ in number");
  std::vector<saved_record> result;
  result.reserve(ids.size());
  size_t from = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    auto to = static_cast<size_t>(std::max<int64_t>(0, ends.item(i).number()));
    if (to < from || to > text.size())
      return fail(errc::invalid, "a batch whose records are not where it says");
    result.push_back({ids.item(i).text(), std::string{text.substr(from, to - from)}});
    from = to;
  }
  return result;
}

} // namespace

// Answers with `work`'s result, given a model that the sync has.
template <class Work>
void script_calls::with_model(const call& x, Work work) {
  auto model = x.args.at("model").text();
  if (std::find(facts_.models.begin(), facts_.models.end(), model) == facts_.models.end())
    return refuse(x, fail(errc::invalid, "the sync has no model named " + model.substr(0, 255)));
  work(model);
}

void script_calls::save_batch(const call& x) {
  with_model(x, [&](const std::string& model) {
    auto batch = read_batch(x.args);
    if (!batch)
      return refuse(x, batch.error());
    auto checkpoint = x.args.at("checkpoint").text();
    auto saved = cache_.save(model, std::move(*batch), checkpoint);
    reply_commit(x, saved, !checkpoint.empty() && x.host->ends_at_checkpoint());
  });
}

void script_calls::update_batch(const call& x) {
  with_model(x, [&](const std::string& model) {
    auto batch = read_batch(x.args);
    if (!batch)
      return refuse(x, batch.error());
    reply_commit(x, cache_.update(model, std::move(*batch)));
  });
}

void script_calls::delete_batch(const call& x) {
  with_model(x, [&](const std::string& model) {
    auto batch = read_batch(x.args);
    if (!batch)
      return refuse(x, batch.error());
    auto times = x.args.at("deletedAt");
    std::vector<removed_record> removed;
    for (size_t i = 0; i < batch->size(); ++i) {
      auto at = i < times.size() ? times.item(i) : frame_value{};
      auto when = at.is_nil() ? std::nullopt : std::optional{time_ms{at.number()}};
      removed.push_back({std::move((*batch)[i].id), std::move((*batch)[i].payload), when});
    }
    reply_commit(x, cache_.remove(model, std::move(removed)));
  });
}

void script_calls::find_records(const call& x) {
  with_model(x, [&](const std::string& model) {
    std::vector<std::string> ids;
    auto asked = x.args.at("ids");
    for (size_t i = 0; i < asked.size(); ++i)
      ids.push_back(asked.item(i).text());
    auto found = cache_.find(model, ids);
    if (!found)
      return refuse(x, found.error());
    auto writer = open_reply(x);
    writer.map(2).text("text").text(records_text(found->records));
    writer.text("taken").number(static_cast<int64_t>(found->looked_at));
    send(x, std::move(writer));
  });
}

// What is listed is what was there when the list began, so that a script which changes what it
// lists comes to an end.
void script_calls::list_records(const call& x) {
  with_model(x, [&](const std::string& model) {
    auto until = x.args.at("until").is_nil() ? cache_.newest(model)
                                             : parse_cursor(x.args.at("until").text());
    if (!until)
      return refuse(x, until.error());
    auto page = cache_.list(model, x.args.at("cursor").text(), *until);
    if (!page)
      return refuse(x, page.error());
    auto writer = open_reply(x);
    writer.map(3).text("text").text(records_text(page->records)).text("cursor");
    if (page->next_cursor.empty())
      writer.nil();
    else
      writer.text(page->next_cursor);
    writer.text("until").text(to_cursor(*until));
    send(x, std::move(writer));
  });
}

void script_calls::start_tracking(const call& x) {
  with_model(x, [&](const std::string& model) { reply_done(x, cache_.start_tracking(model)); });
}

void script_calls::end_tracking(const call& x) {
  with_model(x, [&](const std::string& model) { reply_deleted(x, cache_.end_tracking(model)); });
}

void script_calls::delete_unseen(const call& x) {
  with_model(x, [&](const std::string& model) { reply_deleted(x, cache_.delete_unseen(model)); });
}

void script_calls::tell_deleted(const call& x) {
  auto from = static_cast<size_t>(std::max<int64_t>(0, x.args.at("from").number()));
  auto keys = nlohmann::json::array();
  for (size_t bytes = 0; from < deleted_.size() && bytes < keys_bytes_max; ++from) {
    bytes += deleted_[from].size();
    keys.push_back(deleted_[from]);
  }
  auto writer = open_reply(x);
  writer.map(1).text("text");
  writer.text(keys.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  send(x, std::move(writer));
}

void script_calls::choose_strategy(const call& x) {
  with_model(x, [&](const std::string& model) {
    auto respects_newer = x.args.at("strategy").text() == "ignore_if_modified_after";
    auto chosen = cache_.choose_strategy(model, respects_newer);
    if (!chosen)
      return refuse(x, chosen.error());
    auto writer = open_reply(x);
    writer.flag(*chosen);
    send(x, std::move(writer));
  });
}

void script_calls::load_checkpoint(const call& x) {
  auto found = cache_.load_checkpoint();
  if (!found)
    return refuse(x, found.error());
  reply_text(x, *found);
}

void script_calls::save_checkpoint(const call& x) {
  auto saved = cache_.save_checkpoint(x.args.at("json").text());
  if (!saved || !x.host->ends_at_checkpoint())
    return reply_done(x, saved);
  auto writer = open_reply(x);
  writer.map(1).text("interrupted").flag(true);
  send(x, std::move(writer));
}

void script_calls::clear_checkpoint(const call& x) {
  reply_done(x, cache_.clear_checkpoint());
}

void script_calls::reply_commit(const call& x, const expected<commit_result>& done,
                                bool interrupts) {
  if (!done)
    return refuse(x, done.error());
  const std::array<std::pair<const char*, int64_t>, 5> counts{{{"added", done->added},
                                                               {"updated", done->updated},
                                                               {"deleted", done->deleted},
                                                               {"unchanged", done->unchanged},
                                                               {"ignored", done->ignored}}};
  auto writer = open_reply(x);
  writer.map(counts.size() + (interrupts ? 1 : 0));
  if (interrupts)
    writer.text("interrupted").flag(true);
  for (const auto& [name, count] : counts)
    writer.text(name).number(count);
  send(x, std::move(writer));
}

// The guard ends the run whatever the script makes of the error.
void script_calls::reply_deleted(const call& x, expected<std::vector<std::string>> ids) {
  if (!ids) {
    if (code_of(ids.error()) == errc::full)
      x.host->guard_deletions(detail_of(ids.error()));
    return refuse(x, ids.error());
  }
  deleted_ = std::move(*ids);
  auto writer = open_reply(x);
  writer.map(1).text("count").number(static_cast<int64_t>(deleted_.size()));
  send(x, std::move(writer));
}

} // namespace varia
