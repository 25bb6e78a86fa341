#include "upstream/upstream.hpp"

#include "upstream/budget_room.hpp"
#include "upstream/transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace varia {

namespace {

using clock = std::chrono::steady_clock;

constexpr long idle_connections_max = 256;
constexpr milliseconds longest_sleep{1000};

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] { ::curl_global_init(CURL_GLOBAL_DEFAULT); });
}

} // namespace

struct upstream::state {
  state(const upstream_config& x, std::shared_ptr<request_budget> budget)
    : config{x}, room{std::move(budget), [this] { ::curl_multi_wakeup(multi); }} {
    start_curl();
    multi = ::curl_multi_init();
    ::curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                        static_cast<long>(config.connections_per_host));
    ::curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, idle_connections_max);
    thread = std::thread{[this] { run(); }};
  }

  void run();
  void take_commands();
  void start_due();
  void start_granted();
  void note_sent();
  void start_hop(std::unique_ptr<transfer> x);
  void collect_ended();
  void cancel_owner(uint64_t owner);
  static void abandon(std::unique_ptr<transfer> x);
  milliseconds next_sleep() const;

  upstream_config config;
  CURLM* multi = nullptr;
  std::thread thread;

  std::mutex mutex; ///< Guards the three below.
  std::vector<std::unique_ptr<transfer>> arrived;
  std::vector<uint64_t> cancelled;
  bool stopping = false;

  // Of the upstream thread alone.
  budget_room room;
  std::multimap<clock::time_point, std::unique_ptr<transfer>> waiting;
  std::map<CURL*, std::unique_ptr<transfer>> running;
  bool stopped = false;
};

void upstream::state::run() {
  while (!stopped) {
    take_commands();
    start_due();
    start_granted();
    auto active = 0;
    ::curl_multi_perform(multi, &active);
    note_sent();
    collect_ended();
    if (!stopped)
      ::curl_multi_poll(multi, nullptr, 0, static_cast<int>(next_sleep().count()), nullptr);
  }
  for (auto& [handle, x] : std::exchange(running, {})) {
    ::curl_multi_remove_handle(multi, handle);
    abandon(std::move(x));
  }
  for (auto& [due, x] : std::exchange(waiting, {}))
    abandon(std::move(x));
  for (auto& x : room.take_all())
    abandon(std::move(x));
}

void upstream::state::take_commands() {
  std::vector<std::unique_ptr<transfer>> transfers;
  std::vector<uint64_t> owners;
  {
    std::lock_guard guard{mutex};
    transfers.swap(arrived);
    owners.swap(cancelled);
    stopped = stopping;
  }
  auto now = clock::now();
  for (auto& x : transfers) {
    auto due = now + x->request().delay;
    waiting.emplace(due, std::move(x));
  }
  for (auto owner : owners)
    cancel_owner(owner);
}

void upstream::state::start_due() {
  auto now = clock::now();
  while (!stopped && !waiting.empty() && waiting.begin()->first <= now) {
    auto x = std::move(waiting.begin()->second);
    waiting.erase(waiting.begin());
    if (room.is_for(*x))
      room.add(std::move(x), now);
    else
      start_hop(std::move(x));
  }
}

void upstream::state::start_granted() {
  if (stopped)
    return;
  for (auto& x : room.take_granted())
    start_hop(std::move(x));
  for (auto& x : room.take_overdue(clock::now())) {
    x->fail_with("ERR_BUDGET_TIMEOUT", "the request waited too long for its share of the rate");
    x->deliver();
  }
}

// libcurl may hold a request back for want of a connection; its permit is in use from the moment
// it leaves.
void upstream::state::note_sent() {
  for (auto& [handle, x] : running) {
    curl_off_t sent_after = 0;
    if (x->permit.is_unsent()
        && ::curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &sent_after) == CURLE_OK
        && sent_after > 0)
      x->permit.note_sent();
  }
}

void upstream::state::start_hop(std::unique_ptr<transfer> x) {
  auto* handle = x->prepare();
  if (handle == nullptr)
    return x->deliver();
  ::curl_multi_add_handle(multi, handle);
  running.emplace(handle, std::move(x));
}

void upstream::state::collect_ended() {
  auto left = 0;
  while (auto* message = ::curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    auto found = running.find(message->easy_handle);
    if (found == running.end())
      continue;
    auto code = message->data.result;
    ::curl_multi_remove_handle(multi, found->first);
    auto x = std::move(found->second);
    running.erase(found);
    if (x->finish_hop(code))
      start_hop(std::move(x));
    else
      x->deliver();
  }
}

void upstream::state::cancel_owner(uint64_t owner) {
  for (auto i = running.begin(); i != running.end();) {
    if (i->second->request().owner != owner) {
      ++i;
      continue;
    }
    ::curl_multi_remove_handle(multi, i->first);
    abandon(std::move(i->second));
    i = running.erase(i);
  }
  for (auto i = waiting.begin(); i != waiting.end();) {
    if (i->second->request().owner != owner) {
      ++i;
      continue;
    }
    abandon(std::move(i->second));
    i = waiting.erase(i);
  }
  for (auto& x : room.take_owner(owner))
    abandon(std::move(x));
}

void upstream::state::abandon(std::unique_ptr<transfer> x) {
  x->fail_with("cancelled", "the run has ended");
  x->deliver();
}

milliseconds upstream::state::next_sleep() const {
  if (waiting.empty())
    return longest_sleep;
  auto span = std::chrono::ceil<milliseconds>(waiting.begin()->first - clock::now());
  return std::clamp(span, milliseconds{0}, longest_sleep);
}

upstream::upstream(const upstream_config& config, std::shared_ptr<request_budget> budget)
  : state_{std::make_unique<state>(config, std::move(budget))} {}

upstream::~upstream() {
  stop();
  state_->room.close();
  ::curl_multi_cleanup(state_->multi);
}

void upstream::stop() {
  {
    std::lock_guard guard{state_->mutex};
    state_->stopping = true;
  }
  ::curl_multi_wakeup(state_->multi);
  if (state_->thread.joinable())
    state_->thread.join();
}

void upstream::send(upstream_request request, handler done) {
  auto x = std::make_unique<transfer>(std::move(request), std::move(done), state_->config);
  {
    std::lock_guard guard{state_->mutex};
    if (!state_->stopping)
      state_->arrived.push_back(std::move(x));
  }
  if (x)
    return state::abandon(std::move(x));
  ::curl_multi_wakeup(state_->multi);
}

void upstream::pause(const std::string& rate_key, milliseconds wait, const std::string& why) {
  state_->room.pause(rate_key, wait, why);
}

void upstream::cancel(uint64_t owner) {
  {
    std::lock_guard guard{state_->mutex};
    state_->cancelled.push_back(owner);
  }
  ::curl_multi_wakeup(state_->multi);
}

} // namespace varia
