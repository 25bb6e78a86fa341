#pragma once

#include "store/records.hpp"
#include "store/runs.hpp"
#include "tests/integration/store/histories.hpp"

#include <map>
#include <stdexcept>
#include <utility>

namespace varia::test {

/// What ends a history: the store is not what the model says.
struct mismatch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A moment of which a test knows only the two moments around it.
struct moment {
  time_ms from = 0;
  time_ms to = 0;

  bool holds(time_ms x) const { return from <= x && x <= to; }
};

/// The text of the same JSON, the same for all payloads that say the same.
inline std::string content_of(const std::string& payload) {
  return nlohmann::json::parse(payload).dump();
}

/// A record as it should be.
struct model_record {
  std::string content; ///< What the payload says, with sorted keys; stays when that is pruned.
  std::string payload;
  last_action action = last_action::added;
  record_place place = 0;
  time_ms first_seen_at = 0;
  std::optional<time_ms> deleted_at; ///< If it is not the time of its place.
  std::optional<moment> pruned_at;
  uint64_t changed_by = 0; ///< The run.
  uint64_t seen_by = 0;    ///< The run.

  bool lives() const { return action != last_action::deleted; }
};

/// The records of one model of a variant.
struct model_cache {
  std::map<std::string, model_record> records;
  std::optional<change_counts> counts; ///< Of the last run; nothing if it has not written.

  int64_t live() const {
    return std::count_if(records.begin(), records.end(), [](auto& x) { return x.second.lives(); });
  }

  int64_t bytes() const {
    int64_t result = 0;
    for (auto& x : records)
      result += static_cast<int64_t>(x.second.payload.size());
    return result;
  }
};

/// An entry of the history of runs; its detail without times.
struct model_entry {
  std::string what;
  nlohmann::json detail;
};

/// One life of a variant as it should be, but for its registry entry.
class model_variant {
public:
  explicit model_variant(std::string uuid) : id{std::move(uuid)} {}

  bool is_running() const { return last_outcome == run_outcome::running; }

  void place(const token& x, const std::string& name) {
    owner = x;
    worker = name;
  }

  void want(int level) {
    if (level == 1 && is_running() && run_owner == owner) {
      note("skipped", {{"reason", "triggered while a run was in progress"}});
      return;
    }
    wanted = std::max(wanted, level);
    note("triggered", {{"reset", level >= 2}, {"empty_cache", level >= 3}});
  }

  /// Begins a run; `started` is learned from the store.
  void begin(std::optional<time_ms> slot, time_ms started) {
    auto goes_on = is_running() || last_outcome == run_outcome::interrupted;
    if (is_running())
      close("failed", run_outcome::failed, lost());
    if (wanted >= 2)
      reset();
    if (wanted >= 3)
      erase();
    for (auto& x : caches)
      x.second.counts.reset();
    auto trigger = wanted > 0 ? "manual" : goes_on && !slot ? "interrupted" : "schedule";
    nlohmann::json detail{{"run", ++run}, {"triggered", wanted > 0}, {"trigger", trigger}};
    if (slot) {
      last_slot = slot;
      detail["slot"] = *slot;
    }
    note("started", detail);
    wanted = 0;
    batch = 0;
    found_checkpoint.reset();
    last_outcome = run_outcome::running;
    run_owner = owner;
    started_at = started;
    error = {};
  }

  void end(run_outcome outcome, const std::string& report) {
    if (!is_running())
      return;
    close(to_string(outcome), outcome, report.empty() ? nlohmann::json{} : parse(report));
    if (outcome == run_outcome::success)
      last_sync = started_at;
  }

  /// Tells the run what there is, and notes that it asked.
  std::string load_checkpoint() {
    if (!found_checkpoint)
      found_checkpoint = checkpoint;
    return checkpoint.empty() ? "none" : checkpoint;
  }

  /// An empty text clears. Returns false for a conflict.
  bool put_checkpoint(const std::string& json, uint64_t expected) {
    if (version == expected + 1 && checkpoint == json)
      return true;
    if (version != expected)
      return false;
    if (!found_checkpoint)
      found_checkpoint = checkpoint;
    version += json.empty() && checkpoint.empty() ? 0 : 1;
    checkpoint = json;
    return true;
  }

  /// Forgets all records and returns how many lived.
  int64_t erase() {
    int64_t result = 0;
    for (auto& x : caches) {
      result += x.second.live();
      x.second.records.clear();
    }
    return result;
  }

  std::string id;
  token owner;
  token run_owner; ///< Who began the last run.
  std::string worker;
  int wanted = 0;
  uint64_t run = 0;
  uint64_t batch = 0;       ///< The last number of this run.
  std::string batch_answer; ///< What it was answered.
  std::optional<run_outcome> last_outcome;
  time_ms started_at = 0;
  nlohmann::json error;
  std::optional<time_ms> last_slot;
  std::optional<time_ms> last_sync;
  std::string checkpoint;
  uint64_t version = 0; ///< Of the checkpoint.
  std::optional<std::string> found_checkpoint;
  std::map<std::string, uint64_t> tracked;   ///< Which run began to track a model.
  std::map<std::string, model_cache> caches; ///< Only what a batch was ever written to.
  std::vector<model_entry> entries;          ///< The history, oldest first.

private:
  static nlohmann::json parse(const std::string& text) { return nlohmann::json::parse(text); }

  static nlohmann::json lost() {
    return {{"type", "run_lost"}, {"description", "The worker was lost before the run ended"}};
  }

  void note(const std::string& what, nlohmann::json detail) {
    entries.push_back({what, std::move(detail)});
  }

  void reset() {
    version += checkpoint.empty() ? 0 : 1;
    checkpoint.clear();
    last_sync.reset();
    tracked.clear();
  }

  void close(const std::string& what, run_outcome outcome, nlohmann::json why) {
    auto result = nlohmann::json::object();
    for (auto& [model, cache] : caches) {
      auto counts = cache.counts.value_or(change_counts{});
      result[model]
        = {{"added", counts.added}, {"updated", counts.updated}, {"deleted", counts.deleted}};
    }
    nlohmann::json detail{{"run", run}, {"result", std::move(result)}};
    if (found_checkpoint) {
      auto plain = [](const std::string& x) { return x.empty() ? nlohmann::json{} : parse(x); };
      detail["checkpoints"] = {{"from", plain(*found_checkpoint)}, {"to", plain(checkpoint)}};
    }
    if (!why.is_null())
      detail["error"] = why;
    note(what, std::move(detail));
    last_outcome = outcome;
    error = std::move(why);
  }
};

} // namespace varia::test
