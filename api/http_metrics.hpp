#pragma once

#include "api/http.hpp"
#include "core/time.hpp"
#include "store/outbox.hpp"

namespace varia {

/// Counts an answer to a request that matched this route (nullptr: none), by the route's pattern,
/// its method and the class of the status. Thread-safe.
void count_answer(const route* to, int status, double seconds);

/// Asks how many webhooks wait and how many were given up, in all environments together. Without
/// Redis the numbers stay what they were.
void measure_outbox(redis& db);

/// Counts what came of one try to deliver a webhook.
void count_webhook(delivery_verdict verdict, milliseconds span);

} // namespace varia
