#include "core/time_zone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>

#include <date/tz.h>

namespace varia {

namespace {

// So far that adding an offset or a day cannot overflow.
constexpr time_ms time_max = time_ms{1} << 61;

time_ms to_ms(date::sys_seconds at) {
  constexpr auto seconds_max = time_max / 1000;
  return std::clamp<time_ms>(at.time_since_epoch().count(), -seconds_max, seconds_max) * 1000;
}

} // namespace

expected<time_zone> time_zone::find(const std::string& name) {
  if (name == "UTC")
    return time_zone{};
  try {
    return time_zone{date::locate_zone(name)};
  } catch (const std::exception&) {
    return fail(errc::invalid, "there is no time zone \"" + name + "\"");
  }
}

zone_span time_zone::span_at(time_ms at) const {
  if (zone_ == nullptr)
    return {-time_max, time_max, milliseconds{0}};
  auto moment = date::floor<std::chrono::seconds>(date::sys_time<milliseconds>{milliseconds{at}});
  auto info = zone_->get_info(moment);
  return {to_ms(info.begin), to_ms(info.end), info.offset};
}

std::string time_zone::render(time_ms at) const {
  auto span = span_at(at);
  auto local = to_iso_z(span.to_local(at));
  auto minutes = std::chrono::duration_cast<std::chrono::minutes>(span.offset).count();
  return fmt::format("{}{}{:02}:{:02}", local.substr(0, 19), minutes < 0 ? '-' : '+',
                     std::abs(minutes) / 60, std::abs(minutes) % 60);
}

} // namespace varia
