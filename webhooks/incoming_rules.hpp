#pragma once

#include "core/error.hpp"
#include "core/time.hpp"
#include "webhooks/signatures.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// How the webhooks of a provider are checked, and what of them says whom they are for.
struct incoming_rules {
  enum class check { disabled, none, hmac, token };
  enum class missing_variant { base, drop };

  check scheme = check::disabled; ///< Disabled: no webhooks are taken.
  std::string secret;             ///< Never log it.
  std::string header;             ///< In lower case: has the signature or the token.
  std::string query;              ///< The parameter that has the token, in place of a header.
  digest_kind algorithm = digest_kind::sha256;
  bool is_base64 = false; ///< How the signature is written; else hexadecimal.
  std::string prefix;     ///< In front of signature or token.
  std::string part;       ///< The header is a list "t=1,v1=ab", and this part is the signature.
  std::string signed_text = "{body}"; ///< With {timestamp}, {method}, {url} and {body}.
  std::string timestamp_header;       ///< In lower case.
  std::string timestamp_part;
  milliseconds tolerance{5 * 60 * 1000};
  std::string type_header; ///< In lower case.
  std::string type_path;   ///< Into the body, such as "events.0.type".
  std::string connection_path;
  std::string connection_by;  ///< "connection_id", "connection_config.<key>" or "metadata.<key>".
  std::string challenge_path; ///< A body that has this is answered with what it has there.
  std::string variant_path;   ///< Names the variant that handles the event; empty: base does.
  missing_variant if_missing = missing_variant::base;
};

/// Reads the rules that an integration has: `known` is what its provider says (JSON text of an
/// object, or empty), `own` is set over it key by key, `secret` is the shared one. Keys that are
/// unknown or malformed count for nothing.
incoming_rules read_incoming_rules(const std::string& known, const std::string& own,
                                   const std::string& secret);

/// A webhook as it came.
struct incoming_webhook {
  std::string method;
  std::string url;
  std::map<std::string, std::string> headers; ///< Names in lower case.
  std::vector<std::pair<std::string, std::string>> query;
  std::string body;
};

/// Returns why a webhook is not what it says to come from, in words without secrets; nothing if it
/// is. Where a timestamp is signed, old ones are refused, so that nobody sends one again.
std::optional<std::string> refuse_origin(const incoming_rules& rules, const incoming_webhook& x,
                                         time_ms now);

/// What a webhook says, by the rules. Each text is empty if it says nothing of it.
struct incoming_facts {
  std::string payload; ///< JSON text: the body if it is JSON; a form as an object; else a string.
  std::string type;
  std::string connection; ///< To be compared with what `connection_by` names.
  std::string variant;
  std::string challenge;
};

incoming_facts read_facts(const incoming_rules& rules, const incoming_webhook& x);

} // namespace varia
