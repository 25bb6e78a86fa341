#include "worker/run_engine.hpp"

#include "config/runtime_paths.hpp"
#include "store/redis_pool.hpp"
#include "store/store_settings.hpp"
#include "upstream/shared_budget.hpp"
#include "upstream/upstream_settings.hpp"
#include "worker/action_runner.hpp"
#include "worker/action_session.hpp"
#include "worker/code_cache.hpp"
#include "worker/run_admission.hpp"
#include "worker/run_session.hpp"
#include "worker/runtime_pool.hpp"
#include "worker/sandbox.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varia {

namespace {

namespace asio = boost::asio;

// A run waits for Redis in a thread while it is away or refuses to write. Each has its own, so that
// those that only read go on; how many work at once is a matter of the processors.
constexpr size_t store_threads_max = 64;
constexpr size_t code_bytes_max = 64 * 1024 * 1024;
constexpr std::chrono::seconds prepare_max{20};
constexpr std::chrono::seconds stop_max{30};

runtime_pool_config pool_config(const settings& config) {
  runtime_pool_config result;
  result.processes = std::max<size_t>(1, config.runtime.processes);
  result.slots = std::max<size_t>(1, config.runtime.slots);
  auto heap_bytes = config.runtime.memory_mb << 20;
  result.limits = {heap_bytes / 2, heap_bytes, resident_bytes_max(config), config.runtime.hang_max};
  result.cancel_grace = config.runtime.cancel_grace;
  return result;
}

// Calls of every depth have places of their own.
size_t action_places(const settings& config) {
  return (action_depth_max + 1) * size_t{config.actions.slots} + config.actions.queued_slots;
}

size_t store_threads(const settings& config) {
  auto slots = size_t{config.runtime.processes} * config.runtime.slots + action_places(config);
  return std::min(slots + 4, store_threads_max);
}

} // namespace

struct run_engine::state {
  struct session_entry {
    uint32_t number = 0;
    std::shared_ptr<run_session> session;
  };

  explicit state(const settings& x)
    : config{x}, stores{store_config_of(x)}, threads{store_threads(x)} {}

  ~state();

  expected<void> prepare();
  void start(run_request request, done_handler done);
  std::shared_ptr<run_session> find(const std::string& variant_id);
  void forget(const std::string& variant_id, uint32_t number);
  uint32_t next_number();
  void start_action(const taken_action& what, const std::string& claim, std::function<void()> done);
  void lose_action(const std::string& id);
  expected<void> open_actions();

  settings config;
  std::atomic<bool> is_stopping{false};
  std::mutex mutex; ///< Guards the runs and their numbers.
  std::condition_variable changed;
  std::unordered_map<std::string, session_entry> sessions;                ///< By variant id.
  std::unordered_map<std::string, std::shared_ptr<action_session>> calls; ///< By their id.
  uint32_t last_number = 0;

  // What is left of a run in the loop still names its strand, so the threads outlive the loop.
  redis_pool stores;
  code_cache codes{code_bytes_max};
  asio::thread_pool threads;
  asio::io_context loop{1};
  runtime_pool pool{loop, pool_config(config)};
  expected<upstream_config> way_out = upstream_config_of(config);
  upstream out{way_out ? *way_out : upstream_config{},
               std::make_shared<shared_budget>(store_config_of(config))};
  token_keeper tokens{stores, out, config.upstream.token_margin};
  script_commands commands;
  environment_ids ids{stores};
  run_admission admission{loop, threads, stores};
  action_waits waits{store_config_of(config)};
  run_ports ports{loop,     threads, stores, pool,        out,       tokens, codes,
                  commands, ids,     config, is_stopping, admission, waits};
  asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
  std::thread loop_thread{[this] { loop.run(); }};
  std::unique_ptr<action_runner> runner; ///< None before `prepare`.
};

run_engine::state::~state() {
  is_stopping = true;
  if (runner)
    runner->stop();
  std::vector<std::shared_ptr<script_session>> all;
  {
    std::lock_guard guard{mutex};
    for (auto& [id, entry] : sessions)
      all.push_back(entry.session);
    for (auto& [id, session] : calls)
      all.push_back(session);
  }
  for (auto& session : all)
    session->stop(stop_cause::interrupted, "the worker stops");
  asio::post(loop, [this] { pool.stop(); });
  all.clear();
  {
    std::unique_lock lock{mutex};
    changed.wait_for(lock, stop_max, [this] { return sessions.empty() && calls.empty(); });
  }
  waits.stop(); // Before the runner, which it wakes.
  runner.reset();
  tokens.stop();
  out.stop();
  threads.join();
  loop.stop();
  loop_thread.join();
}

expected<void> run_engine::state::prepare() {
  if (!way_out)
    return way_out.error();
  if (auto opened = open_actions(); !opened)
    return opened;
  auto runtime = find_runtime(config);
  if (!runtime)
    return std::move(runtime.error());
  auto kept = find_sandbox(config, *runtime);
  if (!kept)
    return std::move(kept.error());
  spdlog::info("scripts run in the sandbox: {}", to_string(kept->kind()));
  auto ready = std::make_shared<std::promise<caf::error>>();
  auto answer = ready->get_future();
  asio::post(loop, [this, ready, words = kept->child_command()]() mutable {
    pool.set_command(std::move(words));
    pool.prepare([ready](caf::error why) { ready->set_value(std::move(why)); });
  });
  if (answer.wait_for(prepare_max) != std::future_status::ready)
    return fail(errc::invalid, "the script runtime did not get ready");
  if (auto why = answer.get())
    return why;
  return caf::unit;
}

void run_engine::state::start(run_request request, done_handler done) {
  auto id = request.variant.id;
  std::shared_ptr<run_session> session;
  {
    std::lock_guard guard{mutex};
    auto number = next_number();
    auto ended = [this, id, number, done = std::move(done)](run_result result) {
      forget(id, number);
      done(std::move(result));
    };
    session = std::make_shared<run_session>(ports, number, std::move(request), std::move(ended));
    sessions[id] = {number, session};
  }
  session->start();
}

std::shared_ptr<run_session> run_engine::state::find(const std::string& variant_id) {
  std::lock_guard guard{mutex};
  auto found = sessions.find(variant_id);
  return found == sessions.end() ? nullptr : found->second.session;
}

void run_engine::state::forget(const std::string& variant_id, uint32_t number) {
  std::lock_guard guard{mutex};
  auto found = sessions.find(variant_id);
  if (found != sessions.end() && found->second.number == number)
    sessions.erase(found);
  changed.notify_all();
}

uint32_t run_engine::state::next_number() {
  // 0 is the process itself.
  last_number = last_number == UINT32_MAX ? 1 : last_number + 1;
  return last_number;
}

void run_engine::state::start_action(const taken_action& what, const std::string& claim,
                                     std::function<void()> done) {
  auto id = what.order.id;
  auto ended = [this, id, done = std::move(done)] {
    done();
    std::lock_guard guard{mutex};
    calls.erase(id);
    changed.notify_all();
  };
  auto most = action_places(config);
  auto beyond
    = what.order.depth > 0 ? most : (most + config.runtime.slots - 1) / config.runtime.slots;
  std::shared_ptr<action_session> session;
  {
    std::lock_guard guard{mutex};
    session = std::make_shared<action_session>(ports, next_number(), what, claim, beyond, ended);
    calls[id] = session;
  }
  session->start();
  if (is_stopping)
    session->stop(stop_cause::interrupted, "the worker stops");
}

void run_engine::state::lose_action(const std::string& id) {
  std::shared_ptr<action_session> session;
  {
    std::lock_guard guard{mutex};
    if (auto found = calls.find(id); found != calls.end())
      session = found->second;
  }
  if (session)
    session->stop(stop_cause::fenced, "the call was given to another worker");
}

expected<void> run_engine::state::open_actions() {
  auto db = redis::make(store_config_of(config));
  if (!db)
    return std::move(db.error());
  action_engine engine;
  engine.start = [this](const taken_action& what, const std::string& claim,
                        std::function<void()> done) { start_action(what, claim, std::move(done)); };
  engine.lose = [this](const std::string& id) { lose_action(id); };
  action_runner_config sizes{config.actions.slots, config.actions.queued_slots};
  runner = std::make_unique<action_runner>(std::move(*db), sizes, std::move(engine));
  waits.on_news([this] { runner->wake(); });
  return caf::unit;
}

run_engine::run_engine(const settings& config) : state_{std::make_unique<state>(config)} {}

run_engine::~run_engine() = default;

expected<void> run_engine::prepare() {
  return state_->prepare();
}

void run_engine::start(run_request request, done_handler done) {
  state_->start(std::move(request), std::move(done));
}

void run_engine::cancel(const std::string& variant_id, const std::string& reason) {
  if (auto session = state_->find(variant_id))
    session->stop(stop_cause::cancelled, reason);
}

void run_engine::yield(const std::string& variant_id, bool now) {
  if (auto session = state_->find(variant_id))
    session->make_way(now);
}

script_commands& run_engine::commands() {
  return state_->commands;
}

void run_engine::take_actions(const std::string& worker) {
  state_->runner->begin(worker);
}

void run_engine::hold_actions() {
  state_->runner->hold();
}

bool run_engine::await_actions(milliseconds patience) {
  return state_->runner->await_idle(patience);
}

void run_engine::note_wait(const run_request& request, const std::string& reason) {
  asio::post(state_->threads, [my = state_.get(), request, reason] {
    auto noted = my->stores.use([&](redis& db) {
      return runs{db}.note(ref_of(request.variant), request.variant.owner, "deferred", reason,
                           request.slot);
    });
    if (!noted)
      spdlog::debug("the wait of {} was not noted: {}", to_string(request.variant.key),
                    describe(noted.error()));
  });
}

size_t run_engine::slots() const {
  auto fit = std::max<size_t>(1, state_->config.runtime.processes)
             * std::max<size_t>(1, state_->config.runtime.slots);
  auto most = state_->config.worker.runs_max;
  return most == 0 ? fit : std::min<size_t>(fit, most);
}

} // namespace varia
