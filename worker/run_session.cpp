#include "worker/run_session.hpp"

#include "store/connections.hpp"
#include "store/integrations.hpp"
#include "store/runs.hpp"
#include "upstream/auth.hpp"
#include "worker/frame_json.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <array>
#include <utility>

namespace varia {

namespace {

namespace asio = boost::asio;

constexpr int open_calls_max = 64;
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

void run_session::make_way(bool now) {
  makes_way_ = true;
  if (now)
    stop(stop_cause::interrupted, "the variant moves to another worker");
}

void run_session::post(std::function<void()> work) {
  asio::post(strand_, std::move(work));
}

void run_session::begin() {
  if (is_stopped())
    return finish({});
  auto where = find_place();
  if (!where && code_of(where.error()) == errc::unavailable)
    return finish(run_error{"script_internal_error", describe(where.error()), {}, 0});
  auto entered = where ? enter(*where) : expected<gate>{gate::none};
  if (!entered)
    return finish(run_error{"script_internal_error", describe(entered.error()), {}, 0});
  if (*entered != gate::none)
    return defer(*entered);
  auto begun = ports_.stores.use([this](redis& db) {
    run_cause cause{request_.slot, request_.waited, !request_.slot};
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
  auto job = where ? load(std::move(*where)) : expected<run_job>{where.error()};
  if (!job)
    return finish(run_error{"script_internal_error", detail_of(job.error()), {}, 0});
  launch(std::move(*job));
}

// What is known before the run begins, so that its limits are. Not patient: a run that cannot begin
// is tried again.
expected<run_place> run_session::find_place() {
  auto number = request_.variant.key.sync.connection;
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

expected<gate> run_session::enter(const run_place& where) {
  const auto& limits = ports_.config.limits;
  gate_pass pass{request_.variant.id, where.link.number, where.link.environment,
                 where.link.provider_config_key,
                 read_run_limits(where.service.settings,
                                 {limits.runs_per_connection, limits.runs_per_integration})};
  if (pass.limits.are_set())
    integration_ = where.link.environment + '/' + where.link.provider_config_key;
  return ports_.admission.enter(pass);
}

// The run has not begun, and its slot is free for others.
void run_session::defer(gate where) {
  if (is_stopped())
    return finish({});
  is_over_ = true;
  run_result result;
  result.deferred = where;
  result.integration = integration_;
  std::exchange(done_, {})(std::move(result));
}

expected<run_job> run_session::load(run_place where) {
  auto code = find_function(where.link);
  if (!code)
    return std::move(code.error());
  auto rules = read_provider_rules(where.service);
  if (!rules)
    return std::move(rules.error());
  auto environment_id = ports_.ids.find(where.link.environment);
  if (!environment_id)
    return std::move(environment_id.error());
  auto text = ports_.codes.get(
    code->sha, [&] { return ask_store([&](redis& db) { return functions{db}.code(code->sha); }); });
  if (!text)
    return std::move(text.error());
  run_job job;
  job.domain = domain_of(where.link, request_.variant.key.sync.name);
  job.variant = request_.variant.id;
  job.sha = code->sha;
  job.code = std::move(*text);
  job.file = code->provider_config_key + "/syncs/" + code->name + ".cjs";
  job.write_context
    = [self = shared_from_this()](frame_writer& writer) { self->write_context(writer); };
  code_of_run_ = std::move(*code);
  run_facts facts{number_,
                  started_->ticket,
                  std::move(where.link),
                  std::move(*rules),
                  code_of_run_.models,
                  std::move(*environment_id),
                  public_url(ports_.config),
                  code_of_run_.track_deletes || tracks(*job.code),
                  ports_.config.records.deletions_max_percent};
  calls_.emplace(std::move(facts), ports_.stores, ports_.out, ports_.tokens, ports_.commands,
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
  const auto& paginate = facts.rules.paginate;
  const auto& attributes = code_of_run_.attributes;
  writer.map(texts.size() + 5 + (event.empty() ? 0 : 2) + (paginate.empty() ? 0 : 1)
             + (attributes.empty() ? 0 : 1));
  if (!attributes.empty())
    writer.text("attributes").text(attributes);
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
  if (!paginate.empty())
    write_plain_object(writer.text("paginate"), paginate);
}

void run_session::take_frame(frame x, std::shared_ptr<void> credit) {
  if (x.kind == frame_kind::call && ++open_calls_ > open_calls_max)
    return stop(stop_cause::broken, "the script has more than 64 calls open at once");
  if (x.kind == frame_kind::log)
    plan_flush();
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

void run_session::answer(std::string bytes) {
  --open_calls_;
  asio::post(ports_.loop, [self = shared_from_this(), bytes = std::move(bytes)]() mutable {
    self->ports_.pool.send(self->number_, std::move(bytes));
  });
}

bool run_session::ends_at_checkpoint() const {
  auto span = std::chrono::steady_clock::now() - began_at_;
  return makes_way_ || span > ports_.config.runtime.run_limit * overdue_percent / 100;
}

// Lines are gathered for a moment, so that many of them are one call. On the loop.
void run_session::plan_flush() {
  if (std::exchange(is_flush_planned_, true))
    return;
  flush_.expires_after(log_delay);
  flush_.async_wait([self = shared_from_this()](boost::system::error_code why) {
    self->is_flush_planned_ = false;
    if (!why)
      self->post([self] { self->flush_log(); });
  });
}

void run_session::note_request(const request_trace& what) {
  asio::post(ports_.loop, [self = shared_from_this()] { self->plan_flush(); });
  post([self = shared_from_this(), what] {
    if (!self->is_over_)
      self->log_.add(self->started_->ticket.run, what);
  });
}

void run_session::guard_deletions(const std::string& reason) {
  stop(stop_cause::guarded, reason);
}

void run_session::start_over(const std::string& reason) {
  stop(stop_cause::interrupted, reason);
}

void run_session::lose_ownership() {
  stop(stop_cause::fenced, "another owner was named for the variant");
}

} // namespace varia
