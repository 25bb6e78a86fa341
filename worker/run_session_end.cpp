#include "store/partitions.hpp"
#include "store/run_logs.hpp"
#include "store/runs.hpp"
#include "worker/run_metrics.hpp"
#include "worker/run_session.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace varia {

namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds progress_every{1};

log_limits log_limits_of(const settings& config) {
  return {config.logs.keep_runs, config.logs.keep_for};
}

} // namespace

void run_session::take_done(frame x) {
  auto body = frame_body::read(std::move(x.body));
  if (!body)
    return finish(run_error{"runtime_crashed", "the script's process cannot be read", {}, 0});
  if (body->root().at("ok").flag())
    return finish(delete_vanished());
  finish(read_run_error(body->root().at("error")));
}

// Of a sync that declares `trackDeletes`, what a successful run has not seen is deleted.
std::optional<run_error> run_session::delete_vanished() {
  if (!code_of_run_.track_deletes || !started_->event.empty() || is_over_)
    return std::nullopt;
  for (const auto& model : code_of_run_.models)
    if (auto deleted = calls_->cache().delete_unseen(model); !deleted)
      return run_error{code_of(deleted.error()) == errc::full ? "deletion_guard"
                                                              : "script_internal_error",
                       detail_of(deleted.error()),
                       {},
                       0};
  return std::nullopt;
}

expected<void> run_session::store_lines(redis& db, const std::vector<log_line>& lines) {
  return run_logs{db}.append(started_->ticket, lines, log_limits_of(ports_.config));
}

std::string run_session::progress_now() {
  if (calls_)
    progress_.set_saved(calls_->cache().total(), calls_->cache().answered());
  return progress_.text(std::chrono::steady_clock::now());
}

// Who looks on need not know of every record at once.
bool run_session::flush_progress() {
  auto now = std::chrono::steady_clock::now();
  if (now - told_at_ < progress_every)
    return true;
  auto text = progress_now();
  if (text == told_)
    return progress_.budget()->is_waiting();
  auto told = ask_store([&](redis& db) { return runs{db}.tell_progress(started_->ticket, text); });
  if (!told && code_of(told.error()) == errc::fenced)
    lose_ownership();
  told_ = std::move(text);
  told_at_ = now;
  return progress_.budget()->is_waiting();
}

void run_session::finish(std::optional<run_error> failure, run_outcome outcome) {
  if (std::exchange(is_over_, true))
    return;
  close();
  auto result = judge(failure, outcome);
  if (started_ && !result.fenced)
    end_in_store(result, failure);
  if (started_)
    measure_end(result);
  ports_.admission.leave(request_.variant.id, result.fenced);
  result.integration = integration_;
  if (failure)
    spdlog::info("run of {} ended: {} ({})", to_string(request_.variant.key),
                 to_string(result.outcome), failure->type);
  if (result.outcome == run_outcome::success)
    asio::post(ports_.loop, [self = self()] {
      self->ports_.pool.succeed(self->request_.variant.id, self->code_of_run_.sha);
    });
  std::exchange(done_, {})(std::move(result));
}

void run_session::measure_end(const run_result& result) const {
  auto& to = measured_runs();
  auto span
    = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began_at_);
  to.runs[result.fenced ? "fenced" : to_string(result.outcome)].add();
  to.run_span.observe(seconds_of(span));
  auto is_sync = result.outcome == run_outcome::success && started_->event.empty();
  if (is_sync && started_->last_sync)
    to.freshness.observe(
      seconds_of(milliseconds{started_->started_at - *started_->last_sync} + span));
}

// What was done to a run from outside explains its end better than what the script says of it.
run_result run_session::judge(std::optional<run_error>& failure, run_outcome outcome) {
  run_result result;
  result.began = started_.has_value();
  result.idle = is_idle_;
  if (auto end = stopped_by()) {
    failure = std::move(end->failure);
    if (end->cause == stop_cause::cancelled)
      result.outcome = run_outcome::cancelled;
    if (end->cause == stop_cause::interrupted)
      result.outcome = run_outcome::interrupted;
    result.fenced = end->cause == stop_cause::fenced;
  }
  if (failure && result.outcome == run_outcome::success)
    result.outcome = failure->type == interrupted_type ? run_outcome::interrupted : outcome;
  if (failure)
    result.error = failure->description;
  return result;
}

// A hook that has told nothing has failed, unless its run goes on.
void run_session::tell_failure(const run_result& result, const std::optional<run_error>& failure) {
  if (!discovers() || (calls_ && calls_->has_told()) || result.outcome != run_outcome::failed)
    return;
  auto told = ports_.stores.use([&](redis& db) {
    return partitions{db}.tell(started_->ticket, partitions_outcome::failed,
                               failure ? failure->description : std::string{});
  });
  if (!told)
    spdlog::warn("why the partitions of {} are not known could not be stored: {}",
                 to_string(request_.variant.key.sync), describe(told.error()));
}

void run_session::end_in_store(run_result& result, const std::optional<run_error>& failure) {
  tell_failure(result, failure);
  if (auto lines = log_.take_last(started_->ticket.run); !lines.empty())
    ports_.stores.use([&](redis& db) { return store_lines(db, lines); });
  if (calls_)
    started_->ticket.answered = calls_->cache().answered();
  run_report report{result.outcome, failure ? to_json(*failure) : std::string{}};
  report.models = code_of_run_.models;
  report.is_incremental = code_of_run_.sync_type == "incremental";
  report.progress = progress_now();
  if (calls_)
    report.trace = to_text(calls_->facts().trace);
  report.needs_progress = failure && failure->type == interrupted_type && !makes_way_;
  auto write = [&](redis& db) { return runs{db}.end(started_->ticket, report); };
  auto ended = ports_.stores.use(write);
  if (!ended && code_of(ended.error()) == errc::unavailable)
    ended = ports_.stores.use_patiently(
      store_patience, [this] { return ports_.is_stopping.load(); }, write);
  if (ended) {
    result.more = ended->more;
    result.failed = ended->failed;
    if (ended->outcome == result.outcome)
      return;
    result.outcome = ended->outcome;
    result.error = ended->outcome == run_outcome::interrupted
                     ? "Redis has lost what the run had saved"
                     : "the run took too long, and its checkpoint has not moved";
    return;
  }
  auto code = code_of(ended.error());
  result.fenced = code == errc::fenced || code == errc::not_found;
  if (result.fenced)
    return;
  spdlog::warn("the end of a run of {} could not be stored: {}", to_string(request_.variant.key),
               describe(ended.error()));
  if (result.outcome == run_outcome::success) {
    result.outcome = run_outcome::failed;
    result.error = "the end of the run could not be stored";
  }
}

} // namespace varia
