#include "worker/run_session.hpp"

#include "store/connections.hpp"
#include "store/integrations.hpp"
#include "store/runs.hpp"
#include "upstream/auth.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <array>
#include <utility>

namespace varia {

namespace {

namespace asio = boost::asio;

constexpr int open_calls_max = 64;
constexpr std::chrono::seconds store_patience{10};
constexpr std::chrono::milliseconds log_delay{500};

// An installation is one account; scripts may ask for its number.
constexpr int64_t the_account = 1;

// After this part of the time that a run may take it ends at its next checkpoint (contract 5.8).
constexpr int overdue_percent = 80;

// Marking what is seen costs a write for each unchanged record, so only runs do it whose script
// may ask for it.
bool tracks(const std::string& code) {
  return code.find("trackDeletes") != std::string::npos
         || code.find("deleteRecordsFromPreviousExecutions") != std::string::npos;
}

run_log_limits run_log_limits_of(const settings& config) {
  auto& logs = config.logs;
  return {parse_log_level(logs.level).value_or(log_level::debug), logs.lines_per_run_max,
          logs.bytes_per_run_max};
}

std::string public_url(const settings& config) {
  if (!config.http.public_url.empty())
    return config.http.public_url;
  return "http://" + config.http.listen.host + ":" + std::to_string(config.http.listen.port);
}

log_limits log_limits_of(const settings& config) {
  return {config.logs.keep_runs, config.logs.keep_for};
}

} // namespace

run_session::run_session(run_ports& ports, uint32_t number, run_request request,
                         run_engine::done_handler done)
  : ports_{ports}, number_{number}, request_{std::move(request)}, done_{std::move(done)},
    strand_{ports.threads.get_executor()}, log_{run_log_limits_of(ports.config)},
    limit_{ports.loop}, flush_{ports.loop} {}

void run_session::start() {
  post([self = shared_from_this()] { self->begin(); });
}

void run_session::stop(stop_cause cause, const std::string& reason) {
  {
    std::lock_guard guard{mutex_};
    if (is_stopped())
      return;
    reason_ = reason;
    cause_ = cause;
  }
  ports_.out.cancel(number_);
  asio::post(ports_.loop, [self = shared_from_this(), reason] {
    self->ports_.pool.cancel(self->number_, reason);
  });
}

void run_session::post(std::function<void()> work) {
  asio::post(strand_, std::move(work));
}

template <class Call>
auto run_session::ask_store(Call&& ask) {
  return ports_.stores.use_patiently(
    store_patience, [this] { return is_stopped(); }, std::forward<Call>(ask));
}

void run_session::begin() {
  if (is_stopped())
    return finish({});
  auto begun = ports_.stores.use([this](redis& db) {
    run_cause cause{request_.slot, !request_.slot};
    return runs{db}.begin(ref_of(request_.variant), request_.variant.owner, cause);
  });
  if (!begun) {
    auto code = code_of(begun.error());
    if (code == errc::fenced || code == errc::not_found)
      lose_ownership();
    return finish(run_error{"script_internal_error", describe(begun.error()), {}, 0});
  }
  if (begun->is_idle) {
    is_idle_ = true;
    return finish({});
  }
  started_ = std::move(*begun);
  began_at_ = std::chrono::steady_clock::now();
  auto job = load();
  if (!job)
    return finish(run_error{"script_internal_error", detail_of(job.error()), {}, 0});
  launch(std::move(*job));
}

expected<run_job> run_session::load() {
  const auto& sync = request_.variant.key.sync;
  auto link = ask_store([&](redis& db) { return connections{db}.find(sync.connection); });
  if (!link)
    return std::move(link.error());
  if (!*link)
    return fail(errc::not_found, "the connection does not exist any more");
  auto code = find_function(**link);
  if (!code)
    return std::move(code.error());
  auto service = ask_store([&](redis& db) {
    return integrations{db}.find((*link)->environment, (*link)->provider_config_key);
  });
  if (!service)
    return std::move(service.error());
  if (!*service)
    return fail(errc::not_found, "the integration does not exist any more");
  auto rules = read_provider_rules((*service)->provider, (*service)->settings);
  if (!rules)
    return std::move(rules.error());
  auto environment_id = ports_.ids.find((*link)->environment);
  if (!environment_id)
    return std::move(environment_id.error());
  auto text = ports_.codes.get(
    code->sha, [&] { return ask_store([&](redis& db) { return functions{db}.code(code->sha); }); });
  if (!text)
    return std::move(text.error());
  run_job job;
  job.domain = domain_of(**link, sync.name);
  job.variant = request_.variant.id;
  job.sha = code->sha;
  job.code = std::move(*text);
  job.file = code->provider_config_key + "/syncs/" + code->name + ".cjs";
  job.write_context
    = [self = shared_from_this()](frame_writer& writer) { self->write_context(writer); };
  code_of_run_ = std::move(*code);
  run_facts facts{number_,
                  started_->ticket,
                  std::move(**link),
                  std::move(*rules),
                  code_of_run_.models,
                  std::move(*environment_id),
                  public_url(ports_.config),
                  code_of_run_.track_deletes || tracks(*job.code),
                  ports_.config.records.deletions_max_percent};
  calls_.emplace(std::move(facts), ports_.stores, ports_.out, ports_.commands,
                 [this] { return is_stopped(); });
  return job;
}

std::string run_session::domain_of(const connection& link, const std::string& name) const {
  const auto& kind = ports_.config.runtime.trust_domain;
  auto domain = link.environment;
  if (kind == "connection")
    domain += " " + std::to_string(link.number);
  if (kind == "function")
    domain += " " + link.provider_config_key + " " + name;
  return domain;
}

expected<function> run_session::find_function(const connection& link) {
  const auto& name = request_.variant.key.sync.name;
  auto found = ask_store([&](redis& db) {
    return functions{db}.find(link.environment, link.provider_config_key, name);
  });
  if (!found)
    return std::move(found.error());
  if (!*found)
    return fail(errc::not_found, "the function " + name + " is not deployed any more");
  return std::move(**found);
}

// From here on the loop has the run, until it comes back with a DONE or without a process.
void run_session::launch(run_job job) {
  asio::post(ports_.loop, [self = shared_from_this(), job = std::move(job)]() mutable {
    // A stop before this moment has not found the run in the pool; one after it will.
    if (self->is_stopped())
      return self->lose_process({"stopped before it started", false, {}});
    self->limit_.expires_after(self->ports_.config.runtime.run_limit);
    self->limit_.async_wait([weak = self->weak_from_this()](boost::system::error_code why) {
      if (auto alive = weak.lock(); alive && !why)
        alive->stop(stop_cause::timed_out, "the run took longer than it may");
    });
    self->ports_.pool.start(self->number_, std::move(job), self);
  });
}

void run_session::write_context(frame_writer& writer) const {
  const auto& facts = calls_->facts();
  const auto& link = facts.link;
  const auto& key = request_.variant.key;
  const std::array<std::pair<const char*, std::string>, 10> texts{
    {{"variant", key.name},
     {"connectionId", link.connection_id},
     {"providerConfigKey", link.provider_config_key},
     {"provider", link.provider},
     {"environmentName", link.environment},
     {"environmentId", facts.environment_id},
     {"syncName", key.sync.name},
     {"syncId", request_.variant.id},
     {"runId", std::to_string(started_->ticket.run)},
     {"schemaPolicy", ports_.config.runtime.schema_policy}}};
  const auto& event = started_->event;
  writer.map(texts.size() + (event.empty() ? 5 : 7));
  if (!event.empty())
    writer.text("kind").text("onWebhook").text("payload").text(event);
  for (const auto& [name, text] : texts)
    writer.text(name).text(text);
  writer.text("nangoConnectionId").number(static_cast<int64_t>(link.number));
  writer.text("accountId").number(the_account);
  writer.text("logLinesMax").number(static_cast<int64_t>(ports_.config.logs.lines_per_run_max));
  writer.text("models").array(code_of_run_.models.size());
  for (const auto& model : code_of_run_.models)
    writer.text(model);
  writer.text("lastSyncDate");
  if (started_->last_sync)
    writer.number(*started_->last_sync);
  else
    writer.nil();
}

void run_session::take_frame(frame x, std::shared_ptr<void> credit) {
  if (x.kind == frame_kind::call && ++open_calls_ > open_calls_max)
    return stop(stop_cause::broken, "the script has more than 64 calls open at once");
  if (x.kind == frame_kind::log && !std::exchange(is_flush_planned_, true)) {
    flush_.expires_after(log_delay);
    flush_.async_wait([self = shared_from_this()](boost::system::error_code why) {
      self->is_flush_planned_ = false;
      if (!why)
        self->post([self] { self->flush_log(); });
    });
  }
  asio::post(strand_,
             [self = shared_from_this(), x = std::move(x), credit = std::move(credit)]() mutable {
               switch (x.kind) {
                 case frame_kind::call: return self->take_call(std::move(x));
                 case frame_kind::log: return self->take_log(std::move(x));
                 default: return self->take_done(std::move(x));
               }
             });
}

// A run that goes on has ended, too: its variant starts the next one, from the checkpoint.
void run_session::lose_process(const process_loss& loss) {
  post([self = shared_from_this(), loss] {
    self->finish(run_error{"runtime_crashed", loss.why, loss.last_words, 0},
                 loss.goes_on ? run_outcome::interrupted : run_outcome::failed);
  });
}

void run_session::take_call(frame x) {
  auto body = frame_body::read(std::move(x.body));
  if (!body)
    return stop(stop_cause::broken, "the script's process sent a call that cannot be read");
  if (!is_over_)
    calls_->take(shared_from_this(), *body);
}

void run_session::take_log(frame x) {
  auto body = frame_body::read(std::move(x.body));
  if (body && !is_over_)
    log_.add(started_->ticket.run, body->root());
}

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

void run_session::answer(std::string bytes) {
  --open_calls_;
  asio::post(ports_.loop, [self = shared_from_this(), bytes = std::move(bytes)]() mutable {
    self->ports_.pool.send(self->number_, std::move(bytes));
  });
}

bool run_session::is_overdue() const {
  auto span = std::chrono::steady_clock::now() - began_at_;
  return span > ports_.config.runtime.run_limit * overdue_percent / 100;
}

void run_session::guard_deletions(const std::string& reason) {
  stop(stop_cause::guarded, reason);
}

void run_session::lose_ownership() {
  stop(stop_cause::fenced, "another owner was named for the variant");
}

void run_session::flush_log() {
  if (is_over_ || log_.is_empty() || is_stopped())
    return;
  auto lines = log_.take();
  auto logged = ask_store([&](redis& db) {
    return run_logs{db}.append(started_->ticket, lines, log_limits_of(ports_.config));
  });
  if (!logged && code_of(logged.error()) == errc::fenced)
    lose_ownership();
}

void run_session::finish(std::optional<run_error> failure, run_outcome outcome) {
  if (std::exchange(is_over_, true))
    return;
  ports_.out.cancel(number_);
  // Nobody else is waiting for an answer: a lock that cannot be given back now ends by itself.
  if (calls_)
    ports_.stores.use([this](redis& db) { return calls_->give_locks_back(db); });
  auto result = judge(failure, outcome);
  if (started_ && !result.fenced)
    end_in_store(result, failure);
  if (failure)
    spdlog::info("run of {} ended: {} ({})", to_string(request_.variant.key),
                 to_string(result.outcome), failure->type);
  asio::post(ports_.loop, [self = shared_from_this(), outcome = result.outcome] {
    self->limit_.cancel();
    self->flush_.cancel();
    if (outcome == run_outcome::success)
      self->ports_.pool.succeed(self->request_.variant.id, self->code_of_run_.sha);
  });
  std::exchange(done_, {})(std::move(result));
}

// What was done to a run from outside explains its end better than what the script says of it.
run_result run_session::judge(std::optional<run_error>& failure, run_outcome outcome) {
  run_result result;
  result.began = started_.has_value();
  result.idle = is_idle_;
  {
    std::lock_guard guard{mutex_};
    switch (cause_) {
      case stop_cause::none: break;
      case stop_cause::cancelled:
        result.outcome = run_outcome::cancelled;
        failure = run_error{"script_aborted", reason_, {}, 0};
        break;
      case stop_cause::interrupted:
        result.outcome = run_outcome::interrupted;
        failure = run_error{"script_aborted", reason_, {}, 0};
        break;
      case stop_cause::timed_out: failure = run_error{"execution_timeout", reason_, {}, 0}; break;
      case stop_cause::guarded: failure = run_error{"deletion_guard", reason_, {}, 0}; break;
      case stop_cause::broken: failure = run_error{"script_internal_error", reason_, {}, 0}; break;
      case stop_cause::fenced:
        result.fenced = true;
        failure = run_error{"script_aborted", reason_, {}, 0};
        break;
    }
  }
  if (failure && result.outcome == run_outcome::success)
    result.outcome = failure->type == interrupted_type ? run_outcome::interrupted : outcome;
  if (failure)
    result.error = failure->description;
  return result;
}

void run_session::end_in_store(run_result& result, const std::optional<run_error>& failure) {
  if (auto lines = log_.take_last(started_->ticket.run); !lines.empty())
    ports_.stores.use([&](redis& db) {
      return run_logs{db}.append(started_->ticket, lines, log_limits_of(ports_.config));
    });
  run_report report{result.outcome, failure ? to_json(*failure) : std::string{}};
  report.needs_progress = failure && failure->type == interrupted_type;
  auto write = [&](redis& db) { return runs{db}.end(started_->ticket, report); };
  auto ended = ports_.stores.use(write);
  if (!ended && code_of(ended.error()) == errc::unavailable)
    ended = ports_.stores.use_patiently(
      store_patience, [this] { return ports_.is_stopping.load(); }, write);
  if (ended) {
    result.more = ended->more;
    if (ended->outcome == result.outcome)
      return;
    result.outcome = ended->outcome;
    result.error = "the run took too long, and its checkpoint has not moved";
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
