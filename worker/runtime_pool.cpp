#include "worker/runtime_pool.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace varia {

namespace {

using clock = std::chrono::steady_clock;
using phase = runtime_child::phase;

constexpr uint64_t runs_per_process_max = 500;
constexpr std::chrono::seconds idle_max{60};
constexpr std::chrono::milliseconds backoff_first{100};
constexpr std::chrono::milliseconds backoff_max{10000};

// After so many failed starts in a row, waiting runs are told instead of kept waiting.
constexpr int failures_max = 3;

bool is_usable(const runtime_child& x) {
  return x.state() == phase::starting || x.state() == phase::ready;
}

} // namespace

runtime_pool::runtime_pool(boost::asio::io_context& loop, runtime_pool_config config)
  : loop_{loop}, config_{std::move(config)}, backoff_{loop} {}

void runtime_pool::prepare(std::function<void(caf::error)> done) {
  prepared_ = std::move(done);
  if (count_usable() == 0)
    spawn();
  tell_prepared();
}

void runtime_pool::start(uint32_t run, run_job job, std::shared_ptr<run_client> client) {
  if (is_stopped_)
    return client->lose_process("the worker stops");
  // The caller starts no more than fit; what may wait is a change of domains or a start.
  if (waiting_.size() >= 2 * config_.processes * config_.slots)
    return client->lose_process("no script process has room");
  waiting_.push_back({run, std::move(job), std::move(client)});
  look_after();
}

void runtime_pool::send(uint32_t run, std::string bytes) {
  for (auto& child : children_)
    if (child->has(run))
      return child->send(run, std::move(bytes));
}

void runtime_pool::cancel(uint32_t run, const std::string& reason) {
  auto is_wanted = [run](const waiting_run& x) { return x.run == run; };
  auto found = std::find_if(waiting_.begin(), waiting_.end(), is_wanted);
  if (found != waiting_.end()) {
    auto client = std::move(found->client);
    waiting_.erase(found);
    return client->lose_process(reason);
  }
  for (auto& child : children_)
    if (child->has(run))
      return child->cancel(run, reason, config_.cancel_grace);
}

void runtime_pool::stop() {
  is_stopped_ = true;
  backoff_.cancel();
  refuse_waiting("the worker stops");
  auto all = children_;
  for (auto& child : all)
    child->kill("the worker stops");
}

// Children report from the middle of their work, so the pool looks at them afterwards.
void runtime_pool::changed() {
  if (std::exchange(is_change_posted_, true))
    return;
  boost::asio::post(loop_, [this] {
    is_change_posted_ = false;
    look_after();
  });
}

void runtime_pool::look_after() {
  drop_ended();
  if (is_stopped_)
    return;
  auto all = children_;
  for (auto& child : all)
    recycle(child);
  for (auto i = waiting_.begin(); i != waiting_.end();)
    i = place(*i) ? waiting_.erase(i) : std::next(i);
  keep_spare();
  tell_prepared();
}

void runtime_pool::drop_ended() {
  for (auto i = children_.begin(); i != children_.end();) {
    if ((*i)->state() != phase::gone) {
      ++i;
      continue;
    }
    auto why = (*i)->start_failure();
    i = children_.erase(i);
    if (!why.empty() && !is_stopped_)
      note_failure(why);
  }
}

void runtime_pool::note_failure(const std::string& why) {
  auto wait = std::min(backoff_max, backoff_first * (1 << std::min(failures_, 10)));
  ++failures_;
  spawn_at_ = clock::now() + wait;
  backoff_.expires_after(wait);
  backoff_.async_wait([this](boost::system::error_code failure) {
    if (!failure)
      look_after();
  });
  auto words = "the script runtime does not start: " + why;
  if (prepared_)
    std::exchange(prepared_, {})(fail(errc::invalid, words));
  if (failures_ >= failures_max)
    refuse_waiting(words);
}

void runtime_pool::refuse_waiting(const std::string& why) {
  for (auto& x : std::exchange(waiting_, {}))
    x.client->lose_process(why);
}

// Replaces what has served long enough, and gives back what has had nothing to do for a while.
void runtime_pool::recycle(const child_ptr& child) {
  if (child->state() != phase::ready)
    return;
  auto is_idle = child->runs() == 0 && clock::now() - child->idle_since() > idle_max;
  if (child->served() >= runs_per_process_max || (is_idle && count_usable() > 1))
    child->drain();
}

bool runtime_pool::place(waiting_run& x) {
  auto child = find_child(x.job.domain);
  if (!child)
    return false;
  child->start(x.run, std::move(x.job), std::move(x.client));
  return true;
}

runtime_pool::child_ptr runtime_pool::find_child(const std::string& domain) {
  child_ptr best;
  for (auto& child : children_) {
    if (!is_usable(*child) || child->runs() >= config_.slots)
      continue;
    if (!child->domain.empty() && child->domain != domain)
      continue;
    // Among equals one that is ready is better, and one that has the domain's scripts loaded.
    auto rank = [](const runtime_child& y) {
      return std::tuple{y.runs(), y.state() != phase::ready, y.domain.empty()};
    };
    if (!best || rank(*child) < rank(*best))
      best = child;
  }
  if (best)
    return best;
  if (count_usable() >= config_.processes && !retire_stranger(domain))
    return nullptr;
  return spawn();
}

runtime_pool::child_ptr runtime_pool::spawn() {
  // Processes that take no more runs are on their way out, but they count for memory.
  if (is_stopped_ || clock::now() < spawn_at_ || children_.size() >= 2 * config_.processes)
    return nullptr;
  if (config_.command.empty()) {
    note_failure("nothing is known of Node yet");
    return nullptr;
  }
  auto process = child_process::start(config_.command);
  if (!process) {
    note_failure(detail_of(process.error()));
    return nullptr;
  }
  runtime_child::memory limits{config_.memory_mb << 19, config_.memory_mb << 20};
  auto child
    = std::make_shared<runtime_child>(loop_, std::move(*process), limits, [this] { changed(); });
  children_.push_back(child);
  child->open();
  return child;
}

bool runtime_pool::retire_stranger(const std::string& domain) {
  for (auto& child : children_)
    if (child->state() == phase::ready && child->runs() == 0 && child->domain != domain) {
      child->drain();
      return true;
    }
  return false;
}

size_t runtime_pool::count_usable() const {
  return static_cast<size_t>(std::count_if(children_.begin(), children_.end(),
                                           [](const child_ptr& x) { return is_usable(*x); }));
}

// The next run shall find a process without others in it, as long as there may be more processes.
void runtime_pool::keep_spare() {
  auto is_idle = [](const child_ptr& x) { return is_usable(*x) && x->runs() == 0; };
  if (count_usable() < config_.processes
      && std::none_of(children_.begin(), children_.end(), is_idle))
    spawn();
}

void runtime_pool::tell_prepared() {
  auto is_ready = [](const child_ptr& x) { return x->state() == phase::ready; };
  if (std::none_of(children_.begin(), children_.end(), is_ready))
    return;
  failures_ = 0;
  if (prepared_)
    std::exchange(prepared_, {})(caf::error{});
}

} // namespace varia
