#pragma once

#include "api/commands.hpp"
#include "api/http.hpp"
#include "api/providers.hpp"
#include "api/refusals.hpp"
#include "api/rehearsal.hpp"
#include "api/schemas.hpp"
#include "api/session_rules.hpp"
#include "api/store_pool.hpp"
#include "store/record_feed.hpp"
#include "store/record_reader.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace varia {

struct action_access;
class authenticator;
struct provider_access;
class incoming_desk;
struct process_facts;
class live_desk;

/// What holds for variants where nothing else is said.
struct variant_rules {
  uint32_t named_max = 100;         ///< Named variants of one sync.
  uint32_t delete_max_percent = 50; ///< Of a sync's, that one plan may delete without force.
};

/// Who may read the metrics of a coordinator: whoever has a key for it, everybody, nobody.
enum class metrics_access { with_key, open, off };

/// What all routes share.
struct api_context {
  std::shared_ptr<store_pool> stores;
  std::shared_ptr<const cluster_commands> cluster;
  std::shared_ptr<const providers> catalogue;
  std::shared_ptr<record_feed> feed;
  std::shared_ptr<provider_access> outside;
  std::shared_ptr<action_access> actions;
  variant_rules variants;
  std::shared_ptr<incoming_desk> incoming;
  std::shared_ptr<record_reader> reader = std::make_shared<record_reader>();
  std::shared_ptr<authenticator> keys;
  uint32_t calls_per_minute = 0; ///< Of one environment; 0: any number.
  metrics_access metrics = metrics_access::with_key;
  std::shared_ptr<const process_facts> process; ///< What this process tells of itself.
  dashboard_rules dashboard;
  std::shared_ptr<live_desk> live; ///< What pages watch.
};

/// The connection to Redis of one request. There is none in a rehearsal, which ends when somebody
/// asks for it.
class lent_store {
public:
  lent_store() = default;
  explicit lent_store(redis& db) : db_{&db} {}

  operator redis&() const {
    if (db_ == nullptr)
      throw rehearsal_over{};
    return *db_;
  }

  expected<redis::reply> run(const redis::command& words) const {
    return static_cast<redis&>(*this).run(words);
  }

private:
  redis* db_ = nullptr;
};

/// One request while it is being answered. Lives on one thread.
struct api_call {
  const api_context& api;
  const http_request& request;
  lent_store db;
  const json* body; ///< nullptr if none was sent.
  json query;
  rehearsal* notes = nullptr; ///< Where rules are noted, if this is no real request.

  const std::string& environment() const { return request.environment; }
  const std::string& param(const std::string& name) const { return request.params.at(name); }

  /// Each returns the refusal if that part of the request does not follow the rules.
  std::optional<http_response> refuse_body(const schema& rules) const;
  std::optional<http_response> refuse_query(const schema& rules) const;
  std::optional<http_response> refuse_params(const schema& rules) const;
  std::optional<http_response> refuse_headers(const fields& rules) const;

  /// Whether the API key covers a scope.
  bool may(const std::string& scope) const {
    return request.from != nullptr && request.from->may(scope);
  }

  /// The value of a header; empty if there is none.
  std::string header(const std::string& name) const;
};

/// Answers a call, or fails in a way that `refuse_error` puts into words.
using handler = std::function<expected<http_response>(api_call&)>;

/// Makes a route of a handler: parses the body, lends a connection to Redis, turns failures and
/// exceptions into answers, and keeps in the audit stream what its facts tell to keep.
route make_route(const api_context& api, std::string method, std::string path, handler answer,
                 route_facts facts = {});

/// Returns the rules that a handler judges its requests by: it is called with examples that follow
/// those it has named, until it asks for the store.
std::vector<noted_rule> rehearse(const handler& answer, const std::string& path);

/// The answer {"success":true}.
http_response succeed();

} // namespace varia
