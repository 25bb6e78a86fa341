#pragma once

#include "core/trace_context.hpp"
#include "store/action_orders.hpp"
#include "store/action_waits.hpp"
#include "store/connections.hpp"
#include "store/redis_pool.hpp"
#include "store/runs.hpp"
#include "upstream/auth.hpp"
#include "upstream/token_keeper.hpp"
#include "upstream/upstream.hpp"
#include "worker/call_host.hpp"
#include "worker/frame.hpp"
#include "worker/run_records.hpp"
#include "worker/script_commands.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace varia {

/// What the calls of a run need to know of it.
struct run_facts {
  uint32_t run = 0; ///< Its number in the frames.
  run_ticket ticket;
  connection link;
  provider_rules rules;
  std::vector<std::string> models;
  std::string environment_id;
  std::string public_url; ///< Of the HTTP API, without a slash at the end.
  bool marks_seen = false;
  uint32_t deletions_max_percent = 100;
  std::optional<action_ticket> call; ///< Set if it is the call of an action, which has no variant.
  uint32_t depth = 0;                ///< Of that call.
  std::string variant;               ///< Its name.
  bool discovers = false;            ///< It tells the partitions there are, and writes nothing.
  trace_context trace;               ///< To which it belongs.
  bool tells_trace = true;           ///< Providers hear of it.
  std::shared_ptr<budget_watch> budget; ///< Told while it waits for the budget.
};

/// What scripts reach through their calls.
struct script_surroundings {
  redis_pool& stores;
  upstream& out;
  token_keeper& tokens;
  const script_commands& commands;
  action_waits& waits;
  action_rules rules;
};

/// Answers what a script asks: a table from method to function, of which those for records and
/// checkpoints are in script_record_calls.cpp, those for what surrounds a run in
/// script_context_calls.cpp, those for its own variant in script_variant_calls.cpp, and those for
/// other variants in script_command_calls.cpp. One per run, used on its strand.
class script_calls {
public:
  /// `is_given_up` is true once nobody waits for the run any more.
  script_calls(run_facts facts, script_surroundings around, std::function<bool()> is_given_up);

  const run_facts& facts() const { return facts_; }

  /// Whether a run that discovers has told something.
  bool has_told() const { return has_told_; }

  /// The records of the run, for those who end it.
  run_records& cache() { return cache_; }

  /// Answers one CALL; `host` gets a REPLY or ERROR, at once or, for requests to providers, later.
  void take(const std::shared_ptr<call_host>& host, const frame_body& body);

  /// Gives the script's locks back, at the end of the run.
  expected<void> give_locks_back(redis& db);

private:
  struct call {
    const std::shared_ptr<call_host>& host;
    int64_t seq;
    frame_value args;
  };

  struct entry;

  static const std::vector<entry>& table();

  void http(const call& x);
  void fetch(const call& x);
  void save_batch(const call& x);
  void update_batch(const call& x);
  void delete_batch(const call& x);
  void find_records(const call& x);
  void list_records(const call& x);
  void start_tracking(const call& x);
  void end_tracking(const call& x);
  void delete_unseen(const call& x);
  void tell_deleted(const call& x);
  void choose_strategy(const call& x);
  void load_checkpoint(const call& x);
  void save_checkpoint(const call& x);
  void clear_checkpoint(const call& x);
  void load_metadata(const call& x);
  void load_settings(const call& x);
  void tell_partitions(const call& x);
  void load_connection(const call& x);
  void set_metadata(const call& x);
  void update_metadata(const call& x);
  void load_integration(const call& x);
  void load_variables(const call& x);
  void tell_webhook_url(const call& x);
  void take_lock(const call& x);
  void release_lock(const call& x);
  void release_locks(const call& x);
  void trigger_sync(const call& x);
  void start_sync(const call& x);
  void trigger_action(const call& x);
  expected<std::variant<action_order, action_answer>> order_action(const call& x);
  void tell_outcome(const call& x, const action_answer& outcome);
  void show(const std::shared_ptr<call_host>& host, int64_t seq, const token_result& renewed);
  std::function<void(const connection&)>
  remember_credentials(const std::shared_ptr<call_host>& host);

  template <class Call>
  auto ask_store(const call& x, Call&& ask) {
    return stores_.use_patiently(
      store_patience, [&x] { return x.host->is_stopped(); }, std::forward<Call>(ask));
  }
  template <class Work>
  void with_model(const call& x, Work work);

  expected<connection> find_connection(const call& x);
  expected<provider_rules> rules_of(const call& x, const connection& link);
  void change_metadata(const call& x, metadata_change how);
  std::string webhook_url() const;
  std::string lock_owner() const;
  expected<std::vector<variant_key>> find_variants(const call& x);
  static std::vector<variant_key> keys_of(const std::vector<connection_number>& numbers,
                                          const frame_value& syncs);
  expected<std::vector<variant_key>> existing(const call& x, const std::vector<variant_key>& keys);
  script_commands::done_handler answer_when_done(const call& x);

  frame_writer open_reply(const call& x) const;
  void reply_flag(const call& x, const expected<bool>& answer);
  void reply_text(const call& x, const std::optional<std::string>& text);
  void reply_commit(const call& x, const expected<commit_result>& done, bool interrupts = false);
  void reply_deleted(const call& x, expected<std::vector<std::string>> ids);
  void reply_done(const call& x, const expected<void>& done);
  void send(const call& x, frame_writer writer);
  void refuse(const call& x, const caf::error& why);

  run_facts facts_;
  redis_pool& stores_;
  upstream& out_;
  token_keeper& tokens_;
  const script_commands& commands_;
  action_waits& waits_;
  action_rules rules_;
  run_records cache_;
  bool has_told_ = false;
  std::set<std::string> locks_;      ///< Taken and not given back.
  std::vector<std::string> deleted_; ///< What the last tracking deleted, for `deletedKeys`.
};

} // namespace varia
