#include "worker/script_session.hpp"

#include "store/connections.hpp"
#include "upstream/auth.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace varia {

namespace {

namespace asio = boost::asio;

constexpr int open_calls_max = 64;
constexpr std::chrono::milliseconds log_delay{500};

action_rules action_rules_of(const settings& config) {
  auto& from = config.actions;
  action_rules result{from.run_limit, from.keep_for, {}};
  result.limits.all_max = from.waiting_max;
  return result;
}

run_log_limits run_log_limits_of(const settings& config) {
  auto& logs = config.logs;
  return {parse_log_level(logs.level).value_or(log_level::debug), logs.lines_per_run_max,
          logs.bytes_per_run_max};
}

std::string folder_of(const function& x) {
  if (x.kind == function_kind::action)
    return "/actions/";
  return x.kind == function_kind::on_event ? "/on-events/" : "/syncs/";
}

std::string public_url(const settings& config) {
  if (!config.http.public_url.empty())
    return config.http.public_url;
  return "http://" + config.http.listen.host + ":" + std::to_string(config.http.listen.port);
}

} // namespace

script_session::script_session(run_ports& ports, uint32_t number)
  : ports_{ports}, number_{number}, strand_{ports.threads.get_executor()},
    log_{run_log_limits_of(ports.config)}, limit_{ports.loop}, flush_{ports.loop} {}

void script_session::stop(stop_cause cause, const std::string& reason) {
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

void script_session::post(std::function<void()> work) {
  asio::post(strand_, [self = shared_from_this(), work = std::move(work)] {
    log_scope scope{self->subject_};
    work();
  });
}

// What is known before the run begins, so that its limits are. Not patient: a run that cannot begin
// is tried again.
expected<run_place> script_session::find_place(connection_number number) {
  auto link = ports_.stores.use([&](redis& db) { return connections{db}.find(number); });
  if (!link)
    return std::move(link.error());
  if (!*link)
    return fail(errc::not_found, "the connection does not exist any more");
  auto service = ports_.stores.use([&](redis& db) {
    return integrations{db}.find((*link)->environment, (*link)->provider_config_key);
  });
  if (!service)
    return std::move(service.error());
  if (!*service)
    return fail(errc::not_found, "the integration does not exist any more");
  return run_place{std::move(**link), std::move(**service)};
}

expected<run_job> script_session::make_job(const run_place& where, const function& code) {
  auto text = ports_.codes.get(
    code.sha, [&] { return ask_store([&](redis& db) { return functions{db}.code(code.sha); }); });
  if (!text)
    return std::move(text.error());
  run_job job;
  job.domain = domain_of(where.link, code);
  job.sha = code.sha;
  job.code = std::move(*text);
  job.file = code.provider_config_key + folder_of(code) + code.name + ".cjs";
  return job;
}

expected<run_facts> script_session::make_facts(run_place where, const function& code,
                                               const std::string& trace) {
  auto rules = read_provider_rules(where.service);
  if (!rules)
    return std::move(rules.error());
  auto environment_id = ports_.ids.find(where.link.environment);
  if (!environment_id)
    return std::move(environment_id.error());
  run_facts facts;
  facts.run = number_;
  facts.link = std::move(where.link);
  facts.rules = std::move(*rules);
  facts.models = code.models;
  facts.environment_id = std::move(*environment_id);
  facts.public_url = public_url(ports_.config);
  facts.deletions_max_percent = ports_.config.records.deletions_max_percent;
  auto asked = parse_trace_text(trace);
  facts.trace = asked ? std::move(*asked) : begin_trace();
  facts.tells_trace = ports_.config.upstream.trace_context;
  facts.budget = progress_.budget();
  return facts;
}

void script_session::open_calls(run_facts facts) {
  script_surroundings around{ports_.stores,   ports_.out,   ports_.tokens,
                             ports_.commands, ports_.waits, action_rules_of(ports_.config)};
  calls_.emplace(std::move(facts), std::move(around), [this] { return is_stopped(); });
}

std::string script_session::domain_of(const connection& link, const function& code) const {
  const auto& kind = ports_.config.runtime.trust_domain;
  auto domain = link.environment;
  if (kind == "connection")
    domain += " " + std::to_string(link.number);
  if (kind == "function")
    domain += " " + code.kind + " " + code.provider_config_key + " " + code.name;
  return domain;
}

// From here on the loop has the run, until it comes back with a DONE or without a process.
void script_session::launch(run_job job, milliseconds limit) {
  asio::post(ports_.loop, [self = shared_from_this(), job = std::move(job), limit]() mutable {
    // A stop before this moment has not found the run in the pool; one after it will.
    if (self->is_stopped())
      return self->lose_process({"stopped before it started", false, {}});
    self->limit_.expires_after(limit);
    self->limit_.async_wait([weak = self->weak_from_this()](boost::system::error_code why) {
      if (auto alive = weak.lock(); alive && !why)
        alive->stop(stop_cause::timed_out, "the run took longer than it may");
    });
    self->ports_.pool.start(self->number_, std::move(job), self);
  });
}

void script_session::take_frame(frame x, std::shared_ptr<void> credit) {
  if (x.kind == frame_kind::call && ++open_calls_ > open_calls_max)
    return stop(stop_cause::broken, "the script has more than 64 calls open at once");
  if (x.kind == frame_kind::log || x.kind == frame_kind::call)
    plan_flush();
  asio::post(strand_,
             [self = shared_from_this(), x = std::move(x), credit = std::move(credit)]() mutable {
               log_scope scope{self->subject_};
               switch (x.kind) {
                 case frame_kind::call: return self->take_call(std::move(x));
                 case frame_kind::log: return self->take_log(std::move(x));
                 default: return self->take_done(std::move(x));
               }
             });
}

void script_session::take_call(frame x) {
  auto body = frame_body::read(std::move(x.body));
  if (!body)
    return stop(stop_cause::broken, "the script's process sent a call that cannot be read");
  if (!is_over_)
    calls_->take(shared_from_this(), *body);
}

void script_session::take_log(frame x) {
  auto body = frame_body::read(std::move(x.body));
  if (body && !is_over_)
    log_.add(log_number(), body->root());
}

void script_session::answer(std::string bytes) {
  --open_calls_;
  asio::post(ports_.loop, [self = shared_from_this(), bytes = std::move(bytes)]() mutable {
    self->ports_.pool.send(self->number_, std::move(bytes));
  });
}

// Lines are gathered for a moment, so that many of them are one call. On the loop.
void script_session::plan_flush() {
  if (std::exchange(is_flush_planned_, true))
    return;
  flush_.expires_after(log_delay);
  flush_.async_wait([self = shared_from_this()](boost::system::error_code why) {
    self->is_flush_planned_ = false;
    if (!why)
      self->post([self] { self->flush(); });
  });
}

void script_session::note_request(const request_trace& what) {
  asio::post(ports_.loop, [self = shared_from_this()] { self->plan_flush(); });
  post([self = shared_from_this(), what] {
    if (self->is_over_)
      return;
    self->progress_.count(what);
    self->log_.add(self->log_number(), what);
  });
}

void script_session::flush() {
  if (is_over_ || is_stopped())
    return;
  flush_log();
  if (flush_progress())
    asio::post(ports_.loop, [self = shared_from_this()] { self->plan_flush(); });
}

void script_session::flush_log() {
  if (log_.is_empty())
    return;
  auto lines = log_.take();
  auto logged = ask_store([&](redis& db) { return store_lines(db, lines); });
  if (!logged && code_of(logged.error()) == errc::fenced)
    lose_ownership();
}

// Nobody is in the run's process any more. Locks that cannot be given back now end by themselves.
void script_session::close() {
  ports_.out.cancel(number_);
  if (calls_)
    ports_.stores.use([this](redis& db) { return calls_->give_locks_back(db); });
  asio::post(ports_.loop, [self = shared_from_this()] {
    self->limit_.cancel();
    self->flush_.cancel();
  });
}

std::optional<script_session::outer_end> script_session::stopped_by() const {
  std::lock_guard guard{mutex_};
  stop_cause cause = cause_;
  switch (cause) {
    case stop_cause::none: return std::nullopt;
    case stop_cause::timed_out: return outer_end{cause, {"execution_timeout", reason_}};
    case stop_cause::guarded: return outer_end{cause, {"deletion_guard", reason_}};
    case stop_cause::broken: return outer_end{cause, {"script_internal_error", reason_}};
    default: return outer_end{cause, {"script_aborted", reason_}};
  }
}

void script_session::guard_deletions(const std::string& reason) {
  stop(stop_cause::guarded, reason);
}

void script_session::start_over(const std::string& reason) {
  stop(stop_cause::interrupted, reason);
}

void script_session::lose_ownership() {
  stop(stop_cause::fenced, "another owner was named for it");
}

} // namespace varia
