#pragma once

#include "api/commands.hpp"
#include "api/http.hpp"
#include "api/providers.hpp"
#include "api/refusals.hpp"
#include "api/schemas.hpp"
#include "api/store_pool.hpp"
#include "store/record_feed.hpp"
#include "store/record_reader.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace varia {

struct action_access;
struct provider_access;

/// What all routes share.
struct api_context {
  std::shared_ptr<store_pool> stores;
  std::shared_ptr<const cluster_commands> cluster;
  std::shared_ptr<const providers> catalogue;
  std::shared_ptr<record_feed> feed;
  std::shared_ptr<provider_access> outside;
  std::shared_ptr<action_access> actions;
  std::shared_ptr<record_reader> reader = std::make_shared<record_reader>();
};

/// One request while it is being answered. Lives on one thread.
struct api_call {
  const api_context& api;
  const http_request& request;
  redis& db;
  const json* body; ///< nullptr if none was sent.
  json query;

  const std::string& environment() const { return request.environment; }
  const std::string& param(const std::string& name) const { return request.params.at(name); }

  /// Each returns the refusal if that part of the request does not follow the rules.
  std::optional<http_response> refuse_body(const schema& rules) const;
  std::optional<http_response> refuse_query(const schema& rules) const;
  std::optional<http_response> refuse_params(const schema& rules) const;
  std::optional<http_response> refuse_headers(const fields& rules) const;

  /// The value of a header; empty if there is none.
  std::string header(const std::string& name) const;
};

/// Answers a call, or fails in a way that `refuse_error` puts into words.
using handler = std::function<expected<http_response>(api_call&)>;

/// Makes a route of a handler: parses the body, lends a connection to Redis, and turns failures
/// and exceptions into answers.
route make_route(const api_context& api, std::string method, std::string path, handler answer);

/// The answer {"success":true}.
http_response succeed();

} // namespace varia
