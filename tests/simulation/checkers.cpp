#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <utility>

namespace varia::test {

namespace {

// So long a command may be under way.
constexpr time_ms command_max = 12'000;

std::string run_name(const stored_variant& head, uint64_t run) {
  return "run " + std::to_string(run) + " of " + to_string(head.key);
}

void check_order(const stored_variant& head, complaints& found) {
  std::pair<uint64_t, uint64_t> last{0, 0};
  for (auto& commit : head.commits) {
    if (commit.is_stale)
      found.push_back(run_name(head, commit.run) + " wrote under a stale token");
    if (commit.run < last.first)
      found.push_back(run_name(head, commit.run) + " wrote after a later run");
    if (commit.run > last.first)
      last = {commit.run, 0};
    if (commit.batch > 0 && commit.batch <= last.second)
      found.push_back(run_name(head, commit.run) + " wrote batch " + std::to_string(commit.batch)
                      + " after batch " + std::to_string(last.second));
    last.second = std::max(last.second, commit.batch);
  }
  for (auto& run : head.begun)
    if (run.is_stale)
      found.push_back(run_name(head, run.run) + " began under a stale token");
}

void check_checkpoint(const stored_variant& head, complaints& found) {
  if (!head.checkpoint)
    return;
  auto next = std::stoull(head.checkpoint->substr(sizeof(R"({"next":)") - 1));
  for (uint64_t i = 1; i < next; ++i)
    if (head.records.count(std::to_string(i)) == 0) {
      found.push_back("the checkpoint of " + to_string(head.key) + " is ahead of record "
                      + std::to_string(i));
      return;
    }
}

void check_limits(const store_model& store, complaints& found) {
  for (auto& sync : store.syncs())
    if (store.named(sync) > cluster::named_max)
      found.push_back(to_string(sync) + " has more variants than fit");
}

void check_batches(const cluster& all, const store_model& store, complaints& found) {
  for (auto& told : all.book.told) {
    auto at = store.variants().find(told.variant);
    if (at == store.variants().end())
      continue;
    auto& head = at->second;
    auto is_it
      = [&](auto& x) { return x.run == told.run && x.batch == told.batch && x.ids == told.ids; };
    auto kept = std::count_if(head.commits.begin(), head.commits.end(), is_it);
    if (kept != 1)
      found.push_back("batch " + std::to_string(told.batch) + " of " + run_name(head, told.run)
                      + " is there " + std::to_string(kept) + " times");
    auto is_erased = std::any_of(head.begun.begin(), head.begun.end(),
                                 [&](auto& x) { return x.erased && x.run > told.run; });
    for (auto& id : told.ids)
      if (!is_erased && head.records.count(id) == 0)
        found.push_back("record " + id + " of " + run_name(head, told.run) + " is lost");
  }
}

void check_lives(const store_model& store, const ledger& book, complaints& found) {
  for (auto& id : book.created)
    if (store.variants().count(id) == 0 && book.doomed.count(id) == 0)
      found.push_back("variant " + id + " is lost");
  for (auto& id : book.deleted)
    if (store.variants().count(id) > 0)
      found.push_back("variant " + id + " was deleted and is there");
}

// A trigger that meets a run in progress is only noted, and a pause cancels what waits.
bool is_served(const stored_variant& head, const told_trigger& x, const ledger& book) {
  if (auto paused = book.paused.find(x.id); paused != book.paused.end())
    if (paused->second >= x.asked_at - command_max)
      return true;
  return std::any_of(head.begun.begin(), head.begun.end(), [&](auto& run) {
    auto was_open = run.at <= x.told_at && (run.ended_at < 0 || run.ended_at >= x.asked_at);
    return run.at >= x.asked_at || was_open;
  });
}

bool runs_somewhere(const cluster& all, const std::string& id, const token& owner) {
  for (auto& seat : all.workers)
    for (auto& [running, its] : seat.engine->running())
      if (running == id && its == owner && seat.process != world::nobody)
        return true;
  return false;
}

// What was never acknowledged may be known to the store alone, or to the leader alone.
void check_known(size_t known, const store_model& store, const ledger& book, complaints& found) {
  auto& there = store.variants();
  auto least = std::count_if(there.begin(), there.end(),
                             [&](auto& x) { return book.created.count(x.first) > 0; });
  auto most = there.size() + book.doomed.size() - book.deleted.size();
  if (known < static_cast<size_t>(least) || known > most)
    found.push_back("the leader knows of " + std::to_string(known) + " variants, not "
                    + std::to_string(there.size()));
}

void check_heads(const cluster& all, const store_model& store, const ledger& book,
                 complaints& found) {
  for (auto& [id, head] : store.variants()) {
    if (book.created.count(id) == 0)
      continue;
    auto name = to_string(head.key);
    auto& owner = head.placement.worker;
    auto seat = std::find_if(all.workers.begin(), all.workers.end(),
                             [&](auto& x) { return x.name == owner; });
    if (seat == all.workers.end())
      found.push_back(name + " has no worker");
    else if (store.duty_of(owner) == worker_duty::draining)
      found.push_back(name + " is on " + owner + ", which is drained");
    // A pause cancels the run that would go on, before it has begun.
    auto* entry = store.find(head.key);
    if (entry != nullptr && entry->paused)
      continue;
    if (head.outcome == run_outcome::running && !runs_somewhere(all, id, head.placement.owner))
      found.push_back(name + " seems to run and does not");
    if (head.outcome == run_outcome::interrupted)
      found.push_back(name + " does not go on");
  }
}

} // namespace

complaints check_safety(const cluster& all, const ledger& book) {
  auto& store = all.redis.model();
  complaints found;
  for (auto& [_, head] : store.variants()) {
    check_order(head, found);
    check_checkpoint(head, found);
  }
  if (store.late_orders() > 0)
    found.push_back("a leader of the past has written");
  check_limits(store, found);
  check_batches(all, store, found);
  check_lives(store, book, found);
  return found;
}

complaints check_progress(const cluster& all, const ledger& book,
                          const std::vector<cluster_status>& said) {
  auto& store = all.redis.model();
  complaints found;
  std::vector<cluster_status> leaders;
  for (auto& status : said)
    if (!status.leader.empty())
      leaders.push_back(status);
  if (leaders.size() != 1)
    found.push_back(std::to_string(leaders.size()) + " coordinators lead");
  for (auto& status : leaders) {
    if (status.leader != store.leader().leader)
      found.push_back(status.leader + " leads, and the store knows nothing of it");
    if (status.unplaced > 0)
      found.push_back(std::to_string(status.unplaced) + " variants have no worker");
    check_known(status.variants, store, book, found);
    if (status.workers.size() != all.workers.size())
      found.push_back(std::to_string(status.workers.size()) + " workers have joined");
  }
  check_heads(all, store, book, found);
  for (auto& x : book.triggers)
    if (auto head = store.variants().find(x.id);
        head != store.variants().end() && !is_served(head->second, x, book))
      found.push_back("a trigger of " + to_string(head->second.key) + " on "
                      + head->second.placement.worker + " led to no run");
  return found;
}

complaints check_hosting(const cluster& all, const ledger& book) {
  auto& store = all.redis.model();
  for (auto& seat : all.workers)
    for (auto& [id, owner] : seat.engine->running())
      seat.engine->note_host(id, owner);
  complaints found{all.book.usurped.begin(), all.book.usurped.end()};
  for (auto& [id, head] : store.variants())
    if (book.created.count(id) > 0 && all.book.asked.count(id) == 0)
      found.push_back(to_string(head.key) + " is not hosted by " + head.placement.worker);
  return found;
}

} // namespace varia::test
