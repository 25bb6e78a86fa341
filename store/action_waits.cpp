#include "store/action_waits.hpp"

#include "store/keys.hpp"

#include <hiredis/hiredis.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace varia {

namespace {

// How long one question waits for news, in ms: so late a call is given up that nobody wants.
constexpr auto block_ms = "100";

// As many entries as are read at once; who gets so many may have missed some.
constexpr size_t entries_max = 1000;

// News that went by unseen are made good for by a look at everything, as often as this.
constexpr std::chrono::seconds look_every{5};
constexpr std::chrono::milliseconds pause_without_redis{100};

// Workers end a run in time, and others what a lost one ran; who waits gives them a moment for it.
constexpr std::chrono::seconds end_patience{30};

expected<redis> connection_of(redis_config config) {
  config.timeout = std::min(config.timeout, action_waits::patience);
  return redis::make(config);
}

std::string field_of(const redisReply& entry, std::string_view name) {
  auto& fields = *entry.element[1];
  for (size_t i = 0; i + 1 < fields.elements; i += 2)
    if (name == std::string_view{fields.element[i]->str, fields.element[i]->len})
      return text_of(*fields.element[i + 1]);
  return {};
}

} // namespace

action_waits::action_waits(redis_config config)
  : db_{connection_of(config)}, thread_{[this] { run(); }} {}

action_waits::~action_waits() {
  stop();
}

void action_waits::stop() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  if (thread_.joinable())
    thread_.join();
  std::map<std::string, waiting_call> left;
  {
    std::lock_guard guard{mutex_};
    left.swap(waiting_);
  }
  for (auto& [id, call] : left)
    call.done(fail(errc::cancelled, "the process ends"));
}

void action_waits::fail_with(const std::string& id, caf::error why) {
  finish(id, std::move(why));
}

void action_waits::wait(const action_order& order, handler done) {
  {
    std::lock_guard guard{mutex_};
    if (!stopping_) {
      auto start_by = clock::now() + order.start_max;
      waiting_[order.id] = {std::move(done), start_by, start_by + order.run_max + end_patience};
      return;
    }
  }
  done(fail(errc::cancelled, "the process ends"));
}

void action_waits::give_up(const std::string& id) {
  std::lock_guard guard{mutex_};
  unwanted_.push_back(id);
}

void action_waits::on_news(std::function<void()> wake) {
  std::lock_guard guard{mutex_};
  wake_ = std::move(wake);
}

bool action_waits::is_stopping() {
  std::lock_guard guard{mutex_};
  return stopping_;
}

void action_waits::run() {
  auto has_redis = true;
  while (!is_stopping()) {
    auto looked = look();
    if (!looked && has_redis)
      spdlog::warn("nobody hears of actions for now: {}", describe(looked.error()));
    has_redis = static_cast<bool>(looked);
    if (has_redis)
      continue;
    position_.clear();
    std::this_thread::sleep_for(pause_without_redis);
  }
}

expected<void> action_waits::look() {
  if (!db_)
    return db_.error();
  // Another server may count its entries from elsewhere.
  auto server = db_->server_id();
  if (!server)
    return std::move(server.error());
  if (std::exchange(server_, *server) != *server)
    position_.clear();
  if (position_.empty())
    if (auto found = find_position(); !found)
      return found;
  if (auto read = read_news(); !read)
    return read;
  if (auto given_up = give_up_late(); !given_up)
    return given_up;
  return clock::now() - looked_at_ >= look_every ? settle_all() : expected<void>{caf::unit};
}

// What ended before the position is found by a look.
expected<void> action_waits::find_position() {
  auto reply = db_->run({"XREVRANGE", keys::actions_news, "+", "-", "COUNT", "1"});
  if (!reply)
    return std::move(reply.error());
  position_ = (*reply)->elements == 0 ? "0-0" : text_of(*(*reply)->element[0]->element[0]);
  wake();
  return settle_all();
}

expected<void> action_waits::read_news() {
  auto count = std::to_string(entries_max);
  auto reply = db_->run(
    {"XREAD", "COUNT", count, "BLOCK", block_ms, "STREAMS", keys::actions_news, position_});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->elements == 0)
    return caf::unit;
  auto& entries = *(*reply)->element[0]->element[1];
  auto has_put = false;
  for (size_t i = 0; i < entries.elements; ++i) {
    position_ = text_of(*entries.element[i]->element[0]);
    if (field_of(*entries.element[i], "k") == "put")
      has_put = true;
    else if (auto done = settle(field_of(*entries.element[i], "i"), true); !done)
      return done;
  }
  if (has_put)
    wake();
  return entries.elements >= entries_max ? settle_all() : expected<void>{caf::unit};
}

// Tells who waits for this call if it has ended. One of which nothing was heard may not be put yet.
expected<void> action_waits::settle(const std::string& id, bool is_known) {
  {
    std::lock_guard guard{mutex_};
    if (waiting_.count(id) == 0)
      return caf::unit;
  }
  auto found = actions{*db_}.find(id);
  if (!found)
    return std::move(found.error());
  if (*found && is_over((*found)->phase))
    finish(id, std::move(**found));
  else if (!*found && is_known)
    finish(id, fail(errc::not_found, "nothing is known of the call any more"));
  return caf::unit;
}

expected<void> action_waits::settle_all() {
  std::vector<std::string> ids;
  {
    std::lock_guard guard{mutex_};
    for (auto& [id, call] : waiting_)
      ids.push_back(id);
  }
  looked_at_ = clock::now();
  for (auto& id : ids)
    if (auto done = settle(id, false); !done)
      return done;
  return caf::unit;
}

expected<void> action_waits::give_up_late() {
  auto now = clock::now();
  std::vector<std::string> late;
  std::vector<std::string> overdue;
  {
    std::lock_guard guard{mutex_};
    late = unwanted_;
    for (auto& [id, call] : waiting_) {
      if (call.start_by <= now)
        late.push_back(id);
      if (call.end_by <= now)
        overdue.push_back(id);
    }
  }
  for (auto& id : late)
    if (auto done = give_up_now(id); !done)
      return done;
  for (auto& id : overdue)
    finish(id, fail(errc::unavailable, "the call should have ended by now"));
  return caf::unit;
}

expected<void> action_waits::give_up_now(const std::string& id) {
  auto phase
    = actions{*db_}.give_up(id, action_error("execution_timeout", "no worker began it in time"));
  if (!phase && code_of(phase.error()) != errc::not_found)
    return std::move(phase.error());
  {
    std::lock_guard guard{mutex_};
    unwanted_.erase(std::remove(unwanted_.begin(), unwanted_.end(), id), unwanted_.end());
    if (auto found = waiting_.find(id); found != waiting_.end())
      found->second.start_by = clock::time_point::max();
  }
  return settle(id, true);
}

void action_waits::finish(const std::string& id, expected<action_state> how) {
  handler done;
  {
    std::lock_guard guard{mutex_};
    auto found = waiting_.find(id);
    if (found == waiting_.end())
      return;
    done = std::move(found->second.done);
    waiting_.erase(found);
  }
  done(std::move(how));
}

void action_waits::wake() {
  std::function<void()> wake;
  {
    std::lock_guard guard{mutex_};
    wake = wake_;
  }
  if (wake)
    wake();
}

} // namespace varia
