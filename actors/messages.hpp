#pragma once

#include "core/variant.hpp"
#include "core/variant_order.hpp"
#include "store/leases.hpp"
#include "store/variant_limits.hpp"
#include "store/variants.hpp"

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// How full a worker is. Sent every second, so it stays small.
struct worker_load {
  uint32_t variants = 0; ///< Hosted here.
  uint32_t running = 0;
  uint32_t queued = 0;          ///< Due, and waiting for a slot.
  uint32_t slots = 0;           ///< Runs that fit at once.
  uint32_t longest_wait_ms = 0; ///< Of those that are queued now.
  uint32_t wait_p99_ms = 0;     ///< Of the runs that began in the last minute.
  uint32_t wait_max_ms = 0;
  uint32_t busy_permille = 0; ///< Of the slots, on average of about the last minute.
};

/// Variant ids with the tokens that they are hosted under.
using hosted_list = std::vector<std::pair<std::string, token>>;

/// What a worker's host is like, by name, such as zone: a.
using worker_labels = std::map<std::string, std::string>;

/// How a worker introduces itself. What it hosts already is told, because a restarted coordinator
/// must not move what runs.
struct join_request {
  std::string worker;
  std::string boot;    ///< Unique to the process.
  std::string address; ///< For people.
  uint32_t slots = 0;
  hosted_list hosted; ///< What it was told to host, whether it does so already or not.
  worker_labels labels;
};

/// How a process introduces itself at a DOOR, and how the DOOR answers. It is the first thing that
/// two versions of the program tell each other, so it never changes: what a later version has to
/// say besides goes into a message of its own.
struct greeting {
  uint32_t protocol = 0; ///< `cluster_protocol` of the one who speaks.
  std::string software;  ///< Its version, for people.
  std::string kind;      ///< "worker" or "coordinator".
  std::string name;
  std::string nonce;       ///< Random bytes; the other side has to sign them.
  std::string certificate; ///< In DER; empty where the cluster has none.
  std::string proof;       ///< In the answer of a DOOR: its signature.
};

/// What an operator sees of a worker.
struct worker_info {
  std::string worker;
  std::string address;
  bool alive = false;
  worker_load load;
  std::string duty; ///< "active", "cordoned", "draining" or "leaving".
  worker_labels labels;
};

/// What an operator sees of the cluster.
struct cluster_status {
  std::string leader;
  uint64_t epoch = 0;
  uint64_t variants = 0;
  uint64_t unplaced = 0; ///< Variants that no worker hosts at this moment.
  std::vector<worker_info> workers;
};

/// One variant that shall move, and why it is worth it: for people and for `rebalance apply`.
struct planned_move {
  variant_key key;
  std::string from;
  std::string to;
};

/// What a deployment or a new connection asks of the registry: this sync shall have its base, and
/// its variants shall be due as the function says, where they have nothing of their own.
struct sync_wish {
  sync_id sync;
  bool paused = false; ///< How the base starts, if it has to be made.
  timing due{};        ///< Of the function.
};

/// A variant as the coordinator holds it: what the registry says, who owns it, and when it is due,
/// by what the variant has of its own and by what the function says.
struct variant_row {
  variant_entry entry;
  placement_entry placement;
  timing due{};        ///< In effect.
  bool wanted = false; ///< A trigger or an event waited when it was read.
};

/// What a variant was doing when its last owner let it go.
struct variant_past {
  time_ms last_slot = -1; ///< The slot of its schedule that ran last; -1: none ever did.
  bool run_open = false;  ///< A run was not ended, or was interrupted: it goes on at once.
  bool wanted = false;    ///< A trigger waits.
  failing failed{};
};

/// Why a run is to be made.
struct run_order {
  time_ms slot = -1;    ///< The slot of the schedule; -1 for none.
  uint32_t missed = 0;  ///< Slots before that one which had no run.
  uint32_t retry = 0;   ///< Which retry of a run that failed; 0 for none.
  uint32_t retries = 0; ///< How many there may be.
};

/// Why slots of a schedule had no run.
struct tick_note {
  std::string what;   ///< "skipped", "missed", "blackout", "paused"; "cancelled" before it began.
  std::string reason; ///< In words.
  time_ms slot = -1;  ///< The last one; -1: it is not about a slot.
  uint32_t count = 1; ///< How many.
};

/// How a run ended, told to its variant.
struct run_end {
  std::string outcome; ///< As `to_string(run_outcome)` has it, or "idle": no run was wanted.
  std::string error;   ///< In words; empty unless it failed.
  bool fenced = false; ///< Another owner was named, or the variant is gone.
  bool began = false;  ///< False if the run could not even begin; it may be tried again.
  bool more = false;   ///< The next run is wanted already.
  failing failed{};    ///< Known if it began.
};

template <class Inspector>
auto inspect(Inspector& f, worker_load& x) {
  return f(caf::meta::type_name("worker_load"), x.variants, x.running, x.queued, x.slots,
           x.longest_wait_ms, x.wait_p99_ms, x.wait_max_ms, x.busy_permille);
}

template <class Inspector>
auto inspect(Inspector& f, join_request& x) {
  return f(caf::meta::type_name("join_request"), x.worker, x.boot, x.address, x.slots, x.hosted,
           x.labels);
}

template <class Inspector>
auto inspect(Inspector& f, greeting& x) {
  return f(caf::meta::type_name("greeting"), x.protocol, x.software, x.kind, x.name, x.nonce,
           x.certificate, x.proof);
}

template <class Inspector>
auto inspect(Inspector& f, worker_info& x) {
  return f(caf::meta::type_name("worker_info"), x.worker, x.address, x.alive, x.load, x.duty,
           x.labels);
}

template <class Inspector>
auto inspect(Inspector& f, cluster_status& x) {
  return f(caf::meta::type_name("cluster_status"), x.leader, x.epoch, x.variants, x.unplaced,
           x.workers);
}

template <class Inspector>
auto inspect(Inspector& f, planned_move& x) {
  return f(caf::meta::type_name("planned_move"), x.key, x.from, x.to);
}

template <class Inspector>
auto inspect(Inspector& f, sync_wish& x) {
  return f(caf::meta::type_name("sync_wish"), x.sync, x.paused, x.due);
}

template <class Inspector>
auto inspect(Inspector& f, variant_row& x) {
  return f(caf::meta::type_name("variant_row"), x.entry, x.placement, x.due, x.wanted);
}

template <class Inspector>
auto inspect(Inspector& f, variant_past& x) {
  return f(caf::meta::type_name("variant_past"), x.last_slot, x.run_open, x.wanted, x.failed);
}

template <class Inspector>
auto inspect(Inspector& f, run_order& x) {
  return f(caf::meta::type_name("run_order"), x.slot, x.missed, x.retry, x.retries);
}

template <class Inspector>
auto inspect(Inspector& f, tick_note& x) {
  return f(caf::meta::type_name("tick_note"), x.what, x.reason, x.slot, x.count);
}

template <class Inspector>
auto inspect(Inspector& f, run_end& x) {
  return f(caf::meta::type_name("run_end"), x.outcome, x.error, x.fenced, x.began, x.more,
           x.failed);
}

} // namespace varia
