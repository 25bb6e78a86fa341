#pragma once

#include "core/ids.hpp"

#include <string>

/// The names of all keys in Redis, each built in one place. What belongs to one sync shares the
/// hash tag {connection/sync}; what belongs to one variant is built from its uuid, never from its
/// name. See docs/formats.md.
namespace varia::keys {

inline constexpr auto schema = "schema";
inline constexpr auto syncs = "syncs";
inline constexpr auto partitions_due = "partitions"; ///< Syncs by when they are to be looked at.
inline constexpr auto api_keys = "keys";
inline constexpr auto api_keys_used = "keys:used";
inline constexpr auto environments = "environments";
inline constexpr auto lead = "{lead}";
inline constexpr auto lead_epoch = "{lead}:epoch";
inline constexpr auto coordinators = "{lead}:coordinators";
inline constexpr auto workers = "{lead}:workers";
inline constexpr auto duties = "{lead}:duties";
inline constexpr auto limits = "{lead}:limits";
inline constexpr auto budgets = "{b}";
inline constexpr auto gates = "{g}:";
inline constexpr auto actions = "{a}";
inline constexpr auto actions_news = "{a}:news";
inline constexpr auto webhook_settings = "{w}:settings";
inline constexpr auto webhook_keys = "{w}:keys";
inline constexpr auto outbox_bell = "{w}:bell";
inline constexpr auto connection_next = "{c}:next";
inline constexpr auto connection_prefix = "{c}:";

/// The level that a process is to log at; with an empty name, all of them.
inline std::string log_level(const std::string& process) {
  return process.empty() ? "{lead}:log" : "{lead}:log:" + process;
}

/// Joins two names so that no other pair gives the same text.
inline std::string pair_of(const std::string& a, const std::string& b) {
  return std::to_string(a.size()) + ':' + a + ':' + b;
}

inline std::string of_sync(const sync_id& x) {
  return "v:{" + to_string(x) + "}:";
}

inline std::string registry(const sync_id& x) {
  return of_sync(x) + "reg";
}

/// The lives of its variants that were deleted and may come back.
inline std::string deleted(const sync_id& x) {
  return of_sync(x) + "deleted";
}

/// What its function said last of the partitions that there are.
inline std::string partitions(const sync_id& x) {
  return of_sync(x) + "partitions";
}

inline std::string epoch(const sync_id& x) {
  return of_sync(x) + "epoch";
}

inline std::string head(const variant_ref& x) {
  return of_sync(x.sync) + x.id;
}

inline std::string run_history(const variant_ref& x) {
  return head(x) + ":runs";
}

inline std::string run_log(const variant_ref& x) {
  return head(x) + ":log";
}

/// The events that wait for a variant.
inline std::string inbox(const variant_ref& x) {
  return head(x) + ":inbox";
}

inline std::string record_meta(const variant_ref& x, const std::string& model) {
  return head(x) + ":meta:" + model;
}

inline std::string record_data(const variant_ref& x, const std::string& model) {
  return head(x) + ":data:" + model;
}

inline std::string record_order(const variant_ref& x, const std::string& model) {
  return head(x) + ":order:" + model;
}

/// The last place that a change in any variant of the sync had.
inline std::string place(const sync_id& x) {
  return of_sync(x) + "place";
}

/// The stream of commits to any variant of the sync.
inline std::string feed(const sync_id& x) {
  return of_sync(x) + "feed";
}

inline std::string worker(const std::string& name) {
  return std::string{workers} + ':' + name;
}

/// What the requests of one connection share; the keys of its permits and its row begin with it.
inline std::string budget(const std::string& connection) {
  return std::string{budgets} + ':' + connection;
}

/// What the keys of a limit of concurrent runs begin with.
inline std::string connection_gate(connection_number number) {
  return gates + std::string{"c:"} + std::to_string(number);
}

inline std::string integration_gate(const std::string& environment,
                                    const std::string& provider_config_key) {
  return gates + std::string{"i:"} + pair_of(environment, provider_config_key);
}

inline std::string connection(connection_number number) {
  return connection_prefix + std::to_string(number);
}

/// Held by the process that renews the credentials of a connection.
inline std::string renewal(connection_number number) {
  return connection(number) + ":renewal";
}

/// All connections of an environment.
inline std::string connections_of(const std::string& environment) {
  return "{c}:env:" + environment;
}

/// The connections of one integration, by connection id.
inline std::string connections_by_integration(const std::string& environment,
                                              const std::string& provider_config_key) {
  return "{c}:int:" + pair_of(environment, provider_config_key);
}

/// The connections of one connection id, by integration.
inline std::string connections_by_id(const std::string& environment,
                                     const std::string& connection_id) {
  return "{c}:id:" + pair_of(environment, connection_id);
}

/// A call of an action or an on-event function.
inline std::string action(const std::string& id) {
  return "{a}:t:" + id;
}

inline std::string action_output(const std::string& id) {
  return "{a}:out:" + id;
}

inline std::string action_log(const std::string& id) {
  return "{a}:log:" + id;
}

/// The ids of the last calls for a connection.
inline std::string actions_past(connection_number number) {
  return "{a}:past:" + std::to_string(number);
}

/// The webhooks of an environment that were given up.
inline std::string dead_letters(const std::string& environment) {
  return "{w}:dead:" + environment;
}

/// What became of the last webhooks of an environment.
inline std::string delivery_log(const std::string& environment) {
  return "{w}:log:" + environment;
}

/// How much of an environment waits for delivery.
inline std::string outbox_counts(const std::string& environment) {
  return "{w}:counts:" + environment;
}

inline std::string variables(const std::string& environment) {
  return "vars:" + environment;
}

/// Names the restore of an environment that is under way.
inline std::string restore(const std::string& environment) {
  return "restore:" + environment;
}

/// Who changed what.
inline std::string audit(const std::string& environment) {
  return "audit:" + environment;
}

/// How many calls of a bucket there were in its minute.
inline std::string rate(const std::string& bucket) {
  return "rate:" + bucket;
}

/// Begins the keys of sessions, and of the indexes of those that one API key has.
inline constexpr auto sessions_of = "{s}:of:";

inline std::string session(const std::string& token_hash) {
  return "{s}:" + token_hash;
}

/// A lock that the scripts of an environment share.
inline std::string lock(const std::string& environment, const std::string& name) {
  return "l:" + pair_of(environment, name);
}

inline std::string integrations(const std::string& environment) {
  return "i:" + environment;
}

inline std::string functions(const std::string& environment) {
  return "f:" + environment;
}

/// The former versions of a function; `function` is what no other one of the environment is called.
inline std::string function_versions(const std::string& environment, const std::string& function) {
  return "fv:" + pair_of(environment, function);
}

inline std::string code(const std::string& sha) {
  return "code:" + sha;
}

} // namespace varia::keys
