#include "worker/run_records.hpp"

#include "core/stopwatch.hpp"
#include "store/deletions.hpp"
#include "worker/run_metrics.hpp"

#include <algorithm>
#include <utility>

namespace varia {

namespace {

constexpr size_t list_limit = 100;

// How often a merge is made again because its record has changed meanwhile.
constexpr int merge_attempts = 5;

// Takes the next records that one commit takes, from `at` on, which moves behind them.
template <class Record>
std::vector<Record> next_batch(std::vector<Record>& all, size_t& at) {
  std::vector<Record> result;
  for (size_t bytes = 0; at < all.size() && result.size() < batch_records_max; ++at) {
    bytes += all[at].payload.size();
    if (bytes > batch_bytes_max && !result.empty())
      break;
    result.push_back(std::move(all[at]));
  }
  return result;
}

void add_to(commit_result& sum, const commit_result& x) {
  sum.added += x.added;
  sum.updated += x.updated;
  sum.deleted += x.deleted;
  sum.unchanged += x.unchanged;
  sum.ignored += x.ignored;
}

} // namespace

template <class Call>
auto run_records::ask(Call&& call) {
  return stores_.use_patiently(store_patience, config_.is_given_up, std::forward<Call>(call));
}

// Makes a write under the next number, which stays the same however often the store has to be
// asked.
template <class Write>
expected<commit_result> run_records::commit(Write&& write) {
  auto number = ++batches_;
  stopwatch watch;
  auto done = ask([&](redis& db) { return write(records{db}, number); });
  if (!done)
    return done;
  config_.ticket.answered = number;
  measured_runs().count_commit(watch.seconds(), *done);
  add_to(total_, *done);
  return done;
}

write_rules run_records::rules_for(const std::string& model) const {
  auto chosen = chosen_.find(model);
  return {config_.marks_seen, chosen == chosen_.end() ? std::nullopt : chosen->second};
}

expected<commit_result> run_records::save(const std::string& model, std::vector<saved_record> all,
                                          const std::string& checkpoint) {
  checkpoint_change last{checkpoint, 0};
  if (all.empty() && !checkpoint.empty()) {
    auto saved = save_checkpoint(checkpoint);
    return saved ? commit_result{} : expected<commit_result>{std::move(saved.error())};
  }
  if (!checkpoint.empty()) {
    auto version = checkpoint_version();
    if (!version)
      return std::move(version.error());
    last.version = *version;
  }
  commit_result sum;
  for (size_t at = 0; at < all.size();) {
    auto batch = next_batch(all, at);
    auto is_last = at == all.size();
    auto done = commit([&](records to, uint64_t number) {
      return to.save(config_.ticket, number, model, batch, rules_for(model),
                     is_last ? last : checkpoint_change{});
    });
    if (!done)
      return done;
    add_to(sum, *done);
  }
  if (!checkpoint.empty())
    version_ = last.version + 1;
  return sum;
}

expected<commit_result> run_records::update(const std::string& model,
                                            std::vector<saved_record> patches) {
  commit_result sum;
  for (int attempt = 1; !patches.empty();) {
    auto merged
      = ask([&](redis& db) { return records{db}.merge(config_.ticket.variant, model, patches); });
    if (!merged)
      return std::move(merged.error());
    auto ignored = static_cast<int64_t>(merged->taken - merged->records.size());
    auto done = commit_merged(model, std::move(merged->records));
    if (!done && code_of(done.error()) == errc::conflict && attempt++ < merge_attempts)
      continue;
    if (!done)
      return done;
    add_to(sum, *done);
    sum.ignored += ignored;
    patches.erase(patches.begin(), patches.begin() + static_cast<ptrdiff_t>(merged->taken));
    attempt = 1;
  }
  return sum;
}

expected<commit_result> run_records::commit_merged(const std::string& model,
                                                   std::vector<merged_record> all) {
  commit_result sum;
  for (size_t at = 0; at < all.size();) {
    auto batch = next_batch(all, at);
    auto done = commit([&](records to, uint64_t number) {
      return to.update(config_.ticket, number, model, batch, rules_for(model));
    });
    if (!done)
      return done;
    add_to(sum, *done);
  }
  return sum;
}

expected<commit_result> run_records::remove(const std::string& model,
                                            std::vector<removed_record> all) {
  commit_result sum;
  for (size_t at = 0; at < all.size();) {
    auto batch = next_batch(all, at);
    auto done = commit(
      [&](records to, uint64_t number) { return to.remove(config_.ticket, number, model, batch); });
    if (!done)
      return done;
    add_to(sum, *done);
  }
  return sum;
}

expected<found_records> run_records::find(const std::string& model,
                                          const std::vector<std::string>& ids) {
  return ask([&](redis& db) { return record_pages{db}.find(config_.ticket.variant, model, ids); });
}

expected<record_page> run_records::list(const std::string& model, const std::string& cursor,
                                        record_place until) {
  record_query query;
  query.model = model;
  query.cursor = cursor;
  query.until = until;
  query.limit = list_limit;
  return ask([&](redis& db) { return record_pages{db}.page(config_.ticket.variant, query); });
}

expected<record_place> run_records::newest(const std::string& model) {
  return ask([&](redis& db) { return record_pages{db}.newest(config_.ticket.variant, model); });
}

expected<bool> run_records::choose_strategy(const std::string& model, bool respects_newer) {
  if (chosen_.count(model) > 0)
    return false;
  std::optional<record_place> from;
  if (respects_newer) {
    auto place = newest(model);
    if (!place)
      return std::move(place.error());
    from = *place;
  }
  chosen_[model] = from;
  return true;
}

expected<void> run_records::start_tracking(const std::string& model) {
  if (!config_.marks_seen)
    return fail(errc::invalid, "this run does not mark what it sees; call it by its plain name");
  return ask([&](redis& db) { return deletions{db}.start(config_.ticket, model); });
}

expected<std::vector<std::string>> run_records::end_tracking(const std::string& model) {
  auto since = ask([&](redis& db) { return deletions{db}.started(config_.ticket.variant, model); });
  if (!since)
    return std::move(since.error());
  if (!*since)
    return fail(errc::invalid, "trackDeletesStart has not been called for " + model);
  auto deleted = delete_unseen(model, **since);
  if (!deleted)
    return deleted;
  auto ended = ask([&](redis& db) { return deletions{db}.end(config_.ticket, model); });
  if (!ended)
    return std::move(ended.error());
  return deleted;
}

expected<std::vector<std::string>> run_records::delete_unseen(const std::string& model) {
  return delete_unseen(model, config_.ticket.run);
}

expected<std::vector<std::string>> run_records::delete_unseen(const std::string& model,
                                                              uint64_t since) {
  if (!config_.marks_seen)
    return fail(errc::invalid, "this run does not mark what it sees; call it by its plain name");
  auto found = ask(
    [&](redis& db) { return deletions{db}.find_unseen(config_.ticket.variant, model, since); });
  if (!found)
    return std::move(found.error());
  auto unseen = static_cast<int64_t>(found->ids.size());
  if (unseen * 100 > found->live * static_cast<int64_t>(config_.deletions_max_percent))
    return fail(errc::full, "refused to delete " + std::to_string(unseen) + " of "
                              + std::to_string(found->live) + " records of " + model + ": at most "
                              + std::to_string(config_.deletions_max_percent)
                              + " % may vanish at once (records.deletions_max_percent)");
  for (size_t from = 0; from < found->ids.size(); from += batch_records_max) {
    auto first = found->ids.begin() + static_cast<ptrdiff_t>(from);
    std::vector<std::string> part;
    std::copy_n(first, std::min(batch_records_max, found->ids.size() - from),
                std::back_inserter(part));
    auto done = commit([&](records to, uint64_t number) {
      return to.remove_unseen(config_.ticket, number, model, since, part);
    });
    if (!done)
      return std::move(done.error());
  }
  return std::move(found->ids);
}

expected<uint64_t> run_records::checkpoint_version() {
  if (!version_)
    if (auto loaded = load_checkpoint(); !loaded)
      return std::move(loaded.error());
  return *version_;
}

expected<std::optional<std::string>> run_records::load_checkpoint() {
  auto found = ask([&](redis& db) {
    return config_.call ? actions{db}.load_checkpoint(*config_.call)
                        : checkpoints{db}.load(config_.ticket);
  });
  if (!found)
    return std::move(found.error());
  version_ = found->version;
  return std::move(found->json);
}

expected<void> run_records::save_checkpoint(const std::string& json) {
  auto known = checkpoint_version();
  if (!known)
    return std::move(known.error());
  auto saved = ask([&](redis& db) {
    return config_.call ? actions{db}.save_checkpoint(*config_.call, json, *known)
                        : checkpoints{db}.save(config_.ticket, json, *known);
  });
  if (!saved)
    return std::move(saved.error());
  version_ = *saved;
  return caf::unit;
}

expected<void> run_records::clear_checkpoint() {
  auto known = checkpoint_version();
  if (!known)
    return std::move(known.error());
  auto cleared = ask([&](redis& db) {
    return config_.call ? actions{db}.clear_checkpoint(*config_.call, *known)
                        : checkpoints{db}.clear(config_.ticket, *known);
  });
  if (!cleared)
    return std::move(cleared.error());
  version_ = *cleared;
  return caf::unit;
}

} // namespace varia
