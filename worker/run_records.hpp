#pragma once

#include "store/actions.hpp"
#include "store/checkpoints.hpp"
#include "store/record_pages.hpp"
#include "store/records.hpp"
#include "store/redis_pool.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// What holds for the records of one run.
struct run_records_config {
  run_ticket ticket;
  bool marks_seen = false;              ///< The script may ask which records were not seen.
  uint32_t deletions_max_percent = 100; ///< Of a model's live records; more is refused.
  std::function<bool()> is_given_up;    ///< True once nobody waits for the run any more.
  std::optional<action_ticket> call;    ///< Whose checkpoint it is, if it is no variant's.
};

/// The records and the checkpoint of a variant as its run works on them: cuts what comes into
/// batches, numbers them, keeps asking while Redis is away for a moment, and remembers what holds
/// for the rest of the run. One per run, on its strand. Everything fails as `records` and
/// `checkpoints` do: with `cancelled` if the store has lost what was saved before.
class run_records {
public:
  run_records(redis_pool& stores, run_records_config config)
    : stores_{stores}, config_{std::move(config)} {}

  /// Saves records in as many commits as it takes; the last one has the checkpoint, if any.
  expected<commit_result> save(const std::string& model, std::vector<saved_record> all,
                               const std::string& checkpoint = {});

  /// Merges patches into the stored records (contract 3.8).
  expected<commit_result> update(const std::string& model, std::vector<saved_record> patches);

  expected<commit_result> remove(const std::string& model, std::vector<removed_record> all);

  /// Looks records up by id, as `record_pages::find`.
  expected<found_records> find(const std::string& model, const std::vector<std::string>& ids);

  /// Returns the next records in change order, of what was there at place `until`.
  expected<record_page> list(const std::string& model, const std::string& cursor,
                             record_place until);

  /// Returns the place of the newest change of a model.
  expected<record_place> newest(const std::string& model);

  /// From here on leaves records alone that others changed after this moment. Returns false, and
  /// changes nothing, if a strategy was chosen for the model before.
  expected<bool> choose_strategy(const std::string& model, bool respects_newer);

  /// Begins to track which records of a model are seen.
  expected<void> start_tracking(const std::string& model);

  /// Deletes what was not seen since, ends tracking, and returns the ids. Fails with `invalid` if
  /// tracking has not begun, and with `full` if that would be more than the configured share.
  expected<std::vector<std::string>> end_tracking(const std::string& model);

  /// Deletes what this run has not seen, and returns the ids. Fails with `full` likewise.
  expected<std::vector<std::string>> delete_unseen(const std::string& model);

  expected<std::optional<std::string>> load_checkpoint();
  expected<void> save_checkpoint(const std::string& json);
  expected<void> clear_checkpoint();

  /// Returns the number of the last batch that the store has taken.
  uint64_t answered() const { return config_.ticket.answered; }

  /// Returns what all commits so far have done.
  const commit_result& total() const { return total_; }

private:
  template <class Call>
  auto ask(Call&& call);
  template <class Write>
  expected<commit_result> commit(Write&& write);

  expected<uint64_t> checkpoint_version();
  expected<std::vector<std::string>> delete_unseen(const std::string& model, uint64_t since);
  expected<commit_result> commit_merged(const std::string& model, std::vector<merged_record> all);
  write_rules rules_for(const std::string& model) const;

  redis_pool& stores_;
  run_records_config config_;
  uint64_t batches_ = 0;
  commit_result total_;
  std::optional<uint64_t> version_;                           ///< Of the checkpoint, once known.
  std::map<std::string, std::optional<record_place>> chosen_; ///< Strategies, by model.
};

} // namespace varia
