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
constexpr std::chrono::milliseconds turn_max{20};
constexpr std::chrono::seconds idle_max{60};
constexpr std::chrono::milliseconds backoff_first{100};
constexpr std::chrono::milliseconds backoff_max{10000};

// After so many failed starts in a row, waiting runs are told instead of kept waiting.
constexpr int failures_max = 3;

// What keeps its processes busy must not follow from one to the next for ever.
constexpr int moves_max = 3;

// So many suspects are on trial at once, each in a process beside the ordinary ones. One that has
// behaved for a while makes room for the next, though it stays alone.
constexpr size_t trials_max = 2;
constexpr size_t cells_max = 8;
constexpr std::chrono::seconds trial{30};

// A domain that has waited for this long takes a process from another.
constexpr std::chrono::seconds patience{1};

bool is_usable(const runtime_child& x) {
  return !x.alone_since && (x.state() == phase::starting || x.state() == phase::ready);
}

} // namespace

runtime_pool::runtime_pool(boost::asio::io_context& loop, runtime_pool_config config)
  : loop_{loop}, config_{std::move(config)}, backoff_{loop}, mover_{loop} {}

void runtime_pool::prepare(std::function<void(caf::error)> done) {
  prepared_ = std::move(done);
  if (count_open() == 0)
    spawn();
  tell_prepared();
}

void runtime_pool::start(uint32_t run, run_job job, std::shared_ptr<run_client> client) {
  if (is_stopped_)
    return client->lose_process({"the worker stops", false, {}});
  // The caller starts no more than fit; what may wait is a change of domains or a start.
  if (waiting_.size() >= 2 * config_.processes * config_.slots)
    return client->lose_process({"no script process has room", false, {}});
  waiting_.push_back({{run, std::move(job), std::move(client), 0}, clock::now()});
  look_after();
}

void runtime_pool::send(uint32_t run, std::string bytes) {
  for (auto& child : children_)
    if (child->has(run))
      return child->send(run, std::move(bytes));
}

void runtime_pool::cancel(uint32_t run, const std::string& reason) {
  auto is_wanted = [run](const waiting_run& x) { return x.run.number == run; };
  auto found = std::find_if(waiting_.begin(), waiting_.end(), is_wanted);
  if (found != waiting_.end()) {
    auto client = std::move(found->run.client);
    waiting_.erase(found);
    return client->lose_process({reason, false, {}});
  }
  for (auto& child : children_)
    if (child->has(run))
      return child->cancel(run, reason, config_.cancel_grace);
}

void runtime_pool::succeed(const std::string& variant, const std::string& sha) {
  quarantine_.succeed(variant, sha);
}

void runtime_pool::stop() {
  is_stopped_ = true;
  backoff_.cancel();
  mover_.cancel();
  refuse_waiting("the worker stops");
  auto all = children_;
  for (auto& child : all)
    child->stop("the worker stops");
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
    return refuse_waiting("the worker stops");
  auto all = children_;
  for (auto& child : all)
    recycle(child);
  relocate();
  for (auto i = waiting_.begin(); i != waiting_.end();)
    i = place(*i) ? waiting_.erase(i) : std::next(i);
  keep_spare();
  plan_relocation();
  tell_prepared();
}

void runtime_pool::drop_ended() {
  for (auto i = children_.begin(); i != children_.end();) {
    if ((*i)->state() != phase::gone) {
      ++i;
      continue;
    }
    auto why = (*i)->start_failure();
    for (auto& run : (*i)->take_back_all())
      waiting_.push_front({std::move(run), clock::now()});
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
    x.run.client->lose_process({why, false, {}});
}

// Replaces what has served long enough, and gives back what has had nothing to do for a while.
void runtime_pool::recycle(const child_ptr& child) {
  if (child->state() != phase::ready)
    return;
  if (child->alone_since && child->runs() == 0)
    return child->drain();
  auto now = clock::now();
  auto is_spent = child->served() >= runs_per_process_max
                  || (now - child->born() > config_.age_max && child->served() > 0);
  auto is_superfluous = is_idle(*child) && now - child->idle_since() > idle_max && count_open() > 1;
  // Those that are replaced may have long runs in them, and there is a bound on all together.
  auto has_room = child->runs() == 0 || count_ordinary() < 2 * config_.processes;
  if (is_superfluous || (is_spent && has_room))
    child->drain();
}

bool runtime_pool::place(waiting_run& x) {
  auto is_suspect = quarantine_.is_suspect(x.run.job.variant);
  auto child = is_suspect ? find_cell() : find_child(x.run.job, nullptr);
  if (!child) {
    if (!is_suspect)
      make_room(x);
    return false;
  }
  child->start(std::move(x.run));
  return true;
}

// Takes runs that do not begin from processes that are busy with something else.
void runtime_pool::relocate() {
  auto all = children_;
  for (auto& child : all) {
    if (child->alone_since || child->state() != phase::ready
        || child->silence() < config_.move_after)
      continue;
    auto late = child->unstarted();
    // Runs begin in their order, so what keeps the process busy is a script that has begun or the
    // first of these. Unless it must be that one, it gets another chance, too, but one only.
    auto is_first_guilty = late.size() == child->runs();
    for (size_t i = is_first_guilty ? 1 : 0; i < late.size(); ++i)
      relocate(child, late[i], i == 0 ? 1 : moves_max);
  }
}

void runtime_pool::relocate(const child_ptr& from, uint32_t number, int most) {
  const auto& run = from->find(number);
  auto better = run.moves < most ? find_child(run.job, from) : nullptr;
  if (!better)
    return;
  spdlog::debug("run {} does not begin and is moved to another process", number);
  better->start(from->take_back(number));
}

void runtime_pool::plan_relocation() {
  auto has_unstarted = [](const child_ptr& x) {
    return x->state() == phase::ready && !x->alone_since && !x->unstarted().empty();
  };
  if (is_move_planned_ || std::none_of(children_.begin(), children_.end(), has_unstarted))
    return;
  is_move_planned_ = true;
  mover_.expires_after(config_.move_after);
  mover_.async_wait([this](boost::system::error_code why) {
    is_move_planned_ = false;
    if (!why)
      look_after();
  });
}

// Whether an unproven bundle and another would meet in this process.
bool runtime_pool::is_crowded(const runtime_child& child, const run_job& job) const {
  auto is_proven = quarantine_.is_proven(job.sha);
  return child.has_run([&](const run_job& other) {
    return other.sha != job.sha && !(is_proven && quarantine_.is_proven(other.sha));
  });
}

runtime_pool::child_ptr runtime_pool::find_room(const run_job& job, const child_ptr& except) const {
  child_ptr best;
  // One whose scripts work long at a stretch keeps the others waiting. Among equals one that is
  // ready is better, and one that has the domain's scripts loaded.
  auto rank = [&](const runtime_child& x) {
    auto is_starting = x.state() != phase::ready;
    auto load = x.runs() + (is_starting ? config_.slots / 2 : 0);
    auto is_slow = x.runs() > 0 && x.longest_turn() > turn_max;
    return std::tuple{is_crowded(x, job), is_slow, load, is_starting, x.domain.empty()};
  };
  for (const auto& child : children_) {
    if (child == except || !is_open(*child) || child->runs() >= config_.slots)
      continue;
    if (!child->domain.empty() && child->domain != job.domain)
      continue;
    if (!best || rank(*child) < rank(*best))
      best = child;
  }
  return best;
}

runtime_pool::child_ptr runtime_pool::find_child(const run_job& job, const child_ptr& except) {
  auto best = find_room(job, except);
  if (best && !is_crowded(*best, job))
    return best;
  auto may_spawn = count_open() < config_.processes || (!best && retire_stranger(job.domain));
  if (auto fresh = may_spawn ? spawn() : nullptr)
    return fresh;
  if (!best && count_ordinary() < config_.processes + job.processes_beyond)
    return launch();
  return best;
}

// A process for one run alone: the spare one, if nothing ever ran in it, or one more.
runtime_pool::child_ptr runtime_pool::find_cell() {
  auto now = clock::now();
  size_t cells = 0;
  size_t trials = 0;
  child_ptr cell;
  for (auto& child : children_) {
    if (child->alone_since) {
      ++cells;
      trials += now - *child->alone_since < trial ? 1 : 0;
    } else if (is_idle(*child) && child->served() == 0) {
      cell = child;
    }
  }
  if (trials >= trials_max || cells >= cells_max)
    return nullptr;
  if (!cell)
    cell = launch();
  if (cell)
    cell->alone_since = now;
  return cell;
}

// Processes that take no more runs are on their way out, but they count for memory.
runtime_pool::child_ptr runtime_pool::spawn() {
  return count_ordinary() < 2 * config_.processes ? launch() : nullptr;
}

runtime_pool::child_ptr runtime_pool::launch() {
  if (is_stopped_ || clock::now() < spawn_at_)
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
  auto child = std::make_shared<runtime_child>(loop_, std::move(*process), config_.limits,
                                               quarantine_, [this] { changed(); });
  children_.push_back(child);
  child->open();
  return child;
}

bool runtime_pool::retire_stranger(const std::string& domain) {
  for (auto& child : children_)
    if (child->state() == phase::ready && is_idle(*child) && child->domain != domain) {
      child->drain();
      return true;
    }
  return false;
}

// No domain waits for ever while others keep all processes busy.
void runtime_pool::make_room(const waiting_run& x) {
  if (clock::now() - x.since < patience || count_ordinary() >= 2 * config_.processes)
    return;
  child_ptr oldest;
  for (auto& child : children_) {
    if (!is_open(*child) || child->state() != phase::ready)
      continue;
    if (child->domain == x.run.job.domain)
      return;
    if (!oldest || child->born() < oldest->born())
      oldest = child;
  }
  if (oldest)
    oldest->drain();
}

bool runtime_pool::is_open(const runtime_child& x) const {
  return is_usable(x) && x.silence() < config_.silence_max;
}

bool runtime_pool::is_idle(const runtime_child& x) const {
  return is_open(x) && x.runs() == 0;
}

size_t runtime_pool::count_open() const {
  return static_cast<size_t>(std::count_if(children_.begin(), children_.end(),
                                           [this](const child_ptr& x) { return is_open(*x); }));
}

size_t runtime_pool::count_ordinary() const {
  return static_cast<size_t>(std::count_if(children_.begin(), children_.end(),
                                           [](const child_ptr& x) { return !x->alone_since; }));
}

// The next run shall find a process without others in it, as long as there may be more processes.
void runtime_pool::keep_spare() {
  auto is_spare = [this](const child_ptr& x) { return is_idle(*x); };
  if (count_open() < config_.processes
      && std::none_of(children_.begin(), children_.end(), is_spare))
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
