#pragma once

#include "core/error.hpp"
#include "store/connections.hpp"
#include "store/outbox.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// Renders what is sent of an event: JSON as JavaScript writes it, keys sorted (contract 7.2 to
/// 7.5). Fails with `internal` if the event is of a kind that this program does not know.
expected<std::string> payload_of(const outbox_event& x);

/// Tells what an event is about, for listings: names and values.
std::vector<std::pair<std::string, std::string>> subject_of(const outbox_event& x);

/// What happened to the credentials of a connection.
struct auth_event {
  const char* operation = "creation"; ///< Or "override", "refresh".
  std::string error_type;             ///< Empty: it went well.
  std::string error_text;
};

/// Renders the payload that tells of it (contract 7.4).
std::string auth_payload(const connection& of, const auth_event& x);

/// What comes from a provider and is passed on as it came.
struct forwarded_webhook {
  std::string provider;
  std::string provider_config_key;
  std::string connection_id; ///< Empty if it belongs to none.
  std::string body;          ///< Bytes; JSON is passed on as such, all else as text.
};

std::string forward_payload(const forwarded_webhook& x);

/// Renders the payload that tells of the end of an asynchronous action.
std::string async_action_payload(const connection& of, const std::string& id,
                                 const std::string& status_url);

} // namespace varia
