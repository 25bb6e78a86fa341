#include "api/live/live_desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>
#include <vector>

namespace varia {

namespace {

// A subject that takes long takes this part of the thread's time at most.
constexpr auto part_of_time = 10;

} // namespace

expected<live_desk::following> live_desk::follow(const std::string& name, const maker& make,
                                                 std::function<void()> wake) {
  std::lock_guard guard{mutex_};
  forget_old();
  auto found = all_.find(name);
  if (found == all_.end()) {
    if (stopping_ || all_.size() >= subjects_max)
      return fail(errc::full, "too many pages watch too many things");
    found = all_.emplace(name, watched{make(), {}, {}, {}}).first;
  }
  auto& x = found->second;
  x.next = clock::now();
  auto who = x.wakes.insert(x.wakes.end(), std::move(wake));
  if (!thread_.joinable())
    thread_ = std::thread{[this] { run(); }};
  changed_.notify_all();
  return following{x.subject, {&*who, [this, name, who](const void*) { unfollow(name, who); }}};
}

void live_desk::unfollow(const std::string& name, std::list<std::function<void()>>::iterator who) {
  std::lock_guard guard{mutex_};
  auto& x = all_.at(name);
  x.wakes.erase(who);
  x.left_at = clock::now();
}

void live_desk::stop() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void live_desk::forget_old() {
  for (auto i = all_.begin(); i != all_.end();) {
    auto& x = i->second;
    auto is_old = x.wakes.empty() && x.left_at + memory < clock::now();
    i = is_old ? all_.erase(i) : std::next(i);
  }
}

void live_desk::run() {
  std::unique_lock guard{mutex_};
  while (!stopping_) {
    look_at_due(guard);
    forget_old();
    auto until = next_due();
    if (!stopping_ && until > clock::now())
      changed_.wait_until(guard, until);
  }
}

live_desk::clock::time_point live_desk::next_due() const {
  auto result = clock::now() + memory;
  for (auto& [name, x] : all_)
    if (!x.wakes.empty())
      result = std::min(result, x.next);
  return result;
}

void live_desk::look_at_due(std::unique_lock<std::mutex>& guard) {
  std::vector<std::string> due;
  for (auto& [name, x] : all_)
    if (!x.wakes.empty() && x.next <= clock::now())
      due.push_back(name);
  for (auto& name : due)
    if (!stopping_)
      look_at(name, guard);
}

void live_desk::look_at(const std::string& name, std::unique_lock<std::mutex>& guard) {
  auto found = all_.find(name);
  if (found == all_.end())
    return;
  auto subject = found->second.subject;
  auto begin = clock::now();
  // Whoever comes during the look asks for another one.
  found->second.next = begin + rest_;
  guard.unlock();
  auto news = look_with_store(*subject);
  if (!news)
    spdlog::debug("pages see nothing new of {} for now: {}", name, describe(news.error()));
  auto took = clock::now() - begin;
  guard.lock();
  found = all_.find(name);
  if (found == all_.end())
    return;
  found->second.next = std::max(found->second.next, begin + part_of_time * took);
  if (news && *news)
    for (auto& wake : found->second.wakes)
      wake();
}

expected<bool> live_desk::look_with_store(live_subject& subject) {
  try {
    auto db = stores_->lend();
    if (!db)
      return std::move(db.error());
    auto news = subject.look(**db);
    // A connection that broke while nobody used it shows it by failing once.
    if (!news && code_of(news.error()) == errc::unavailable)
      news = subject.look(**db);
    return news;
  } catch (const std::exception& why) {
    return fail(errc::internal, why.what());
  }
}

} // namespace varia
