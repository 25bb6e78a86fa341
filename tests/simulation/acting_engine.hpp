#pragma once

#include "tests/simulation/redis_room.hpp"
#include "worker/runtime_actor.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace varia::test {

/// A batch that the store has acknowledged to a script.
struct told_batch {
  std::string variant; ///< Its id.
  uint64_t run = 0;
  uint64_t batch = 0;
  std::vector<std::string> ids;
};

/// What scripts were told, and what was asked of engines, for those who check.
struct engine_book {
  std::vector<told_batch> told;
  std::set<std::string> asked;   ///< Ids of which the owner wanted a run.
  std::set<std::string> usurped; ///< What others wanted that are not the owner, in words.
  size_t runs = 0;               ///< That began.
  size_t fenced = 0;             ///< That lost their variant.
  size_t made_way = 0;           ///< That were interrupted, to go on elsewhere.
};

/// The run engine of a worker process, with scripts that copy a source without end: some long, some
/// without checkpoints, some that save records and checkpoint in two steps. It is to the store what
/// a run session is: patient, numbering its batches, and still once its run was stopped.
class acting_engine : public std::enable_shared_from_this<acting_engine> {
public:
  acting_engine(world& all, redis_room& room, process_id who, std::string worker, engine_book& book)
    : world_{all}, room_{room}, who_{who}, worker_{std::move(worker)}, book_{book} {}

  run_starter starter(size_t slots);

  /// The variants that run at this moment, by id, and the tokens they run under.
  std::vector<std::pair<std::string, token>> running() const;

  /// Takes down that a variant is here, and whether it should be.
  void note_host(const std::string& id, const token& owner);

private:
  struct session;
  using session_ptr = std::shared_ptr<session>;

  void start(run_request request, run_engine::done_handler done);
  void stop(const std::string& id, run_outcome as);
  void yield(const std::string& id, bool now);
  void begin(const session_ptr& run);
  void load(const session_ptr& run);
  void work(const session_ptr& run);
  void save(const session_ptr& run);
  void saved(const session_ptr& run, const expected<commit_result>& done);
  void save_checkpoint(const session_ptr& run);
  void next(const session_ptr& run, bool has_checkpoint);
  void give_up(const session_ptr& run, const caf::error& why);
  void finish(const session_ptr& run, run_outcome outcome);
  void end(const session_ptr& run, const run_result& result, microseconds waited);
  void done(const session_ptr& run, const run_result& result);

  template <class T>
  void ask(const session_ptr& run, std::function<expected<T>(store_model&)> what,
           std::function<void(expected<T>)> then, microseconds waited = microseconds{0});

  world& world_;
  redis_room& room_;
  process_id who_;
  std::string worker_;
  engine_book& book_;
  std::map<std::string, session_ptr> sessions_; ///< By variant id.
};

} // namespace varia::test
