#include "worker/action_session.hpp"

#include "store/connections.hpp"
#include "worker/frame_json.hpp"
#include "worker/run_metrics.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

namespace varia {

namespace {

namespace asio = boost::asio;

// An installation is one account; scripts may ask for its number.
constexpr int64_t the_account = 1;

constexpr milliseconds retry_first{1000};
constexpr milliseconds retry_max{60000};

milliseconds pause_after(uint64_t tries) {
  return std::min(retry_first * (int64_t{1} << std::min<uint64_t>(tries - 1, 10)), retry_max);
}

// Runs of one function and connection are on trial together.
std::string subject_of(const action_order& x) {
  return x.kind + ' ' + std::to_string(x.connection) + ' ' + x.name;
}

} // namespace

action_session::action_session(run_ports& ports, uint32_t number, taken_action what,
                               std::string claim, size_t processes_max, std::function<void()> done)
  : script_session{ports, number}, what_{std::move(what)}, claim_{std::move(claim)},
    processes_max_{processes_max}, done_{std::move(done)} {}

void action_session::start() {
  post([self = self()] { self->begin(); });
}

void action_session::begin() {
  auto job = load();
  if (!job)
    return fail_with({"script_internal_error", detail_of(job.error())});
  launch(std::move(*job), what_.order.run_max);
}

expected<run_job> action_session::load() {
  const auto& order = what_.order;
  auto where = find_place(order.connection);
  if (!where)
    return std::move(where.error());
  auto code = ask_store([&](redis& db) {
    return functions{db}.find(order.environment, order.provider_config_key, order.name, order.kind);
  });
  if (!code)
    return std::move(code.error());
  if (!*code)
    return fail(errc::not_found, "the function " + order.name + " is not deployed any more");
  code_ = std::move(**code);
  auto job = make_job(*where, code_);
  if (!job)
    return job;
  auto facts = make_facts(std::move(*where), code_, order.trace);
  if (!facts)
    return std::move(facts.error());
  job->variant = subject_of(order);
  job->processes_beyond = processes_max_;
  job->write_context = [self = self()](frame_writer& writer) { self->write_context(writer); };
  // Locks and turns at the provider are the call's own.
  facts->ticket.variant.id = order.id;
  facts->ticket.run = what_.tries;
  facts->models.clear();
  facts->call = ticket();
  facts->depth = order.depth;
  subject_ = {{"action", subject_of(order)}, {"trace_id", facts->trace.trace_id}};
  open_calls(std::move(*facts));
  return job;
}

void action_session::write_context(frame_writer& writer) const {
  const auto& facts = calls_->facts();
  const auto& link = facts.link;
  const auto& order = what_.order;
  auto is_action = order.kind == function_kind::action;
  std::vector<std::pair<const char*, std::string>> texts{
    {"kind", is_action ? "action" : "onEvent"},
    {"connectionId", link.connection_id},
    {"providerConfigKey", link.provider_config_key},
    {"provider", link.provider},
    {"environmentName", link.environment},
    {"environmentId", facts.environment_id},
    {"syncName", order.name},
    {"syncId", order.id},
    {"runId", order.id},
    {"schemaPolicy", ports_.config.runtime.schema_policy}};
  if (!order.input.empty())
    texts.emplace_back("input", order.input);
  if (!code_.attributes.empty())
    texts.emplace_back("attributes", code_.attributes);
  const auto& paginate = facts.rules.paginate;
  writer.map(texts.size() + 4 + (paginate.empty() ? 0 : 1));
  for (const auto& [name, text] : texts)
    writer.text(name).text(text);
  writer.text("nangoConnectionId").number(static_cast<int64_t>(link.number));
  writer.text("accountId").number(the_account);
  writer.text("logLinesMax").number(static_cast<int64_t>(ports_.config.logs.lines_per_run_max));
  writer.text("models").array(0);
  if (!paginate.empty())
    write_plain_object(writer.text("paginate"), paginate);
}

// Nobody begins again what somebody waits for: it may have done its work.
void action_session::lose_process(const process_loss& loss) {
  post([self = shared_from_this(), loss] {
    auto& me = static_cast<action_session&>(*self);
    me.finish(me.failure_of({"runtime_crashed", loss.why, loss.last_words}, loss.goes_on));
  });
}

void action_session::take_done(frame x) {
  auto body = frame_body::read(std::move(x.body));
  if (!body)
    return fail_with({"runtime_crashed", "the script's process cannot be read"});
  auto root = body->root();
  if (!root.at("ok").flag())
    return fail_with(read_run_error(root.at("error")));
  asio::post(ports_.loop, [self = self()] {
    self->ports_.pool.succeed(subject_of(self->what_.order), self->code_.sha);
  });
  auto output = root.at("output").text();
  finish({action_outcome::kind::success, output.empty() ? "null" : std::move(output), {}});
}

expected<void> action_session::store_lines(redis& db, const std::vector<log_line>& lines) {
  return actions{db}.log(ticket(), lines, what_.order.kept_for);
}

void action_session::fail_with(const run_error& why) {
  finish(failure_of(why, false));
}

action_outcome action_session::failure_of(const run_error& why, bool may_go_on) const {
  action_outcome result{action_outcome::kind::failed, {}, to_json(why)};
  if (auto end = stopped_by()) {
    result.error = to_json(end->failure);
    may_go_on = end->cause == stop_cause::interrupted;
  }
  if (may_go_on)
    result.what = action_outcome::kind::interrupted;
  if (what_.order.is_queued && what_.order.retries > 0)
    result.retry_after = pause_after(what_.tries);
  return result;
}

void action_session::finish(action_outcome outcome) {
  if (std::exchange(is_over_, true))
    return;
  close();
  if (auto lines = log_.take_last(log_number()); !lines.empty())
    ports_.stores.use([&](redis& db) { return store_lines(db, lines); });
  auto ended = ports_.stores.use_patiently(
    store_patience, [this] { return ports_.is_stopping.load(); },
    [&](redis& db) { return actions{db}.end(ticket(), outcome); });
  // The worker stops: one more try, for nobody else knows the outcome.
  if (!ended && code_of(ended.error()) == errc::cancelled)
    ended = ports_.stores.use([&](redis& db) { return actions{db}.end(ticket(), outcome); });
  const auto& order = what_.order;
  auto is_well = outcome.what == action_outcome::kind::success;
  measured_runs().actions[is_well ? "success" : "failed"].add();
  measured_runs().action_span.observe(watch_.seconds());
  if (!ended)
    spdlog::warn("the outcome of {} {} could not be stored: {}", order.kind, order.id,
                 describe(ended.error()));
  else if (!is_well)
    spdlog::info("{} {} of connection {} ended without success", order.kind, order.name,
                 order.connection);
  std::exchange(done_, {})();
}

} // namespace varia
