#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "store/call.hpp"
#include "store/packed.hpp"
#include "store/redis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// One end user's account on an integration. The JSON texts are objects, kept as they came.
struct connection {
  connection_number number = 0;
  std::string environment;
  std::string provider_config_key;
  std::string connection_id;
  std::string provider;
  std::string credentials = "{}";       ///< JSON with `type`; secret: never log it.
  std::string metadata;                 ///< JSON, or empty for none.
  std::string connection_config = "{}"; ///< JSON.
  std::string tags = "{}";              ///< JSON.
  std::string end_user;                 ///< JSON, or empty for none.
  std::string webhook_url_override;
  time_ms created_at = 0;
  time_ms updated_at = 0;
};

template <>
std::string pack(const connection& x);
template <>
expected<connection> unpack(std::string_view bytes);

/// The place that a connection's credentials are sealed for; see `keyring`.
std::string place_of_credentials(const connection& x);

/// What an application is told of a connection that is put: JSON texts, as they are sent.
struct connection_notice {
  std::string id; ///< Of the event.
  std::string of_new;
  std::string of_replaced;
};

enum class metadata_change { replace, merge };

/// The connections of all environments. Names are looked up per environment; a number never
/// changes its connection.
class connections {
public:
  explicit connections(redis& db) : db_{db} {}

  /// Adds a connection, or replaces what a connection of the same two names holds (its number,
  /// metadata and credentials if the new one has none, and creation time stay). Returns what is
  /// stored now. The application is told in the same step, if there is a notice and it wants to
  /// hear.
  expected<connection> put(connection x, const std::optional<connection_notice>& notice = {});

  /// Tells the application of a connection that was put without a notice. Nobody is told of one
  /// that is gone.
  expected<void> tell(const connection& of, const connection_notice& notice, bool is_new);

  /// Puts back all that a connection held, as `find` had returned it. `not_found` if it is gone.
  expected<void> restore(const connection& before);

  expected<std::optional<connection>> find(const std::string& environment,
                                           const std::string& provider_config_key,
                                           const std::string& connection_id);

  expected<std::optional<connection>> find(connection_number number);

  /// Returns the number only: one cheap round trip; 0 if there is no such connection.
  expected<connection_number> number_of(const std::string& environment,
                                        const std::string& provider_config_key,
                                        const std::string& connection_id);

  /// The command that asks for it; see `number_of` of a reply for the answer.
  static owned_command number_question(const std::string& environment,
                                       const std::string& provider_config_key,
                                       const std::string& connection_id);

  /// Returns the numbers of all connections of an integration, oldest first.
  expected<std::vector<connection_number>> numbers_of(const std::string& environment,
                                                      const std::string& provider_config_key);

  /// Returns all connections of an environment, newest first.
  expected<std::vector<connection>> list(const std::string& environment);

  /// Returns the connections of all integrations that have this id, for callers who name no
  /// integration.
  expected<std::vector<connection>> find_by_id(const std::string& environment,
                                               const std::string& connection_id);

  /// Changes the metadata of all the given connections or of none: fails with `not_found` if one
  /// does not exist. `object` is the JSON text of an object; `merge` replaces its top-level keys
  /// only. Atomic against other writers.
  expected<void> change_metadata(const std::vector<connection_number>& numbers, metadata_change how,
                                 const std::string& object);

  /// Forgets a connection. Its variants are the registry's business. `not_found` if there is none.
  expected<void> remove(connection_number number);

private:
  redis& db_;
};

} // namespace varia
