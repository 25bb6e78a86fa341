#pragma once

#include "core/time.hpp"
#include "store/redis.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace varia {

/// Who leads, as the store has it. The epoch grows with every new leader and never with a renewal.
struct leadership {
  std::string leader; ///< Empty: nobody.
  uint64_t epoch = 0;
  std::string address;   ///< Where its actors are reached: host:port.
  uint64_t left_ms = 0;  ///< Until the lease ends, unless it is renewed.
  std::string server_id; ///< Of the Redis that says so, which may be another one than before.
};

/// How a coordinator introduces itself with every beat.
struct candidate {
  std::string holder;  ///< Unique to the process.
  std::string address; ///< Where others reach its actors: host:port.
  uint64_t ttl_ms = 0; ///< How long it counts as alive, and leads if it does.
};

/// A coordinator that lives.
struct coordinator_lease {
  std::string holder;
  std::string address;
  time_ms since = 0;
};

/// What an operator wants a worker to do.
enum class worker_duty : uint8_t {
  active,   ///< It hosts variants and is given more.
  cordoned, ///< It keeps what it hosts and is given nothing more.
  draining, ///< It is given nothing more, and what it hosts moves away.
};

const char* to_string(worker_duty x);

/// A worker as it registered itself.
struct worker_lease {
  std::string worker;
  std::string address; ///< For people: host and process.
  time_ms since = 0;
  worker_duty duty = worker_duty::active;
};

template <class Inspector>
auto inspect(Inspector& f, leadership& x) {
  return f(caf::meta::type_name("leadership"), x.leader, x.epoch, x.address, x.left_ms,
           x.server_id);
}

template <class Inspector>
auto inspect(Inspector& f, candidate& x) {
  return f(caf::meta::type_name("candidate"), x.holder, x.address, x.ttl_ms);
}

template <class Inspector>
auto inspect(Inspector& f, coordinator_lease& x) {
  return f(caf::meta::type_name("coordinator_lease"), x.holder, x.address, x.since);
}

template <class Inspector>
auto inspect(Inspector& f, worker_lease& x) {
  return f(caf::meta::type_name("worker_lease"), x.worker, x.address, x.since, x.duty);
}

/// Leases of coordinators and workers. A lease ends by itself when it is not renewed; its holder
/// must distrust itself before that, by its own monotonic clock (design 5).
class leases {
public:
  explicit leases(redis& db) : db_{db} {}

  /// Says that a coordinator lives; takes the lead for it if nobody leads, or renews it. Returns
  /// who leads now, and which Redis says so.
  expected<leadership> take_lead(const candidate& who);

  /// Ends the lease of a coordinator, and gives the lead up if it has it.
  expected<void> give_up_lead(const std::string& holder);

  /// Hands the lead from its holder to another coordinator that lives, under a new epoch. Fails
  /// with `fenced` if `from` does not lead, and with `not_found` if `to` is not alive.
  expected<void> pass_lead(const std::string& from, const std::string& to, milliseconds ttl);

  /// Returns who leads.
  expected<leadership> leader();

  expected<std::vector<coordinator_lease>> coordinators();

  /// Takes or renews a worker's lease and returns who leads. `boot` is unique to a process; fails
  /// with `fenced` if another process holds the lease of this name.
  expected<leadership> renew_worker(const std::string& worker, const std::string& boot,
                                    const std::string& address, milliseconds ttl);

  expected<void> give_up_worker(const std::string& worker, const std::string& boot);

  expected<std::vector<worker_lease>> workers();

  /// Keeps what an operator wants of the worker of this name, also beyond its process. Fails with
  /// `fenced` if `epoch` is not the leader's.
  expected<void> set_duty(uint64_t epoch, const std::string& worker, worker_duty duty);

private:
  redis& db_;
};

} // namespace varia
