#include "upstream/token_keeper.hpp"

#include "core/ids.hpp"
#include "store/renewals.hpp"
#include "upstream/token_grant.hpp"
#include "webhooks/payloads.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace varia {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

// Longer than an exchange with the provider, so that the turn outlives it.
constexpr milliseconds turn_span{30000};
constexpr milliseconds busy_wait{100};
constexpr milliseconds flight_max{45000};
constexpr milliseconds store_wait{200};

// How long those that have asked the provider are waited for when the process stops.
constexpr milliseconds stop_patience{3000};

// A provider that says no is asked again much later than one that could not be asked.
constexpr milliseconds refused_pause{30000};
constexpr milliseconds refused_pause_max{3600000};
constexpr milliseconds unreached_pause{2000};
constexpr milliseconds unreached_pause_max{60000};

constexpr auto cancelled = "cancelled";

/// All that ask for the credentials of one connection at a time.
struct flight {
  connection link;
  provider_rules rules;
  token_need need = token_need::due;
  std::string nonce = std::to_string(make_nonce());
  clock::time_point ends_at = clock::now() + flight_max;
  std::vector<token_keeper::handler> waiting;
  std::optional<asio::steady_timer> timer;
  bool has_turn = false;       ///< The provider has been asked.
  clock::time_point stored_by; ///< Until when what it answered may wait for Redis.
};

using flight_ptr = std::shared_ptr<flight>;

} // namespace

// Everything but the constructor happens on the thread of the loop. What waits in the loop names
// the state by a plain pointer: the loop is a part of it.
struct token_keeper::state : std::enable_shared_from_this<token_keeper::state> {
  state(redis_pool& x, upstream& y, milliseconds z) : stores{x}, out{y}, margin{z} {}

  void join(connection link, provider_rules rules, token_need need, handler done);
  void step(const flight_ptr& x);
  void take_turn(const flight_ptr& x, upstream_request request);
  void ask_again(const flight_ptr& x);
  void take_answer(const flight_ptr& x, const upstream_result& answer);
  void store_fresh(const flight_ptr& x, const std::string& fresh);
  void give_up(const flight_ptr& x, const std::string& failure, const std::string& message);
  void fail(const flight_ptr& x, const std::string& failure, const std::string& message);
  void end(const flight_ptr& x, token_result result);
  void begin_stop();
  void end_all();
  void pause(const flight_ptr& x, milliseconds first, milliseconds longest, const std::string& why);
  bool is_good(const flight& x, const connection& stored) const;

  redis_pool& stores;
  upstream& out;
  milliseconds margin;
  bool is_stopping = false;
  std::promise<void> drained; ///< Set once it is stopping and no flight is left.
  std::shared_future<void> has_drained{drained.get_future()};
  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
  std::map<connection_number, flight_ptr> flights;
  std::thread thread;
};

void token_keeper::state::join(connection link, provider_rules rules, token_need need,
                               handler done) {
  if (is_stopping)
    return done({cancelled, "the process stops", {}});
  auto number = link.number;
  auto& known = flights[number];
  if (known) {
    known->need = std::max(known->need, need);
    known->waiting.push_back(std::move(done));
    return;
  }
  known = std::make_shared<flight>();
  known->link = std::move(link);
  known->rules = std::move(rules);
  known->need = need;
  known->waiting.push_back(std::move(done));
  step(flight_ptr{known});
}

// True if what is stored will do as it is.
bool token_keeper::state::is_good(const flight& x, const connection& stored) const {
  auto token = read_token(x.rules.tokens, stored);
  if (!token.is_renewable)
    return true;
  return x.need == token_need::due ? !token.is_due(now_ms(), margin)
                                   : stored.credentials != x.link.credentials;
}

void token_keeper::state::step(const flight_ptr& x) {
  auto found = stores.use([&](redis& db) { return connections{db}.find(x->link.number); });
  if (!found)
    return fail(x, "unavailable", "the credentials cannot be read at the moment");
  if (!*found)
    return fail(x, "not_found", "the connection does not exist any more");
  if (is_good(*x, **found))
    return end(x, {{}, {}, std::move(**found)});
  // Whoever comes after this finds other credentials than these, or a turn that is taken.
  x->link = std::move(**found);
  auto request = make_token_request(x->rules.tokens, x->link);
  if (!request)
    return fail(x, "invalid_credentials", detail_of(request.error()));
  take_turn(x, std::move(*request));
}

void token_keeper::state::take_turn(const flight_ptr& x, upstream_request request) {
  auto turn = stores.use([&](redis& db) {
    return renewals{db}.begin(x->link, x->nonce, turn_span);
  });
  if (!turn)
    return fail(x, "unavailable", "the credentials cannot be renewed at the moment");
  switch (turn->is) {
    case renewal_turn::word::busy:
    case renewal_turn::word::changed: return ask_again(x);
    case renewal_turn::word::pausing:
      return fail(x, "connection_refresh_backoff",
                  "the provider has refused to renew the credentials; it is asked again in "
                    + std::to_string(turn->pause.count() / 1000 + 1) + " s");
    case renewal_turn::word::go: break;
  }
  x->has_turn = true;
  out.send(std::move(request), [weak = weak_from_this(), x](upstream_result answer) {
    if (auto self = weak.lock())
      asio::post(self->loop,
                 [my = self.get(), x, answer = std::move(answer)] { my->take_answer(x, answer); });
  });
}

void token_keeper::state::ask_again(const flight_ptr& x) {
  if (clock::now() > x->ends_at)
    return fail(x, "unavailable", "the credentials are being renewed for too long");
  // What somebody else has renewed since is as good as what we would have asked for.
  x->timer.emplace(loop, busy_wait);
  x->timer->async_wait([this, x](boost::system::error_code why) {
    if (!why && !is_stopping)
      step(x);
  });
}

void token_keeper::state::take_answer(const flight_ptr& x, const upstream_result& answer) {
  if (answer.failure == cancelled) {
    pause(x, milliseconds{0}, milliseconds{0}, {});
    return end(x, {cancelled, "the process stops", {}});
  }
  auto is_unreached = !answer.failure.empty() || answer.status == 429 || answer.status >= 500;
  if (is_unreached) {
    pause(x, unreached_pause, unreached_pause_max, "the provider could not be reached");
    return fail(x, "invalid_credentials",
                "the credentials could not be renewed: "
                  + (answer.failure.empty() ? "status " + std::to_string(answer.status)
                                            : answer.failure + ", " + answer.message));
  }
  auto fresh = renewed_credentials(x->link.credentials, answer, now_ms());
  if (fresh) {
    x->stored_by = clock::now() + store_patience;
    return store_fresh(x, *fresh);
  }
  pause(x, refused_pause, refused_pause_max, detail_of(fresh.error()));
  fail(x, "invalid_credentials", detail_of(fresh.error()));
}

// A refresh token that was replaced is worth nothing any more, so the new one is worth some
// patience.
void token_keeper::state::store_fresh(const flight_ptr& x, const std::string& fresh) {
  auto stored
    = stores.use([&](redis& db) { return renewals{db}.store(x->link, x->nonce, fresh); });
  if (!stored && code_of(stored.error()) == errc::unavailable && clock::now() < x->stored_by) {
    x->timer.emplace(loop, store_wait);
    x->timer->async_wait([this, x, fresh](boost::system::error_code why) {
      if (!why)
        store_fresh(x, fresh);
    });
    return;
  }
  if (!stored) {
    spdlog::error("renewed credentials of connection {} could not be stored: {}", x->link.number,
                  describe(stored.error()));
    return fail(x, "unavailable", "the new credentials cannot be stored at the moment");
  }
  x->link.credentials = std::move(*stored);
  end(x, {{}, {}, x->link});
}

void token_keeper::state::pause(const flight_ptr& x, milliseconds first, milliseconds longest,
                                const std::string& why) {
  const auto& link = x->link;
  renewal_notice notice{link.environment, link.webhook_url_override, make_uuid(),
                        auth_payload(link, {"refresh", "refresh_token_external_error", why})};
  auto noted = stores.use(
    [&](redis& db) { return renewals{db}.fail(link.number, x->nonce, first, longest, notice); });
  if (!noted)
    spdlog::warn("a failed renewal of connection {} could not be noted: {}", x->link.number,
                 describe(noted.error()));
}

// A token that has not expired yet is as good as it was.
void token_keeper::state::fail(const flight_ptr& x, const std::string& failure,
                               const std::string& message) {
  auto token = read_token(x->rules.tokens, x->link);
  if (x->need == token_need::due && token.is_usable(now_ms()) && failure != "not_found")
    return end(x, {{}, {}, x->link});
  if (failure == "invalid_credentials")
    spdlog::warn("credentials of connection {} could not be renewed: {}", x->link.number, message);
  end(x, {failure, message, {}});
}

void token_keeper::state::end(const flight_ptr& x, token_result result) {
  auto found = flights.find(x->link.number);
  if (found == flights.end() || found->second != x)
    return;
  flights.erase(found);
  for (auto& done : std::exchange(x->waiting, {}))
    done(result);
  if (is_stopping && flights.empty())
    drained.set_value();
}

// An answer of the provider that is on its way may hold the only refresh token that is worth
// something.
void token_keeper::state::begin_stop() {
  if (std::exchange(is_stopping, true))
    return;
  if (flights.empty())
    return drained.set_value();
  for (auto& [number, x] : std::map<connection_number, flight_ptr>{flights})
    if (!x->has_turn)
      end(x, {cancelled, "the process stops", {}});
}

void token_keeper::state::end_all() {
  for (auto& [number, x] : std::map<connection_number, flight_ptr>{flights})
    end(x, {cancelled, "the process stops", {}});
}

token_keeper::token_keeper(redis_pool& stores, upstream& out, milliseconds margin)
  : state_{std::make_shared<state>(stores, out, margin)} {
  state_->thread = std::thread{[x = state_.get()] { x->loop.run(); }};
}

token_keeper::~token_keeper() {
  stop();
  state_->loop.stop();
  state_->thread.join();
}

bool token_keeper::is_due(const provider_rules& rules, const connection& link) const {
  return !rules.tokens.url.empty()
         && read_token(rules.tokens, link).is_due(now_ms(), state_->margin);
}

bool token_keeper::is_renewable(const provider_rules& rules, const connection& link) {
  return !rules.tokens.url.empty() && read_token(rules.tokens, link).is_renewable;
}

void token_keeper::freshen(connection link, provider_rules rules, token_need need, handler done) {
  asio::post(state_->loop, [my = state_.get(), link = std::move(link), rules = std::move(rules),
                            need, done = std::move(done)]() mutable {
    my->join(std::move(link), std::move(rules), need, std::move(done));
  });
}

void token_keeper::stop() {
  asio::post(state_->loop, [my = state_.get()] { my->begin_stop(); });
  if (state_->has_drained.wait_for(stop_patience) == std::future_status::ready)
    return;
  asio::post(state_->loop, [my = state_.get()] { my->end_all(); });
  state_->has_drained.wait_for(stop_patience);
}

} // namespace varia
