#pragma once

#include "core/time.hpp"
#include "store/cursor.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace varia {

/// One record as the script made it. `payload` is the JSON text of an object; it is stored and
/// returned byte for byte.
struct saved_record {
  std::string id;
  std::string payload;
};

enum class last_action { added, updated, deleted };

const char* to_string(last_action x); ///< "ADDED", "UPDATED", "DELETED".

/// What the store keeps of a record beside its payload; `docs/formats.md` tells the bytes.
struct record_meta {
  record_place place = 0; ///< Of its last change.
  time_ms first_seen_at = 0;
  std::optional<time_ms> pruned_at;
  std::optional<time_ms> deleted_at;
  size_t bytes = 0; ///< Of payload; 0 if pruned.
  last_action action = last_action::added;
};

/// Reads the bytes that records.lua packs. Fails with `internal` if they are something else.
expected<record_meta> read_record_meta(std::string_view bytes);

/// One record as a reader sees it.
struct stored_record {
  std::string id;
  std::string payload; ///< JSON text of an object; empty if pruned.
  record_meta meta;
  std::string variant; ///< Its variant's name, if the reader asked for several.

  time_ms last_modified_at() const { return time_of(meta.place); }
  std::string cursor() const { return to_cursor(meta.place); }
};

} // namespace varia
