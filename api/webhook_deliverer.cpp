#include "api/webhook_deliverer.hpp"

#include "api/http.hpp"
#include "api/http_metrics.hpp"
#include "core/ids.hpp"
#include "store/outbox.hpp"
#include "upstream/retry.hpp"
#include "upstream/trace_headers.hpp"
#include "upstream/url.hpp"
#include "webhooks/payloads.hpp"
#include "webhooks/signatures.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace varia {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds pause_without_redis = 500ms;

// How soon a lane comes again whose URL has as many tries under way as it may.
constexpr milliseconds crowd_wait = 250ms;

// One try, from its claim to its settlement.
struct attempt {
  std::string claim;
  outbox_claim of;
  std::string url;
  time_ms began = 0; ///< Of a clock that only moves forward.
  time_ms ends = 0;  ///< Of its claim, by the same clock.
  delivery_outcome outcome;
  outbox_settlement settlement;
};

std::string target_of(const std::string& lane) {
  return lane.substr(lane.rfind('/') + 1);
}

std::string url_of(const outbox_claim& x) {
  if (!x.event.url_override.empty())
    return x.event.url_override;
  return target_of(x.lane) == "secondary" ? x.settings.secondary_url : x.settings.primary_url;
}

// A line of the delivery log. It names the host only: the rest of a URL may be secret.
std::string log_line(const attempt& x) {
  json line{{"event", x.of.event.id}};
  for (auto& [name, value] : subject_of(x.of.event))
    line[name] = value;
  auto is_own = !x.of.event.url_override.empty();
  line["url"] = is_own ? "override" : target_of(x.of.lane);
  line["host"] = host_of(x.url);
  line["attempt"] = x.of.tries + 1;
  line["status"] = x.outcome.status;
  if (!x.outcome.failure.empty())
    line["failure"] = x.outcome.failure;
  line["ms"] = steady_ms() - x.began;
  line["at"] = to_iso_z(now_ms());
  switch (x.settlement.verdict) {
    case delivery_verdict::done: line["outcome"] = "delivered"; break;
    case delivery_verdict::dead: line["outcome"] = "dead"; break;
    default: line["outcome"] = "retry"; line["next_in_ms"] = x.settlement.wait.count();
  }
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Receivers know whose webhooks these are by the name. No override: it is for providers.
upstream_config way_out_of(const deliverer_config& x) {
  auto result = x.way_out;
  result.user_agent = "nango/0.71.4 (linux; varia)";
  result.origin_override.clear();
  return result;
}

upstream_request request_of(const attempt& x, std::string body, const std::string& key,
                            milliseconds timeout) {
  upstream_request result;
  result.method = "POST";
  result.url = x.url;
  result.timeout = timeout;
  // A signature is no credential: it proves the body to whoever gets it.
  result.forwards_headers = true;
  result.headers = {{"content-type", "application/json"},
                    {"X-Nango-Signature", legacy_signature(key, body)},
                    {"X-Nango-Hmac-Sha256", hmac_signature(key, body)},
                    {"X-Varia-Event-Id", x.of.event.id},
                    {"X-Varia-Sequence", std::to_string(x.of.event.sequence)},
                    {"X-Varia-Attempt", std::to_string(x.of.tries + 1)}};
  if (auto trace = parse_trace_text(x.of.event.trace))
    add_trace(result.headers, *trace);
  result.body = std::move(body);
  return result;
}

} // namespace

struct webhook_deliverer::state {
  explicit state(const deliverer_config& x)
    : config{x}, out{way_out_of(x)}, breaker{x.circuits}, random{std::random_device{}()} {}

  void listen();
  void deliver();
  bool claim_more();
  void begin(attempt x);
  void send(attempt x, const std::string& key, std::string body);
  void finish(attempt x, upstream_result answer);
  void judge(attempt& x);
  void put_off(attempt x, milliseconds wait);
  void give_up(attempt x, const std::string& why);
  void settle_all();
  void wait();
  expected<std::string> key_of(const outbox_claim& x);

  const deliverer_config config;
  upstream out;
  circuit_breaker breaker;
  std::mt19937 random;
  std::optional<redis> db;   ///< Of the delivering thread.
  std::optional<redis> bell; ///< Of the listening one.

  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  bool has_rung = true;
  std::vector<std::pair<attempt, upstream_result>> answered;

  // Of the delivering thread.
  std::vector<attempt> settling;
  std::map<std::string, size_t> under_way; ///< By URL.
  size_t tries = 0;
  time_ms next_look = 0;

  std::thread listener;
  std::thread worker;
};

void webhook_deliverer::state::listen() {
  auto patience = std::min<milliseconds>(1s, config.store.timeout / 2);
  for (;;) {
    auto rung = outbox{*bell}.await(patience);
    std::unique_lock guard{mutex};
    if (stopping)
      return;
    if (!rung)
      changed.wait_for(guard, pause_without_redis, [this] { return stopping; });
    if (!rung || *rung) {
      has_rung = true;
      changed.notify_all();
    }
  }
}

void webhook_deliverer::state::deliver() {
  for (;;) {
    std::vector<std::pair<attempt, upstream_result>> ready;
    {
      std::lock_guard guard{mutex};
      std::swap(ready, answered);
    }
    for (auto& [x, answer] : ready)
      finish(std::move(x), std::move(answer));
    settle_all();
    {
      std::lock_guard guard{mutex};
      if (stopping && tries == 0)
        return;
    }
    if (!claim_more())
      wait();
  }
}

// Returns true if there may be more to claim.
bool webhook_deliverer::state::claim_more() {
  {
    std::lock_guard guard{mutex};
    if (stopping || tries >= config.at_once || (!has_rung && steady_ms() < next_look))
      return false;
    has_rung = false;
  }
  auto most = config.at_once - tries;
  auto claim = std::to_string(make_nonce());
  auto found = outbox{*db}.claim(claim, most, config.claim_for);
  auto now = steady_ms();
  if (!found) {
    next_look = now + pause_without_redis.count();
    return false;
  }
  auto next = found->next < 0ms ? config.idle_max : std::min(found->next, config.idle_max);
  next_look = now + next.count();
  for (auto& each : found->all) {
    attempt x;
    x.claim = claim;
    x.url = url_of(each);
    x.of = std::move(each);
    x.began = now;
    x.ends = now + config.claim_for.count();
    begin(std::move(x));
  }
  if (found->all.size() == most)
    next_look = now;
  return !settling.empty();
}

void webhook_deliverer::state::begin(attempt x) {
  if (x.url.empty())
    return give_up(std::move(x), "there is no URL for it any more");
  if (under_way[x.url] >= config.at_once_per_url)
    return put_off(std::move(x), crowd_wait);
  if (auto wait = breaker.ask(x.url, steady_ms()); wait > 0ms)
    return put_off(std::move(x), wait);
  auto body = payload_of(x.of.event);
  if (!body) {
    breaker.withdraw(x.url);
    return give_up(std::move(x), detail_of(body.error()));
  }
  auto key = key_of(x.of);
  if (!key) {
    breaker.withdraw(x.url);
    return put_off(std::move(x), pause_without_redis);
  }
  send(std::move(x), *key, std::move(*body));
}

expected<std::string> webhook_deliverer::state::key_of(const outbox_claim& x) {
  if (!x.signing_key.empty())
    return x.signing_key;
  return webhook_desk{*db}.signing_key(x.event.environment);
}

void webhook_deliverer::state::send(attempt x, const std::string& key, std::string body) {
  ++tries;
  ++under_way[x.url];
  auto request = request_of(x, std::move(body), key, config.way_out.timeout);
  out.send(std::move(request), [this, x = std::move(x)](upstream_result answer) mutable {
    std::lock_guard guard{mutex};
    answered.emplace_back(std::move(x), std::move(answer));
    changed.notify_all();
  });
}

void webhook_deliverer::state::finish(attempt x, upstream_result answer) {
  --tries;
  if (auto found = under_way.find(x.url); --found->second == 0)
    under_way.erase(found);
  if (answer.failure == "cancelled") {
    breaker.withdraw(x.url);
    return put_off(std::move(x), 0ms);
  }
  x.outcome.status = answer.failure.empty() ? answer.status : 0;
  x.outcome.failure = std::move(answer.failure);
  if (x.outcome.failure.empty())
    x.outcome.told = told_wait({}, answer.status, answer.headers, now_ms());
  judge(x);
  settling.push_back(std::move(x));
}

void webhook_deliverer::state::judge(attempt& x) {
  std::uniform_real_distribution<double> chance{0, 1};
  milliseconds age{std::max<time_ms>(0, now_ms() - x.of.event.at)};
  x.settlement = plan_delivery(config.rules, x.outcome, x.of.tries, age, chance(random));
  if (is_breakdown(x.outcome))
    breaker.fail(x.url, steady_ms());
  else
    breaker.succeed(x.url);
  x.settlement.log = log_line(x);
  count_webhook(x.settlement.verdict, milliseconds{steady_ms() - x.began});
  if (x.settlement.verdict == delivery_verdict::dead)
    spdlog::warn("a webhook of environment {} is given up: {}", x.of.event.environment,
                 x.settlement.why);
}

void webhook_deliverer::state::put_off(attempt x, milliseconds wait) {
  x.settlement.verdict = delivery_verdict::hold;
  x.settlement.wait = wait;
  settling.push_back(std::move(x));
}

void webhook_deliverer::state::give_up(attempt x, const std::string& why) {
  x.settlement.verdict = delivery_verdict::dead;
  x.settlement.why = why;
  x.settlement.log = log_line(x);
  count_webhook(x.settlement.verdict, 0ms);
  settling.push_back(std::move(x));
}

// What cannot be settled is tried again while its claim lasts; after that somebody else delivers
// the event once more.
void webhook_deliverer::state::settle_all() {
  auto left = std::exchange(settling, {});
  for (auto& x : left) {
    auto done = outbox{*db}.settle(x.claim, x.of, x.settlement);
    if (x.settlement.wait > 0ms)
      next_look = std::min(next_look, steady_ms() + x.settlement.wait.count());
    if (!done && code_of(done.error()) == errc::unavailable && steady_ms() < x.ends)
      settling.push_back(std::move(x));
    else if (!done && code_of(done.error()) != errc::fenced)
      spdlog::warn("a delivery could not be noted: {}", describe(done.error()));
  }
}

void webhook_deliverer::state::wait() {
  std::unique_lock guard{mutex};
  auto until = std::max<time_ms>(0, next_look - steady_ms());
  auto patience = settling.empty() ? milliseconds{until} : pause_without_redis;
  if (stopping)
    patience = 20ms;
  else if (tries >= config.at_once)
    patience = config.idle_max;
  changed.wait_for(guard, patience, [this] {
    return !answered.empty() || stopping || (has_rung && tries < config.at_once);
  });
}

webhook_deliverer::webhook_deliverer(const deliverer_config& config)
  : state_{std::make_unique<state>(config)} {}

webhook_deliverer::~webhook_deliverer() {
  stop();
}

expected<void> webhook_deliverer::start() {
  auto db = redis::make(state_->config.store);
  if (!db)
    return std::move(db.error());
  state_->bell.emplace(db->another());
  state_->db.emplace(std::move(*db));
  state_->listener = std::thread{[x = state_.get()] { x->listen(); }};
  state_->worker = std::thread{[x = state_.get()] { x->deliver(); }};
  return caf::unit;
}

void webhook_deliverer::stop() {
  {
    std::lock_guard guard{state_->mutex};
    state_->stopping = true;
    state_->changed.notify_all();
  }
  state_->out.stop();
  for (auto* thread : {&state_->worker, &state_->listener})
    if (thread->joinable())
      thread->join();
}

} // namespace varia
