#include "worker/run_session.hpp"

#include "store/connections.hpp"
#include "store/integrations.hpp"
#include "store/partitions.hpp"
#include "store/runs.hpp"
#include "upstream/auth.hpp"
#include "worker/frame_json.hpp"
#include "worker/run_metrics.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <array>
#include <utility>

namespace varia {

namespace {

namespace asio = boost::asio;

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

} // namespace

run_session::run_session(run_ports& ports, uint32_t number, run_request request,
                         run_engine::done_handler done)
  : script_session{ports, number}, request_{std::move(request)}, done_{std::move(done)} {
  subject_ = {{"variant", to_string(request_.variant.key)},
              {"epoch", std::to_string(request_.variant.owner.epoch)}};
}

void run_session::start() {
  post([self = self()] { self->begin(); });
}

void run_session::make_way(bool now) {
  makes_way_ = true;
  if (now)
    stop(stop_cause::interrupted, "the variant moves to another worker");
}

void run_session::begin() {
  if (is_stopped())
    return finish({});
  auto where = find_place(request_.variant.key.sync.connection);
  if (!where && code_of(where.error()) == errc::unavailable)
    return finish(run_error{"script_internal_error", describe(where.error()), {}, 0});
  auto entered = where ? enter(*where) : expected<gate>{gate::none};
  if (!entered)
    return finish(run_error{"script_internal_error", describe(entered.error()), {}, 0});
  if (*entered != gate::none)
    return defer(*entered);
  auto begun = ports_.stores.use([this](redis& db) {
    auto only_if_wanted = !request_.slot && request_.retry == 0;
    run_cause cause{request_.slot,   request_.waited, only_if_wanted,
                    request_.missed, request_.retry,  request_.retries};
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
  subject_.emplace_back("run", std::to_string(started_->ticket.run));
  measure_begin();
  auto job = where ? load(std::move(*where)) : expected<run_job>{where.error()};
  if (!job)
    return finish(run_error{"script_internal_error", detail_of(job.error()), {}, 0});
  launch(std::move(*job), ports_.config.runtime.run_limit);
}

void run_session::measure_begin() const {
  auto& to = measured_runs();
  to.waited.observe(seconds_of(request_.waited));
  if (request_.slot)
    to.lateness.observe(seconds_of(milliseconds{started_->started_at - *request_.slot}));
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
  auto job = make_job(where, *code);
  if (!job)
    return job;
  auto facts = make_facts(std::move(where), *code, started_->trace);
  if (!facts)
    return std::move(facts.error());
  job->variant = request_.variant.id;
  job->write_context = [self = self()](frame_writer& writer) { self->write_context(writer); };
  facts->ticket = started_->ticket;
  facts->marks_seen = code->track_deletes || tracks(*job->code);
  code_of_run_ = std::move(*code);
  facts->variant = request_.variant.key.name;
  facts->discovers = discovers();
  subject_.emplace_back("trace_id", facts->trace.trace_id);
  open_calls(std::move(*facts));
  return job;
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

bool run_session::discovers() const {
  return started_ && started_->event == partitions_event;
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
  writer.map(texts.size() + 5
             + (event.empty() ? 0
                : discovers() ? 1
                              : 2)
             + (paginate.empty() ? 0 : 1) + (attributes.empty() ? 0 : 1));
  if (!attributes.empty())
    writer.text("attributes").text(attributes);
  if (discovers())
    writer.text("kind").text("partitions");
  else if (!event.empty())
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

// A run that goes on has ended, too: its variant starts the next one, from the checkpoint.
void run_session::lose_process(const process_loss& loss) {
  post([self = self(), loss] {
    self->finish(run_error{"runtime_crashed", loss.why, loss.last_words, 0},
                 loss.goes_on ? run_outcome::interrupted : run_outcome::failed);
  });
}

bool run_session::ends_at_checkpoint() const {
  auto span = std::chrono::steady_clock::now() - began_at_;
  return makes_way_ || span > ports_.config.runtime.run_limit * overdue_percent / 100;
}

} // namespace varia
