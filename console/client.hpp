#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace varia {

/// Where a server is and how to be let in.
struct client_config {
  std::string url; ///< Such as "http://127.0.0.1:3003".
  std::string api_key;
  milliseconds timeout{30000}; ///< For one request, all in all.
};

/// What a server answered.
struct client_answer {
  long status = 0;
  std::string body;
};

/// Asks a server over its public HTTP API. Errors say in words what went wrong and never hold the
/// API key. Calls block their thread.
class client {
public:
  explicit client(client_config config);

  /// Asks for a path such as "/health". Fails with `invalid` if the URL or the key cannot be used
  /// and with `unavailable` if no answer came; every status is an answer.
  expected<client_answer> get(const std::string& path) const;

  /// Sends JSON text to a path; fails as `get` does.
  expected<client_answer> post(const std::string& path, const std::string& body) const;

  /// Asks for a path and reads the answer as JSON. Fails also if the server refuses.
  expected<nlohmann::ordered_json> get_json(const std::string& path) const;

  /// Sends JSON text and reads the answer as JSON. Fails also if the server refuses.
  expected<nlohmann::ordered_json> post_json(const std::string& path,
                                             const std::string& body) const;

  /// The same with another method than POST; without a text no body is sent.
  expected<nlohmann::ordered_json> send_json(const std::string& method, const std::string& path,
                                             const std::string& body) const;

private:
  expected<client_answer> request(const std::string& path, const std::string* body,
                                  const std::string& method = {}) const;

  client_config config_;
};

/// Encodes a value for the query of a path.
std::string percent_encode(const std::string& text);

/// Reads an answer as JSON, or says what the server said instead.
expected<nlohmann::ordered_json> parse_answer(const client_answer& answer);

} // namespace varia
