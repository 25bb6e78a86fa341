#include "api/http_metrics.hpp"

#include "core/metrics.hpp"
#include "store/api_keys.hpp"
#include "store/environments.hpp"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace varia {

namespace {

// Of one pattern and method; so few that each has all its counters.
struct route_metrics {
  explicit route_metrics(const metric_labels& x)
    : labels{x}, spans{"varia_http_request_duration_seconds",
                       "How long requests to the HTTP API took until their answer began.",
                       short_spans(), x} {}

  void count(int status, double seconds) {
    auto kind = std::to_string(status / 100) + "xx";
    auto found = answers.find(kind);
    if (found == answers.end()) {
      auto named = labels;
      named["status"] = kind;
      found
        = answers
            .emplace(kind, counter{"varia_http_requests_total",
                                   "Requests to the HTTP API, by the class of the status.", named})
            .first;
    }
    found->second.add();
    spans.observe(seconds);
  }

  metric_labels labels;
  histogram spans;
  std::map<std::string, counter> answers;
};

struct http_metrics {
  std::mutex mutex;
  std::map<std::pair<std::string, std::string>, route_metrics> routes;
};

struct webhook_metrics {
  counter_group tries{"varia_webhook_deliveries_total",
                      "Tries to deliver a webhook, by what followed from them.",
                      "outcome",
                      {"delivered", "retry", "dead"}};
  histogram spans{"varia_webhook_delivery_duration_seconds",
                  "How long one try to deliver a webhook took.", short_spans()};
  gauge waiting{
    "varia_webhooks_waiting",
    "Webhooks that wait to be delivered, once for each URL. Each coordinator tells all."};
  gauge dead{
    "varia_webhooks_dead_letters",
    "Webhooks that were given up and are kept to be sent again. Each coordinator tells all."};
};

const webhook_metrics& measured_webhooks() {
  static const auto& result = *new webhook_metrics;
  return result;
}

} // namespace

void count_answer(const route* to, int status, double seconds) {
  static auto& all = *new http_metrics;
  std::pair<std::string, std::string> name{to == nullptr ? "none" : to->path,
                                           to == nullptr || to->method == "*" ? "any" : to->method};
  std::lock_guard guard{all.mutex};
  auto found = all.routes.find(name);
  if (found == all.routes.end())
    found
      = all.routes.emplace(name, route_metrics{{{"route", name.first}, {"method", name.second}}})
          .first;
  found->second.count(status, seconds);
}

void measure_outbox(redis& db) {
  auto known = environments{db}.list();
  auto keys = api_keys{db}.list_all();
  if (!known || !keys)
    return;
  std::set<std::string> names;
  for (auto& [name, id] : *known)
    names.insert(name);
  // An environment that a key opens exists, even if nobody has asked for its uuid yet.
  for (auto& each : *keys)
    if (each.environment != account_name)
      names.insert(each.environment);
  auto all = outbox{db}.counts(std::vector<std::string>{names.begin(), names.end()});
  if (!all)
    return;
  measured_webhooks().waiting.set(static_cast<double>(all->waiting));
  measured_webhooks().dead.set(static_cast<double>(all->dead));
}

void count_webhook(delivery_verdict verdict, milliseconds span) {
  auto& all = measured_webhooks();
  switch (verdict) {
    case delivery_verdict::done: all.tries["delivered"].add(); break;
    case delivery_verdict::dead: all.tries["dead"].add(); break;
    default: all.tries["retry"].add();
  }
  all.spans.observe(seconds_of(span));
}

} // namespace varia
