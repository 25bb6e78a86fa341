#pragma once

#include "core/variant.hpp"
#include "store/call.hpp"
#include "store/packed.hpp"
#include "store/redis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// What a function is; its name is unique among those of its kind and integration.
namespace function_kind {
inline constexpr auto sync = "sync";
inline constexpr auto action = "action";
inline constexpr auto on_event = "on-event";
inline constexpr auto any = "";
} // namespace function_kind

/// A deployed script of an integration: what its definition says, and which bundle to run.
struct function {
  std::string provider_config_key;
  std::string name;
  std::string version;
  std::string sha; ///< SHA-256 of the bundle.
  std::vector<std::string> models;
  std::string frequency; ///< As written in the script; empty: only when triggered.
  bool auto_start = false;
  bool track_deletes = false;
  std::string sync_type = "full";
  std::string description;
  std::vector<std::string> features;
  std::vector<std::string> webhook_subscriptions;
  std::string attributes;  ///< JSON text of what else the definition says; empty for none.
  std::string json_schema; ///< JSON text of the models' schemas; empty if none came.
  time_ms deployed_at = 0;
  std::string kind = function_kind::sync;
  std::string input;     ///< The name of an action's input in `json_schema`; empty for none.
  std::string event;     ///< What an on-event function is run for.
  std::string endpoints; ///< JSON text of a list of {method, path}; empty for none.
  std::vector<std::string> scopes;
  std::string source_sha;  ///< SHA-256 of its TypeScript, kept like a bundle; empty if none came.
  std::string sdk_version; ///< Such as "0.71.10-zero"; empty if nobody said.
  std::string newest;      ///< After a rollback: the version from which the next one is counted.
  bool partitions = false; ///< The script tells by a hook which variants there should be.
  std::string schedule;    ///< Packed `schedule_rules`; empty for those of the contract.
  time_ms schedule_since = 0; ///< When `frequency` or `schedule` was last deployed as another one.
};

template <>
std::string pack(const function& x);
template <>
expected<function> unpack(std::string_view bytes);

/// When variants of a function are due that have nothing of their own.
timing timing_of(const function& deployed);

/// The deployed functions of each environment, and their bundles by content hash.
class functions {
public:
  explicit functions(redis& db) : db_{db} {}

  /// Stores a bundle under its SHA-256, which it returns. Storing it again changes nothing.
  expected<std::string> put_code(const std::string& bundle);

  /// Returns a bundle; `not_found` if no function ever had it.
  expected<std::string> code(const std::string& sha);

  /// Makes these the current versions, all at once; returns them with their time set.
  expected<std::vector<function>> deploy(const std::string& environment, std::vector<function> all);

  expected<std::optional<function>> find(const std::string& environment,
                                         const std::string& provider_config_key,
                                         const std::string& name,
                                         const std::string& kind = function_kind::sync);

  /// Returns the functions of a kind in an environment, or of one integration in it, by integration
  /// and name.
  expected<std::vector<function>> list(const std::string& environment,
                                       const std::string& provider_config_key = {},
                                       const std::string& kind = function_kind::sync);

  /// The time of the store.
  expected<time_ms> now();

  /// The command that asks for a text which is another one after every change of an environment's
  /// functions.
  static owned_command version_question(const std::string& environment);

  /// Forgets a function. `not_found` if there is none.
  expected<void> remove(const std::string& environment, const std::string& provider_config_key,
                        const std::string& name, const std::string& kind = function_kind::sync);

private:
  redis& db_;
};

} // namespace varia
