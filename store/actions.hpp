#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "store/checkpoints.hpp"
#include "store/redis.hpp"
#include "store/run_logs.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// How deep actions may call each other: one that an application calls has depth 0.
inline constexpr uint32_t action_depth_max = 3;

/// What makes a call of an action, or of an on-event function, a task for the workers.
struct action_order {
  std::string id; ///< A uuid.
  std::string environment;
  connection_number connection = 0;
  std::string provider_config_key;
  std::string connection_id;
  std::string kind; ///< See `function_kind`.
  std::string name;
  std::string input;      ///< JSON text; empty for none.
  bool is_queued = false; ///< Nobody waits for it: it is run in turn with others of its connection.
  uint32_t depth = 0;
  uint32_t retries = 0;       ///< Of a queued one that fails.
  milliseconds start_max{0};  ///< It fails if nobody begins it for so long,
  milliseconds run_max{0};    ///< or if it then takes longer.
  milliseconds kept_for{0};   ///< What came of it is known for so long after its end.
  std::string notice = {};    ///< What the application is told when a queued one ends, JSON text.
  std::string notice_to = {}; ///< The connection's own URL for it, or empty.
  std::string activity = {};  ///< Who called it, in words for people: an action's id, or empty.
  std::string trace = {};     ///< To which trace it belongs, as `to_text` has it; or empty.
};

/// How many tasks may wait.
struct action_limits {
  size_t all_max = 10'000;
  size_t row_max = 1'000; ///< Of one connection and class.
};

/// How many more tasks of each class a worker has room for.
struct action_room {
  std::array<size_t, action_depth_max + 1> by_depth{};
  size_t queued = 0;
};

/// Proves that one runs a task: what `take` was given.
struct action_ticket {
  std::string id;
  std::string claim;
};

/// A task that is the taker's.
struct taken_action {
  action_order order;
  uint64_t tries = 0; ///< How many runs of it have begun, this one included.
};

enum class action_phase { waiting, running, success, failed };

const char* to_string(action_phase x);

inline bool is_over(action_phase x) {
  return x == action_phase::success || x == action_phase::failed;
}

/// What is known of a task.
struct action_state {
  action_order order; ///< Without input once it has ended.
  action_phase phase = action_phase::waiting;
  uint64_t tries = 0;
  std::string worker; ///< Who runs it or ran it last.
  time_ms created_at = 0;
  time_ms started_at = 0;  ///< 0: never.
  time_ms finished_at = 0; ///< 0: not yet.
  std::string output;      ///< JSON text of a successful one; empty when it is not kept any more.
  std::string error;       ///< JSON text of {type, description, ...} of a failure.
};

/// What a run of a task came to.
struct action_outcome {
  enum class kind { success, failed, interrupted } what = kind::success;
  std::string output; ///< JSON text.
  std::string error;  ///< JSON text.
  /// After which pause a queued task may be tried again; nothing: not at all.
  std::optional<milliseconds> retry_after = std::nullopt;
};

/// Calls of actions and on-event functions: they wait here for a worker to take them, and their
/// outcome waits for who asked. Inputs and outputs travel through here and nowhere else.
class actions {
public:
  explicit actions(redis& db) : db_{db} {}

  /// Adds a task; asked again for the same id nothing happens. Fails with `full`.
  expected<void> put(const action_order& order, const action_limits& limits);

  /// Takes tasks for a worker, connections in turn; nobody else gets them while the caller renews
  /// them within `lease`. Also ends what nobody has begun in time, and takes back what was lost.
  expected<std::vector<taken_action>> take(const std::string& claim, const std::string& worker,
                                           const action_room& room, milliseconds lease);

  /// Whether an operator lets this worker take anything: not if it is cordoned or being drained.
  expected<bool> may_take(const std::string& worker);

  /// Keeps tasks for longer, and returns the ids of those that are not the caller's any more.
  expected<std::vector<std::string>> renew(const std::string& claim,
                                           const std::vector<std::string>& ids, milliseconds lease);

  /// Writes what a run came to, and returns whether the task has ended for good. A second end of
  /// the same run changes nothing. Fails with `fenced`.
  expected<bool> end(const action_ticket& ticket, const action_outcome& outcome);

  /// Ends a task that nobody has begun, with an error (JSON text), and returns the phase that it
  /// has then. Fails with `not_found`.
  expected<action_phase> give_up(const std::string& id, const std::string& error);

  /// Returns what is known of a task.
  expected<std::optional<action_state>> find(const std::string& id);

  /// Returns the last tasks of a connection, newest first, without input and output.
  expected<std::vector<action_state>> recent(connection_number connection, size_t count);

  /// Appends lines to the log of a task. Fails with `fenced`.
  expected<void> log(const action_ticket& ticket, const std::vector<log_line>& lines,
                     milliseconds kept_for);

  /// Returns lines of the log: `run` of the query is passed over.
  expected<std::vector<stored_line>> read_log(const std::string& id, const log_query& query);

  /// The checkpoint that all runs of one function for one connection share, as in `checkpoints`.
  expected<checkpoint> load_checkpoint(const action_ticket& ticket);
  expected<uint64_t> save_checkpoint(const action_ticket& ticket, const std::string& json,
                                     uint64_t version);
  expected<uint64_t> clear_checkpoint(const action_ticket& ticket, uint64_t version);

  /// Ends all that waits for a connection, and forgets its checkpoints.
  expected<void> forget(connection_number connection);

private:
  expected<uint64_t> set_checkpoint(const action_ticket& ticket, const std::string& json,
                                    uint64_t version);

  redis& db_;
};

/// The JSON text of an error of a task.
std::string action_error(const std::string& type, const std::string& description);

} // namespace varia
