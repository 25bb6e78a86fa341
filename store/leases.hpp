#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// Who leads. The epoch grows with every new leader and never with a renewal.
struct leadership {
  std::string leader;
  uint64_t epoch = 0;
};

/// A worker as it registered itself.
struct worker_lease {
  std::string worker;
  std::string address; ///< For people: host and process.
  time_ms since = 0;
};

/// Leases of the leader and of the workers. A lease ends by itself when it is not renewed; its
/// holder must distrust itself before that, by its own monotonic clock (design 5).
class leases {
public:
  explicit leases(redis& db) : db_{db} {}

  /// Takes the lead for `ttl` if nobody leads, or renews it for its holder. `holder` is unique to
  /// a process. Returns the epoch; fails with `fenced` while another one leads.
  expected<uint64_t> take_lead(const std::string& holder, milliseconds ttl);

  /// Gives the lead up, if `holder` has it.
  expected<void> give_up_lead(const std::string& holder);

  expected<std::optional<leadership>> leader();

  /// Takes or renews a worker's lease. `boot` is unique to a process; fails with `fenced` if
  /// another process holds the lease of this name.
  expected<void> renew_worker(const std::string& worker, const std::string& boot,
                              const std::string& address, milliseconds ttl);

  expected<void> give_up_worker(const std::string& worker, const std::string& boot);

  expected<std::vector<worker_lease>> workers();

private:
  redis& db_;
};

} // namespace varia
