#pragma once

#include "core/metrics.hpp"

namespace varia {

/// What this process measures of its requests to providers, whoever asked for them.
struct upstream_metrics {
  counter_group answers{"varia_upstream_requests_total",
                        "Requests to providers, repeated ones counting again, by the class of the "
                        "status, or failed without an answer.",
                        "status",
                        {"2xx", "3xx", "4xx", "429", "5xx", "failed"}};
  histogram spans{"varia_upstream_request_duration_seconds",
                  "From the moment a request to a provider was due until its answer.",
                  long_spans()};
  counter repeats{"varia_upstream_retries_total", "Requests to providers that were repeated."};
  counter throttled{"varia_upstream_throttle_seconds_total",
                    "Time that requests have waited for their share of a connection's budget."};
  counter pauses{"varia_upstream_pauses_total",
                 "How often a provider asked for a pause of all requests of a connection."};

  void count(int status, const std::string& failure, double seconds) const;
};

/// Those of this process.
const upstream_metrics& measured_upstream();

} // namespace varia
