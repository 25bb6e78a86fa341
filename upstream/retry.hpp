#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// Header names and values, in order.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// Headers that tell how long to wait: until a moment, or for a number of seconds.
struct retry_headers {
  std::vector<std::string> at;
  std::vector<std::string> after;
};

/// When a request is repeated and how long to wait before: what the script asks for, and what the
/// integration says of its provider.
struct retry_rules {
  int64_t retries = 0;       ///< How often at most.
  std::vector<int64_t> also; ///< Statuses that the script adds.
  retry_headers wanted;      ///< The script's, asked first.
  retry_headers known;       ///< The provider's.
  std::vector<std::string>
    statuses; ///< The provider's "429", "5xx" or "500-502"; empty: the usual.
  /// The provider's headers that say "0" when only too many requests were the reason of a refusal.
  std::vector<std::string> remaining;
};

/// True if an answer of this status should be asked for again: 401, 429 and everything from 500,
/// unless the provider has statuses of its own; the script's additions always.
bool is_retried(const retry_rules& rules, int status);

/// True if an answer should be asked for again: by its status, or because it is a refusal with a
/// `remaining` header of "0". `headers` have names in lower case.
bool is_retried(const retry_rules& rules, int status, const header_list& headers);

/// Reads a moment: Unix seconds, Unix milliseconds or a date.
std::optional<time_ms> parse_moment(const std::string& text);

/// Returns how long a header asks to wait: seconds for `after`; Unix seconds, Unix milliseconds or
/// a date for `at`, where the past counts as nothing.
std::optional<milliseconds> parse_after(const std::string& value, time_ms now);
std::optional<milliseconds> parse_at(const std::string& value, time_ms now);

/// Returns how long the answer asks to wait: what the script's headers say, else the provider's,
/// else `Retry-After` of a 429 or 503. Of several headers the longest wait counts; none counts for
/// more than an hour. `headers` have names in lower case; status 0 stands for no answer at all.
std::optional<milliseconds> told_wait(const retry_rules& rules, int status,
                                      const header_list& headers, time_ms now);

/// Returns how long to wait before the repetition number `attempt` (from 0): what the answer asks
/// for, else 3 s doubled each time and up to half as much again, so that many that failed together
/// do not come back together. `chance` is between 0 and 1. Never more than 10 minutes.
milliseconds retry_wait(const retry_rules& rules, int attempt, int status,
                        const header_list& headers, time_ms now, double chance = 0);

/// Returns for how long an answer asks all requests of its connection to stay away: what the
/// headers of a 429 or 503 say, or of any answer after which no requests remain. Nothing if it does
/// not ask.
std::optional<milliseconds> pause_asked(const retry_rules& rules, int status,
                                        const header_list& headers, time_ms now);

} // namespace varia
