#include "tests/simulation/acting_engine.hpp"

#include <algorithm>
#include <utility>

namespace varia::test {

using namespace std::chrono_literals;

namespace {

// As the run session has it.
constexpr microseconds store_patience = 10s;
constexpr microseconds retry_wait = 250ms;

constexpr uint64_t batch_size = 3;

std::string checkpoint_text(uint64_t next) {
  return R"({"next":)" + std::to_string(next) + "}";
}

uint64_t next_of(const std::optional<std::string>& checkpoint) {
  return checkpoint ? std::stoull(checkpoint->substr(sizeof(R"({"next":)") - 1)) : 1;
}

} // namespace

struct acting_engine::session {
  run_request request;
  run_engine::done_handler done;
  run_ticket ticket;
  bool began = false;
  bool fenced = false;
  bool makes_way = false;
  std::optional<run_outcome> stopped; ///< What it is to end as.
  bool over = false;

  // The script.
  bool keeps_checkpoints = false;
  bool keeps_them_apart = false; ///< Not together with the records.
  int steps = 1;
  microseconds pace{0};
  uint64_t position = 1;
  uint64_t version = 0;
  uint64_t batch = 0;
  bool may_wait = false; ///< The script waits, so it hears at once that it is stopped.
};

run_starter acting_engine::starter(size_t slots) {
  run_starter result;
  auto self = shared_from_this();
  result.start = [self](run_request request, run_engine::done_handler done) {
    self->start(std::move(request), std::move(done));
  };
  result.cancel
    = [self](const std::string& id, const std::string&) { self->stop(id, run_outcome::cancelled); };
  result.yield = [self](const std::string& id, bool now) { self->yield(id, now); };
  result.slots = slots;
  result.now = [self] { return self->world_.now_ms(); };
  return result;
}

std::vector<std::pair<std::string, token>> acting_engine::running() const {
  std::vector<std::pair<std::string, token>> result;
  for (auto& [id, run] : sessions_)
    result.emplace_back(id, run->request.variant.owner);
  return result;
}

void acting_engine::note_host(const std::string& id, const token& owner) {
  auto& there = room_.model().variants();
  auto head = there.find(id);
  if (head == there.end())
    book_.usurped.insert(worker_ + " hosts " + id + ", which is gone");
  else if (head->second.placement.owner == owner && head->second.placement.worker == worker_)
    book_.asked.insert(id);
  else
    book_.usurped.insert(worker_ + " hosts " + to_string(head->second.key) + " under an old token");
}

// Repeats a call while Redis is away, until the run is stopped.
template <class T>
void acting_engine::ask(const session_ptr& run, std::function<expected<T>(store_model&)> what,
                        std::function<void(expected<T>)> then, microseconds waited) {
  if (run->stopped)
    return then(fail(errc::cancelled, "the run has ended"));
  auto since = world_.now() - waited;
  room_.call<T>(who_, what, [this, run, what, then, since](expected<T> answer) {
    auto gone = world_.now() - since;
    if (answer || code_of(answer.error()) != errc::unavailable || gone > store_patience)
      return then(std::move(answer));
    world_.after(retry_wait, who_,
                 [this, run, what, then, gone] { ask<T>(run, what, then, gone + retry_wait); });
  });
}

void acting_engine::start(run_request request, run_engine::done_handler done) {
  auto run = std::make_shared<session>();
  auto& what = request.variant;
  note_host(what.id, what.owner);
  auto kind = std::hash<std::string>{}(what.key.name) % 4;
  run->keeps_checkpoints = kind != 0;
  run->keeps_them_apart = kind == 1;
  run->steps = kind == 3 ? 20 : 1 + static_cast<int>(world_.roll(5));
  run->pace = kind == 3 ? 700ms : world_.between(20ms, 1500ms);
  run->request = std::move(request);
  run->done = std::move(done);
  sessions_[run->request.variant.id] = run;
  begin(run);
}

void acting_engine::stop(const std::string& id, run_outcome as) {
  auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->stopped)
    return;
  auto run = found->second;
  run->stopped = as;
  if (run->may_wait)
    world_.after(world_.between(0ms, 50ms), who_, [this, run, as] { finish(run, as); });
}

void acting_engine::yield(const std::string& id, bool now) {
  if (auto found = sessions_.find(id); found != sessions_.end())
    found->second->makes_way = true;
  if (now)
    stop(id, run_outcome::interrupted);
}

void acting_engine::begin(const session_ptr& run) {
  auto& request = run->request;
  auto only_if_wanted = !request.slot && request.retry == 0;
  run_cause cause{request.slot,   request.waited, only_if_wanted,
                  request.missed, request.retry,  request.retries};
  room_.call<run_start>(
    who_,
    [what = request.variant, cause](store_model& db) {
      return db.begin(ref_of(what), what.owner, cause);
    },
    [this, run](expected<run_start> begun) {
      if (!begun) {
        world_.log(worker_ + ": no run of " + run->request.variant.id + " begins, "
                   + varia::describe(begun.error()));
        auto code = code_of(begun.error());
        run->fenced = code == errc::fenced || code == errc::not_found;
        return finish(run, run_outcome::failed);
      }
      if (begun->is_idle) {
        run_result result;
        result.idle = true;
        return done(run, result);
      }
      ++book_.runs;
      world_.log(worker_ + ": run " + std::to_string(begun->ticket.run) + " of "
                 + run->request.variant.id + " begins");
      run->began = true;
      run->ticket = begun->ticket;
      load(run);
    });
}

void acting_engine::load(const session_ptr& run) {
  if (!run->keeps_checkpoints)
    return work(run);
  ask<checkpoint>(
    run, [ticket = run->ticket](store_model& db) { return db.load_checkpoint(ticket); },
    [this, run](expected<checkpoint> found) {
      if (!found)
        return give_up(run, found.error());
      run->position = next_of(found->json);
      run->version = found->version;
      work(run);
    });
}

// The script looks at its source.
void acting_engine::work(const session_ptr& run) {
  if (run->stopped)
    return finish(run, *run->stopped);
  run->may_wait = true;
  world_.after(run->pace, who_, [this, run] {
    run->may_wait = false;
    if (!run->over && !run->stopped)
      save(run);
  });
}

void acting_engine::save(const session_ptr& run) {
  std::vector<saved_record> all;
  for (uint64_t i = 0; i < batch_size; ++i)
    all.push_back(
      {std::to_string(run->position + i), "from run " + std::to_string(run->ticket.run)});
  ++run->batch;
  checkpoint_change last;
  if (run->keeps_checkpoints && !run->keeps_them_apart)
    last = {checkpoint_text(run->position + batch_size), run->version};
  ask<commit_result>(
    run,
    [ticket = run->ticket, batch = run->batch, all, last](store_model& db) {
      return db.save(ticket, batch, all, last);
    },
    [this, run](expected<commit_result> done) { saved(run, done); });
}

void acting_engine::saved(const session_ptr& run, const expected<commit_result>& done) {
  if (!done)
    return give_up(run, done.error());
  told_batch told{run->request.variant.id, run->ticket.run, run->batch, {}};
  for (uint64_t i = 0; i < batch_size; ++i)
    told.ids.push_back(std::to_string(run->position + i));
  book_.told.push_back(std::move(told));
  run->position += batch_size;
  if (!run->keeps_checkpoints)
    return next(run, false);
  if (run->keeps_them_apart)
    return save_checkpoint(run);
  ++run->version;
  next(run, true);
}

void acting_engine::save_checkpoint(const session_ptr& run) {
  ask<uint64_t>(
    run,
    [ticket = run->ticket, at = run->position, version = run->version](store_model& db) {
      return db.save_checkpoint(ticket, checkpoint_text(at), version);
    },
    [this, run](expected<uint64_t> version) {
      if (!version)
        return give_up(run, version.error());
      run->version = *version;
      next(run, true);
    });
}

void acting_engine::next(const session_ptr& run, bool has_checkpoint) {
  if (run->stopped)
    return finish(run, *run->stopped);
  if (run->makes_way && has_checkpoint)
    return finish(run, run_outcome::interrupted);
  if (--run->steps <= 0)
    return finish(run, world_.one_in(12) ? run_outcome::failed : run_outcome::success);
  work(run);
}

void acting_engine::give_up(const session_ptr& run, const caf::error& why) {
  if (code_of(why) == errc::fenced)
    run->fenced = true;
  finish(run, run->stopped.value_or(run_outcome::failed));
}

void acting_engine::finish(const session_ptr& run, run_outcome outcome) {
  if (std::exchange(run->over, true))
    return;
  run_result result;
  result.outcome = run->stopped.value_or(outcome);
  result.began = run->began;
  result.fenced = run->fenced;
  if (result.outcome == run_outcome::interrupted)
    ++book_.made_way;
  if (run->began && !run->fenced)
    end(run, result, 0us);
  else
    done(run, result);
}

void acting_engine::end(const session_ptr& run, const run_result& result, microseconds waited) {
  auto since = world_.now() - waited;
  room_.call<run_ending>(
    who_,
    [ticket = run->ticket, report = run_report{result.outcome, {}, false}](store_model& db) {
      return db.end(ticket, report);
    },
    [this, run, result, since](expected<run_ending> ended) {
      auto known = result;
      auto gone = world_.now() - since;
      if (!ended && code_of(ended.error()) == errc::unavailable && gone < store_patience) {
        world_.after(retry_wait, who_, [this, run, known, gone] { end(run, known, gone); });
        return;
      }
      if (ended) {
        known.more = ended->more;
        known.failed = ended->failed;
        known.outcome = ended->outcome;
      } else if (code_of(ended.error()) != errc::unavailable) {
        known.fenced = true;
      } else if (known.outcome == run_outcome::success) {
        known.outcome = run_outcome::failed;
      }
      done(run, known);
    });
}

void acting_engine::done(const session_ptr& run, const run_result& result) {
  run->over = true;
  book_.fenced += result.fenced ? 1 : 0;
  auto& id = run->request.variant.id;
  if (!result.idle)
    world_.log(worker_ + ": the run of " + id + " is over, "
               + (result.fenced ? "fenced" : to_string(result.outcome)));
  if (auto found = sessions_.find(id); found != sessions_.end() && found->second == run)
    sessions_.erase(found);
  run->done(result);
}

} // namespace varia::test
