#pragma once

#include "core/time.hpp"
#include "store/packed.hpp"
#include "store/redis.hpp"
#include "store/webhook_settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace varia {

/// One thing that an application is to be told by webhook. Field order is the store's.
struct outbox_event {
  std::string id; ///< Stays the same however often it is sent, also by hand.
  time_ms at = 0;
  std::string environment;
  std::string kind; ///< "json": `body` is what is sent; "sync" and "variant": the facts, below.
  std::string body;
  std::string url_override; ///< Of the connection, in place of the environment's URLs; or empty.
  uint64_t sequence = 0;    ///< Among the events of its variant or connection.
  std::string trace = {};   ///< To which trace it belongs, as `to_text` has it; or empty.
};

/// What an event of the kind "sync" tells: how a run ended. Field order is the store's.
struct sync_facts {
  bool success = false;
  std::string connection_id;
  std::string provider_config_key;
  std::string sync;
  std::string variant;
  std::string model; ///< Of an error: all of them, with commas, or none.
  std::string sync_type;
  time_ms started_at = 0;
  time_ms finished_at = 0;
  int64_t added = 0;
  int64_t updated = 0;
  int64_t deleted = 0;
  int64_t used_checkpoint = 0;
  std::string checkpoint_from; ///< JSON text, or empty for none.
  std::string checkpoint_to;
  time_ms last_sync = 0; ///< When the last successful run began; 0 for never.
  std::string report;    ///< JSON text of the error, or empty.
};

template <>
std::string pack(const sync_facts& x);
template <>
expected<sync_facts> unpack(std::string_view bytes);

/// What an event of the kind "variant" tells. Field order is the store's.
struct variant_facts {
  std::string connection_id;
  std::string provider_config_key;
  std::string sync;
  std::string variant;
  std::string operation; ///< "created", "deleted", "restored", "paused", "started".
  time_ms at = 0;
};

template <>
std::string pack(const variant_facts& x);
template <>
expected<variant_facts> unpack(std::string_view bytes);

/// Something to tell beside what is told by the store itself.
struct outbox_notice {
  std::string environment;
  std::string owner; ///< What it is ordered by, such as "c14" for a connection.
  std::string url_override;
  const char* on = ""; ///< The switch of the settings that it needs; empty for none.
  std::string id;
  std::string payload; ///< JSON text, as it is sent.
};

/// An event that is the caller's to deliver until its claim ends.
struct outbox_claim {
  std::string lane; ///< Ends with "/primary" or "/secondary".
  outbox_event event;
  int tries = 0; ///< That failed so far.
  webhook_settings settings;
  std::string signing_key; ///< Empty if the environment has none yet. Secret.
};

struct outbox_claims {
  std::vector<outbox_claim> all;
  milliseconds next{-1}; ///< Until the next lane is due; negative for none.
};

/// What came of trying to deliver.
enum class delivery_verdict : uint8_t {
  done,
  again, ///< Later; this try counts.
  dead,  ///< Never again, unless by hand.
  hold   ///< Later; it was not tried.
};

struct outbox_settlement {
  delivery_verdict verdict = delivery_verdict::done;
  milliseconds wait{0}; ///< Before it is tried again.
  std::string why;      ///< It is dead.
  std::string log;      ///< JSON text for the delivery log; empty for none.
};

/// A webhook that was given up.
struct dead_letter {
  std::string id; ///< Its own, not that of the event.
  std::string lane;
  outbox_event event;
  std::string why;
  int tries = 0;
};

struct outbox_counts {
  int64_t waiting = 0; ///< Events, once for each URL.
  int64_t bytes = 0;
  int64_t dead = 0;
  int64_t dropped = 0; ///< Dead letters that made way for newer ones.
};

/// What is told to applications by webhook: it waits in Redis until it has arrived. Events of one
/// variant or connection stay in order. At most 1,000 of them wait, and at most 256 MiB of an
/// environment; then the oldest become dead letters, of which the last 10,000 are kept.
class outbox {
public:
  explicit outbox(redis& db) : db_{db} {}

  /// Leaves something to be told. Returns how many URLs will hear of it: 0 if nobody wants to.
  expected<int64_t> put(const outbox_notice& x);

  /// Leaves several, in one round trip. Returns how many URLs will hear, all counted.
  expected<int64_t> put(const std::vector<outbox_notice>& all);

  /// Claims the first event of up to `most` lanes that are due; if this process is lost, somebody
  /// else can claim them after `span`. `claim` is unique to the call.
  expected<outbox_claims> claim(const std::string& claim, size_t most, milliseconds span);

  /// Ends a claim. Fails with `fenced` if it has ended already: somebody else delivers the event.
  expected<void> settle(const std::string& claim, const outbox_claim& of,
                        const outbox_settlement& x);

  /// Waits until something new may be due, or for `patience` at most. One of all that wait hears
  /// of it. True if somebody rang.
  expected<bool> await(milliseconds patience);

  /// Returns dead letters, newest first, from behind `before` (the id of one; empty: from the
  /// newest).
  expected<std::vector<dead_letter>> dead(const std::string& environment, const std::string& before,
                                          size_t count);

  /// Has dead letters sent again; returns how many of them there were.
  expected<int64_t> resend(const std::string& environment, const std::vector<std::string>& ids);

  /// Returns the newest lines of the delivery log, newest first.
  expected<std::vector<std::string>> log(const std::string& environment, size_t count);

  expected<outbox_counts> counts(const std::string& environment);

  /// Returns the sums over these environments, in one round trip.
  expected<outbox_counts> counts(const std::vector<std::string>& environments);

private:
  redis& db_;
};

} // namespace varia
