#pragma once

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>
#include <tuple>

namespace varia {

/// The number of a connection, unique in the whole store and never used again: what is built from
/// it cannot collide with a later connection of the same name.
using connection_number = uint64_t;

/// One sync of one connection: the thing that variants divide.
struct sync_id {
  connection_number connection = 0;
  std::string name; ///< The name of the function.
};

/// Names one variant of a sync. `base` is the variant that every sync has.
struct variant_key {
  sync_id sync;
  std::string name;
};

/// Names one life of a variant: a name that is deleted and created again has a new `id` (a uuid).
struct variant_ref {
  sync_id sync;
  std::string id;
};

/// Proves the right to write for a variant. A token is compared for equality only: a later one has
/// replaced it, and an equal epoch handed out twice by a failed-over Redis still differs in
/// `nonce`.
struct token {
  uint64_t epoch = 0; ///< Which leader named the owner.
  uint64_t nonce = 0; ///< Random.
};

inline constexpr auto base_variant = "base";

/// Renders "14/orders", the text that stands for a sync in keys and logs.
std::string to_string(const sync_id& x);

/// Reads what `to_string` wrote; the connection is 0 if the text is not of that form.
sync_id parse_sync_id(const std::string& text);

/// Renders "14/orders::eu".
std::string to_string(const variant_key& x);

/// Renders "3-9f0c51d2e47ab610".
std::string to_string(const token& x);

/// Reads what `to_string` wrote; both parts are 0 if the text is not of that form.
token parse_token(const std::string& text);

/// Returns a random uuid of version 4.
std::string make_uuid();

/// Returns 64 random bits that cannot be guessed.
uint64_t make_nonce();

/// True for the text of a uuid of version 4, in either case.
bool is_uuid_v4(const std::string& text);

inline bool operator==(const sync_id& a, const sync_id& b) {
  return std::tie(a.connection, a.name) == std::tie(b.connection, b.name);
}

inline bool operator<(const sync_id& a, const sync_id& b) {
  return std::tie(a.connection, a.name) < std::tie(b.connection, b.name);
}

inline bool operator==(const variant_key& a, const variant_key& b) {
  return std::tie(a.sync, a.name) == std::tie(b.sync, b.name);
}

inline bool operator<(const variant_key& a, const variant_key& b) {
  return std::tie(a.sync, a.name) < std::tie(b.sync, b.name);
}

inline bool operator==(const token& a, const token& b) {
  return a.epoch == b.epoch && a.nonce == b.nonce;
}

inline bool operator!=(const token& a, const token& b) {
  return !(a == b);
}

template <class Inspector>
auto inspect(Inspector& f, sync_id& x) {
  return f(caf::meta::type_name("sync_id"), x.connection, x.name);
}

template <class Inspector>
auto inspect(Inspector& f, variant_key& x) {
  return f(caf::meta::type_name("variant_key"), x.sync, x.name);
}

template <class Inspector>
auto inspect(Inspector& f, token& x) {
  return f(caf::meta::type_name("token"), x.epoch, x.nonce);
}

} // namespace varia
