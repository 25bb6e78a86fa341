#include "upstream/provider_request.hpp"

#include "upstream/redaction.hpp"
#include "upstream/templates.hpp"
#include "upstream/upstream_metrics.hpp"
#include "upstream/url.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <random>
#include <string_view>
#include <utility>

namespace varia {

namespace {

using clock = std::chrono::steady_clock;

// Failures of the request itself or of its size: the next one would end the same way.
constexpr std::array<std::string_view, 6> final_failures{
  "response_too_large",        "ERR_INVALID_URL",    "ERR_INVALID_HEADER",
  "ERR_FR_TOO_MANY_REDIRECTS", "ERR_EGRESS_REFUSED", "ERR_BUDGET_TIMEOUT"};

double chance() {
  thread_local std::minstd_rand source{std::random_device{}()};
  return std::uniform_real_distribution<>{0, 1}(source);
}

expected<std::string> full_url(const provider_order& order, const provider_target& target) {
  if (is_absolute_url(order.url))
    return order.url;
  auto base = order.base_url_override.empty()
                ? fill_url_template(target.rules.base_url, target.link)
                : order.base_url_override;
  if (!base)
    return base;
  if (!is_absolute_url(*base))
    return fail(errc::invalid, "the integration has no base URL and the request none of its own");
  return join_url(*base, order.url);
}

class provider_request : public std::enable_shared_from_this<provider_request> {
public:
  provider_request(upstream& out, token_keeper& tokens, provider_target target,
                   provider_order order, request_hooks hooks, upstream::handler done)
    : out_{out}, tokens_{tokens}, target_{std::move(target)}, order_{std::move(order)},
      hooks_{std::move(hooks)}, done_{std::move(done)} {
    order_.retry.known = target_.rules.retry;
    order_.retry.statuses = target_.rules.retry_statuses;
    order_.retry.remaining = target_.rules.remaining;
  }

  void begin() {
    if (!tokens_.is_due(target_.rules, target_.link))
      return make();
    tokens_.freshen(target_.link, target_.rules, token_need::due,
                    [self = shared_from_this()](token_result x) {
                      if (!x.failure.empty())
                        return self->fail_with(std::move(x.failure), std::move(x.message));
                      self->take_credentials(std::move(x.link));
                      self->make();
                    });
  }

private:
  void make() {
    auto url = full_url(order_, target_);
    if (!url)
      return fail_with("invalid_request", detail_of(url.error()));
    auto auth = make_auth(target_.rules, target_.link);
    if (!auth)
      return fail_with("invalid_request", detail_of(auth.error()));
    request_.owner = order_.owner;
    request_.method = order_.method;
    request_.url = std::move(*url);
    request_.headers = std::move(order_.headers);
    request_.auth = std::move(*auth);
    request_.body = std::move(order_.body);
    request_.decompresses = order_.decompresses;
    request_.forwards_headers = order_.forwards_headers;
    request_.rate_key = std::to_string(target_.link.number);
    request_.rate_variant = order_.variant;
    request_.budget_wait_max = order_.budget_wait_max;
    request_.watch = order_.watch;
    request_.rate = target_.rules.rate;
    send(milliseconds{0});
  }

  void send(milliseconds delay) {
    if (hooks_.is_given_up && hooks_.is_given_up())
      return fail_with("cancelled", "the run has ended");
    due_ = clock::now() + delay;
    auto request = request_;
    request.delay = delay;
    out_.send(std::move(request), [self = shared_from_this()](upstream_result result) {
      self->take(std::move(result));
    });
  }

  void take(upstream_result result) {
    ++attempt_;
    if (result.failure == "cancelled")
      return note_and_end(std::move(result));
    // The siblings wait, too, on whatever worker.
    if (auto wait = pause_asked(order_.retry, result.status, result.headers, now_ms())) {
      measured_upstream().pauses.add();
      out_.pause(request_.rate_key, *wait,
                 "the provider answered " + std::to_string(result.status));
    }
    // A token that was renewed or replaced elsewhere costs none of the retries.
    if (result.status == 401 && !std::exchange(has_renewed_, true)
        && token_keeper::is_renewable(target_.rules, target_.link))
      return renew(std::move(result),
                   [](provider_request& self, upstream_result refused, bool is_new) {
                     if (!is_new)
                       return self.repeat_or_end(std::move(refused));
                     self.note(refused, milliseconds{0}, true);
                     self.send(milliseconds{0});
                   });
    repeat_or_end(std::move(result));
  }

  void repeat_or_end(upstream_result result) {
    if (repeats_ >= order_.retry.retries || !is_worth_repeating(result))
      return note_and_end(std::move(result));
    auto wait = retry_wait(order_.retry, static_cast<int>(repeats_), result.status, result.headers,
                           now_ms(), chance());
    ++repeats_;
    if (result.status != 401) {
      note(result, wait, true);
      return send(wait);
    }
    wait_ = wait;
    // The first 401 may come of credentials that were changed a moment ago, later ones only if they
    // were changed since.
    renew(std::move(result), [](provider_request& self, upstream_result refused, bool is_new) {
      if (std::exchange(self.is_refused_before_, true) && !is_new)
        return self.note_and_end(std::move(refused));
      self.note(refused, self.wait_, true);
      self.send(self.wait_);
    });
  }

  bool is_worth_repeating(const upstream_result& result) const {
    if (result.failure.empty())
      return is_retried(order_.retry, result.status, result.headers);
    return std::find(final_failures.begin(), final_failures.end(), result.failure)
           == final_failures.end();
  }

  template <class Next>
  void renew(upstream_result result, Next next) {
    auto renewed
      = [self = shared_from_this(), result = std::move(result), next](token_result x) mutable {
          auto is_new = x.failure.empty() && self->use(std::move(x.link));
          next(*self, std::move(result), is_new);
        };
    tokens_.freshen(target_.link, target_.rules, token_need::refused, std::move(renewed));
  }

  // Returns false if the request would be the same as before.
  bool use(connection fresh) {
    auto auth = make_auth(target_.rules, fresh);
    auto url = full_url(order_, {fresh, target_.rules});
    if (!auth || !url || (*auth == request_.auth && *url == request_.url))
      return false;
    request_.auth = std::move(*auth);
    request_.url = std::move(*url);
    take_credentials(std::move(fresh));
    return true;
  }

  void take_credentials(connection fresh) {
    target_.link = std::move(fresh);
    if (hooks_.renewed)
      hooks_.renewed(target_.link);
  }

  int64_t ms_since_due() const {
    auto span = std::chrono::duration_cast<milliseconds>(clock::now() - due_).count();
    return std::max<int64_t>(0, span);
  }

  void note(const upstream_result& result, milliseconds wait, bool is_repeated) {
    auto& counts = measured_upstream();
    counts.count(result.status, result.failure, seconds_of(milliseconds{ms_since_due()}));
    if (is_repeated)
      counts.repeats.add();
    if (!hooks_.note)
      return;
    auto secrets = secrets_of(target_.link, request_.auth);
    request_trace x;
    x.method = request_.method;
    x.url = loggable_url(request_.url, secrets);
    if (!result.url.empty())
      x.redirected = loggable_url(result.url, secrets);
    if (x.redirected == x.url)
      x.redirected.clear();
    x.status = result.status;
    x.failure = result.failure;
    x.ms = ms_since_due();
    x.bytes = result.body.size();
    x.attempt = attempt_;
    x.wait = wait;
    x.is_repeated = is_repeated;
    hooks_.note(x);
  }

  void note_and_end(upstream_result result) {
    note(result, milliseconds{0}, false);
    done_(std::move(result));
  }

  void fail_with(std::string code, std::string message) {
    upstream_result result;
    result.failure = std::move(code);
    result.message = std::move(message);
    done_(std::move(result));
  }

  upstream& out_;
  token_keeper& tokens_;
  provider_target target_;
  provider_order order_;
  request_hooks hooks_;
  upstream::handler done_;
  upstream_request request_;
  clock::time_point due_;
  milliseconds wait_{0};
  int64_t repeats_ = 0;
  int attempt_ = 0;
  bool has_renewed_ = false;
  bool is_refused_before_ = false;
};

} // namespace

void start_provider_request(upstream& out, token_keeper& tokens, provider_target target,
                            provider_order order, request_hooks hooks, upstream::handler done) {
  std::make_shared<provider_request>(out, tokens, std::move(target), std::move(order),
                                     std::move(hooks), std::move(done))
    ->begin();
}

} // namespace varia
