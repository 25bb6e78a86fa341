#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <string>

namespace date {
class time_zone;
}

namespace varia {

/// A stretch of time, up to but not including `end`, in which a zone keeps one distance from UTC.
struct zone_span {
  time_ms begin = 0;
  time_ms end = 0;
  milliseconds offset{0}; ///< What is added to UTC.

  time_ms to_local(time_ms at) const { return at + offset.count(); }
  time_ms to_utc(time_ms local) const { return local - offset.count(); }
};

/// A time zone of the IANA database, as this host has it. Cheap to copy, and good for all threads.
class time_zone {
public:
  /// UTC, which needs no database.
  time_zone() = default;

  /// Finds "Europe/Berlin" and the like; `invalid` if there is no such zone here.
  static expected<time_zone> find(const std::string& name);

  zone_span span_at(time_ms at) const;

  /// Renders "2026-03-29T03:00:00+02:00".
  std::string render(time_ms at) const;

private:
  explicit time_zone(const date::time_zone* zone) : zone_{zone} {}

  const date::time_zone* zone_ = nullptr; ///< nullptr for UTC.
};

} // namespace varia
