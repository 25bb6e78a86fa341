#include "api/run_text.hpp"

#include "api/connection_text.hpp"
#include "api/validation.hpp"
#include "core/time.hpp"

#include <cstdlib>
#include <string>

namespace varia {

namespace {

uint64_t number_at(const json& detail, const char* key) {
  auto found = detail.find(key);
  return found != detail.end() && found->is_number() ? found->get<uint64_t>() : 0;
}

std::string begin_reason(const json& detail) {
  auto trigger = text_at(detail, "trigger");
  if (trigger == "manual")
    return "triggered";
  if (trigger == "event")
    return "an event came";
  if (trigger == "interrupted")
    return "the run before goes on";
  if (trigger == "retry")
    return "retry " + std::to_string(number_at(detail, "retry")) + " of "
           + std::to_string(number_at(detail, "retries"));
  auto missed = number_at(detail, "missed");
  return missed == 0 ? "due" : "due, also for " + std::to_string(missed) + " missed before";
}

std::string end_reason(const std::string& what, const json& detail) {
  auto error = member(detail, "error");
  if (error == nullptr || !error->is_object())
    return what;
  if (text_at(*error, "type") == "run_lost")
    return "fenced: another worker has the variant now";
  return text_at(*error, "description", what);
}

std::string reason_of(const std::string& what, const json& detail) {
  if (what == "started")
    return begin_reason(detail);
  if (what == "triggered")
    return flag_at(detail, "reset") ? "a run with reset was asked for" : "a run was asked for";
  if (what == "checkpoint")
    return "somebody set the checkpoint";
  auto reason = text_at(detail, "reason");
  if (what == "paused" && reason.empty())
    return "somebody asked for it";
  if (what == "resumed")
    return "started";
  return reason.empty() ? end_reason(what, detail) : reason;
}

// The id of an entry of a stream begins with its time.
time_ms time_of(const std::string& id) {
  return std::strtoll(id.c_str(), nullptr, 10);
}

} // namespace

json run_text(const run_entry& x) {
  auto detail = stored_json(x.detail, json::object());
  return {{"id", x.id},
          {"at", to_iso_z(time_of(x.id))},
          {"what", x.what},
          {"reason", reason_of(x.what, detail)},
          {"detail", detail}};
}

json line_text(const stored_line& x) {
  json result{{"id", x.id}};
  if (auto known = stored_json(x.text, json::object()); known.is_object())
    result.update(known);
  return result;
}

} // namespace varia
