#pragma once

#include "api/json.hpp"
#include "core/error.hpp"
#include "store/cursor.hpp"
#include "store/redis.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace varia {

/// Where a backup goes on. What comes first is read first: what everything else rests on, then
/// connections, variants with their checkpoints, their records, and whether they are started.
struct backup_place {
  enum class phase : uint8_t { setting, functions, connections, variants, records, states };

  phase at = phase::setting;
  uint64_t number = 0; ///< Index of a function, or number of the connection that is looked at.
  std::string sync;    ///< Of the variant that is looked at, as the next three.
  std::string variant;
  std::string model;
  record_place record = 0; ///< Records behind it come next.
};

/// Renders a place as a text for URLs.
std::string to_cursor(const backup_place& x);

/// Reads what `to_cursor` wrote; nothing if it is something else. The empty text is the beginning.
std::optional<backup_place> parse_backup_cursor(const std::string& text);

struct backup_piece {
  json items = json::array();
  std::optional<backup_place> next; ///< Nothing: that was all.
};

/// Reads one environment, piece by piece. A piece holds some megabytes at most, unless a single
/// record or function has more. What changes meanwhile may be in it as it was or as it is; a
/// checkpoint is never newer than the records that belong to it.
class backup_reader {
public:
  /// `secrets`: what lets somebody in is part of it.
  backup_reader(redis& db, std::string environment, bool secrets)
    : db_{db}, environment_{std::move(environment)}, secrets_{secrets} {}

  expected<backup_piece> read(const backup_place& from);

private:
  expected<backup_piece> read_setting();
  expected<backup_piece> read_functions(const backup_place& from);
  expected<backup_piece> read_connections(const backup_place& from);
  expected<backup_piece> read_variants(const backup_place& from);
  expected<backup_piece> read_states(const backup_place& from);
  expected<backup_piece> read_all_records(backup_place from);

  redis& db_;
  std::string environment_;
  bool secrets_;
};

} // namespace varia
