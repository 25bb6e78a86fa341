#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// A TCP address as written, such as "127.0.0.1:3003".
struct endpoint {
  std::string host;
  uint16_t port = 0;
};

/// Everything that can be set, with its default. One struct for all kinds of process: each reads
/// the part it needs. config/varia.toml lists every key with its default and a sentence.
struct settings {
  struct {
    std::string url = "redis://127.0.0.1:6379"; ///< Of a server, a socket, or Sentinels.
    milliseconds timeout{2000};
    std::string key_file; ///< Of the keys that seal secrets in Redis; empty: they lie there plain.
  } redis;

  struct {
    endpoint listen{"127.0.0.1", 3003};
    std::string public_url; ///< As others reach it; empty: made of `listen`.
    uint32_t threads = 16;  ///< Requests answered at once.
    uint64_t body_bytes_max = uint64_t{75} * 1024 * 1024; ///< Contract 1.1.
    milliseconds request_timeout{30000};
    uint32_t proxy_calls_max = 128; ///< Requests through /proxy at once.
    uint32_t calls_per_minute = 0;  ///< Of one environment; 0: any number. Contract 1.5.
    std::string metrics = "key";    ///< Who may read /metrics: key, open, off.
    bool dashboard = true;          ///< Serve its pages and keep sessions of browsers.
    milliseconds session_for{12 * 3600 * 1000}; ///< How long a session lasts.
  } http;

  struct {
    endpoint listen{"127.0.0.1", 7103}; ///< Where a coordinator awaits workers.
    std::optional<endpoint> advertise;  ///< Where others reach `listen`; none: the same.
    std::vector<endpoint> join; ///< Where a worker looks for the leader beside what Redis says.
    milliseconds lease{3000};
    milliseconds heartbeat{1000}; ///< CAF's own; see docs/decisions.
    milliseconds silence_max{5000};
    uint32_t placements_per_s = 10'000; ///< Variants that get a worker, at most.
    std::string spread_label;           ///< Of workers: a connection spreads over its values.
    bool rebalance = true;              ///< Even workers out without being asked.
    std::string name;     ///< Of a coordinator, as its certificate has it; empty: the host's.
    std::string tls_ca;   ///< Paths of files in PEM, all three or none: authority,
    std::string tls_cert; ///< certificate,
    std::string tls_key;  ///< and its key.
  } cluster;

  struct {
    uint32_t per_sync_max = 100;                 ///< Named variants of one sync of one connection.
    milliseconds undelete_for{24 * 3600 * 1000}; ///< Deleted variants may come back; 0: never.
    uint32_t delete_max_percent = 50; ///< Of a sync's, that one plan may delete without force.
    milliseconds discover_every{3600 * 1000};       ///< Between two looks for partitions.
    milliseconds partition_grace{24 * 3600 * 1000}; ///< Lost partitions keep their variant so long.
  } variants;

  struct {
    uint32_t runs_per_connection = 0;  ///< At once, on all workers; 0: as many as fit.
    uint32_t runs_per_integration = 0; ///< The same, over all connections of an integration.
  } limits;

  struct {
    uint32_t deletions_max_percent = 100; ///< Of a model's records that one run may find vanished.
    milliseconds prune_after{0};          ///< Payloads unchanged for this long go; 0: never.
    milliseconds purge_after{0};          ///< Records of variants idle for this long go; 0: never.
    milliseconds retention_interval{3600 * 1000}; ///< Between two rounds of both.
  } records;

  struct {
    std::string name;                          ///< Empty: host name and process number.
    milliseconds stop_deadline{5000};          ///< Runs may finish this long after SIGTERM.
    uint32_t runs_max = 0;                     ///< At once; 0: as many as there are slots.
    std::map<std::string, std::string> labels; ///< What its host is like.
    std::optional<endpoint> metrics_listen;    ///< Where it serves /metrics and probes; none: not.
  } worker;

  struct {
    std::string dir;  ///< Where child.cjs and compile.cjs lie; empty: "runtime" beside the program.
    std::string node; ///< Node 20 or later; empty: the one in `dir`, else the one in PATH.
    uint32_t processes = 2;
    uint32_t slots = 16;                      ///< Runs per process.
    std::string trust_domain = "environment"; ///< Whose runs may share a process.
    std::string sandbox = "auto"; ///< What keeps scripts in: auto, bwrap, namespaces, none.
    milliseconds run_limit{24 * 3600 * 1000};
    milliseconds cancel_grace{5000};
    milliseconds hang_max{5000};        ///< A process that is silent for longer is killed.
    uint64_t memory_mb = 512;           ///< Of one process's JavaScript heap.
    uint64_t buffers_mb = 256;          ///< Of what it has beside the heap.
    std::string schema_policy = "warn"; ///< What does not match its schema: off, warn, reject.
  } runtime;

  struct {
    milliseconds timeout{60000};
    uint32_t connections_per_host = 16;
    uint64_t response_bytes_max = uint64_t{32} * 1024 * 1024;
    milliseconds token_margin{60000}; ///< Access tokens are renewed so long before they expire.
    std::string allow;                ///< What may be reached although it is not public.
    std::string refuse;               ///< What may not be reached whatever it is.
    std::string origin_override;      ///< Where all requests go instead, for tests; or empty.
    bool trace_context = true;        ///< Tell providers to which trace a request belongs.
  } upstream;

  struct {
    uint32_t slots = 8;        ///< Calls that somebody waits for, at once on a worker.
    uint32_t queued_slots = 4; ///< Others, at once on a worker.
    milliseconds run_limit{15 * 60 * 1000};
    milliseconds keep_for{24 * 3600 * 1000}; ///< What came of a call.
    uint32_t waiting_max = 10'000;           ///< Calls that wait for a worker.
  } actions;

  struct {
    milliseconds timeout{20000};               ///< For one delivery, redirects apart.
    uint32_t tries_max = 10;                   ///< Deliveries of one event to one URL.
    milliseconds first_wait{3000};             ///< Between two of them; doubled each time,
    milliseconds longest_wait{10 * 60 * 1000}; ///< up to this.
    milliseconds age_max{24 * 3600 * 1000};    ///< Older events are given up.
    uint32_t incoming_per_minute = 4000;       ///< Of one integration, per coordinator; 0: any.
    uint64_t incoming_bytes_max = uint64_t{1024} * 1024; ///< Of one webhook's body.
  } webhooks;

  struct {
    std::string level = "debug"; ///< The least important lines of scripts that are kept.
    uint64_t lines_per_run_max = 2000;
    uint64_t bytes_per_run_max = uint64_t{4} * 1024 * 1024;
    uint64_t keep_runs = 20; ///< Per variant.
    milliseconds keep_for{7 * 24 * 3600 * 1000};
  } logs;

  struct {
    std::string level = "info";
    log_format format = log_format::automatic;
  } log;

  struct {
    std::string providers; ///< A file that adds to the built-in providers.toml, or empty.
  } catalogue;
};

/// Where the settings of a process come from, weakest first: defaults, file, environment, flags.
struct settings_sources {
  std::string file;                               ///< Path of a TOML file, or empty.
  std::map<std::string, std::string> environment; ///< The VARIA_* variables, whole.
  std::map<std::string, std::string> flags;       ///< By setting, such as "http.listen".
};

/// Reads the settings. Durations are texts with a unit ("3s", "500ms", "2m", "1h"). All faults are
/// told at once, each with file, line and key (or the variable or flag), one per line; they fail
/// with `invalid`. An environment variable is named VARIA_ and the key in capitals with `_` for
/// `.`, such as VARIA_HTTP_LISTEN.
expected<settings> read_settings(const settings_sources& sources);

/// Returns every setting by name as a flag would take it.
std::map<std::string, std::string> settings_as_text(const settings& x);

/// Returns the VARIA_* variables of this process. VARIA_URL, VARIA_API_KEY and VARIA_CONFIG among
/// them are for the command line; `read_settings` passes over them.
std::map<std::string, std::string> varia_environment();

} // namespace varia
