#include "store/record_feed.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace varia {

namespace {

// How long one question waits for entries, in ms. Whoever begins to follow waits for its end.
constexpr auto block_ms = "40";

// As many entries as a feed keeps: who gets so many may have missed some.
constexpr size_t entries_max = 1000;

constexpr std::chrono::milliseconds pause_without_redis{100};

std::string_view view_of_text(const redisReply& x) {
  return {x.str, x.len};
}

// Whether an entry of a feed, [id, [field, value, ...]], is of interest.
bool concerns(const redisReply& entry, const record_feed::interest& what) {
  auto& fields = *entry.element[1];
  for (size_t i = 0; i + 1 < fields.elements; i += 2) {
    auto name = view_of_text(*fields.element[i]);
    auto value = view_of_text(*fields.element[i + 1]);
    if (name == "v" && !what.variant.empty() && value != what.variant)
      return false;
    if (name == "m" && value != what.model)
      return false;
  }
  return true;
}

} // namespace

expected<std::shared_ptr<record_feed>> record_feed::make(redis_config config) {
  config.timeout = std::min(config.timeout, patience);
  auto db = redis::make(config);
  if (!db)
    return std::move(db.error());
  return std::make_shared<record_feed>(std::move(*db));
}

record_feed::record_feed(redis db) : db_{std::move(db)}, thread_{[this] { run(); }} {}

record_feed::~record_feed() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

record_feed::subscription record_feed::subscribe(interest what, std::function<void()> wake) {
  std::lock_guard guard{mutex_};
  auto key = keys::feed(what.sync);
  auto& followers = channels_[key].followers;
  auto who = followers.insert(followers.end(), {std::move(what), std::move(wake)});
  changed_.notify_all();
  return {&*who, [this, key, who](const void*) { unsubscribe(key, who); }};
}

void record_feed::unsubscribe(const std::string& key, std::list<follower>::iterator who) {
  std::lock_guard guard{mutex_};
  auto found = channels_.find(key);
  found->second.followers.erase(who);
  if (found->second.followers.empty())
    channels_.erase(found);
}

void record_feed::run() {
  auto has_redis = true;
  while (await_followers()) {
    auto looked = look();
    if (!looked && has_redis)
      spdlog::warn("nobody hears of new records for now: {}", describe(looked.error()));
    has_redis = static_cast<bool>(looked);
    if (has_redis)
      continue;
    lose_positions();
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, pause_without_redis, [this] { return stopping_; });
  }
}

// Returns false when it is time to end.
bool record_feed::await_followers() {
  std::unique_lock guard{mutex_};
  changed_.wait(guard, [this] { return stopping_ || !channels_.empty(); });
  return !stopping_;
}

expected<void> record_feed::look() {
  // Another server may count its entries from elsewhere, even if it has the same feeds.
  auto server = db_.server_id();
  if (!server)
    return std::move(server.error());
  if (std::exchange(server_, *server) != *server)
    lose_positions();
  if (auto found = find_positions(); !found)
    return found;
  return read_entries();
}

// Finds out where new channels are, and wakes their followers: what was committed before that is
// found by a look, and what comes after it is read.
expected<void> record_feed::find_positions() {
  auto fresh = channels_with(false);
  if (fresh.empty())
    return caf::unit;
  std::vector<owned_command> questions;
  for (auto& each : fresh)
    questions.push_back({"XREVRANGE", each.first, "+", "-", "COUNT", "1"});
  auto answers = run_checked(db_, questions);
  if (!answers)
    return std::move(answers.error());
  std::lock_guard guard{mutex_};
  for (size_t i = 0; i < fresh.size(); ++i) {
    auto found = channels_.find(fresh[i].first);
    if (found == channels_.end())
      continue;
    auto& answer = *(*answers)[i];
    found->second.position = answer.elements == 0 ? "0-0" : text_of(*answer.element[0]->element[0]);
    for (auto& each : found->second.followers)
      each.wake();
  }
  return caf::unit;
}

expected<void> record_feed::read_entries() {
  auto known = channels_with(true);
  if (known.empty())
    return caf::unit;
  auto count = std::to_string(entries_max);
  redis::command words{"XREAD", "COUNT", count, "BLOCK", block_ms, "STREAMS"};
  for (auto& each : known)
    words.push_back(each.first);
  for (auto& each : known)
    words.push_back(each.second);
  auto reply = db_.run(words);
  if (!reply)
    return std::move(reply.error());
  for (size_t i = 0; i < (*reply)->elements; ++i) {
    auto& stream = *(*reply)->element[i];
    auto key = view_of_text(*stream.element[0]);
    auto asked = std::find_if(known.begin(), known.end(), [&](auto& x) { return x.first == key; });
    if (asked != known.end())
      take_entries(stream, asked->second);
  }
  return caf::unit;
}

// Takes what is new in one channel, [key, [entry, ...]].
void record_feed::take_entries(const redisReply& stream, const std::string& read_from) {
  auto& entries = *stream.element[1];
  std::lock_guard guard{mutex_};
  auto found = channels_.find(text_of(*stream.element[0]));
  // A channel that ended and began again meanwhile begins with a look of its own.
  if (found == channels_.end() || found->second.position != read_from || entries.elements == 0)
    return;
  found->second.position = text_of(*entries.element[entries.elements - 1]->element[0]);
  for (auto& each : found->second.followers) {
    auto matters = [&](const redisReply* entry) { return concerns(*entry, each.what); };
    if (entries.elements >= entries_max
        || std::any_of(entries.element, entries.element + entries.elements, matters))
      each.wake();
  }
}

void record_feed::lose_positions() {
  std::lock_guard guard{mutex_};
  for (auto& each : channels_)
    each.second.position.clear();
}

// The keys and positions of the channels that have a position, or of those that have none.
record_feed::places record_feed::channels_with(bool position) {
  std::lock_guard guard{mutex_};
  places result;
  for (auto& [key, each] : channels_)
    if (each.position.empty() != position)
      result.emplace_back(key, each.position);
  return result;
}

} // namespace varia
