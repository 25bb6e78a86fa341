#include "api/variant_wishes.hpp"

#include "api/connection_text.hpp"
#include "api/syncs.hpp"
#include "core/frequency.hpp"
#include "store/connections.hpp"

#include <utility>

namespace varia {

namespace {

constexpr size_t settings_bytes_max = size_t{16} * 1024;

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

schema frequency() {
  return text(
    {holds([](const std::string& x) { return !!parse_frequency(x); }, "Sync interval is invalid")});
}

const char* code_of_outcome(order_outcome outcome) {
  return to_string(outcome);
}

std::string message_of(order_outcome outcome, uint32_t limit) {
  if (outcome != order_outcome::full)
    return {};
  return "Maximum number of variants per sync (" + std::to_string(limit) + ") reached";
}

} // namespace

schema variant_settings() {
  return refined(
    nullable(record_of(any_value())), [](const json* value, const json_path& path, issues& found) {
      if (value != nullptr && dumped(*value).size() > settings_bytes_max)
        found.push_back({"too_big", "Too big: expected settings to have <=16384 bytes", path});
    });
}

schema wish_body(fields others) {
  others.emplace_back("frequency", optional(nullable(frequency())));
  others.emplace_back("start", optional(boolean()));
  others.emplace_back("settings", optional(variant_settings()));
  others.emplace_back("reset_on_change", optional(boolean()));
  return object(std::move(others));
}

variant_order read_wish(order_verb verb, const std::string& name, const json& wish,
                        const function& deployed) {
  variant_order result;
  result.verb = verb;
  result.name = name;
  result.id = make_uuid();
  result.starts_paused = !deployed.auto_start;
  if (wish.contains("start"))
    result.pause = flag_at(wish, "start") ? 0 : 1;
  result.sets_frequency = wish.contains("frequency");
  result.frequency = text_at(wish, "frequency");
  if (auto settings = member(wish, "settings")) {
    result.sets_settings = true;
    result.settings = settings->is_null() ? std::string{} : dumped(*settings);
  }
  result.resets = flag_at(wish, "reset_on_change");
  return result;
}

expected<std::variant<sync_place, http_response>> find_sync(api_call& x, const json& ids,
                                                            const std::string& name) {
  using result = std::variant<sync_place, http_response>;
  auto key = text_at(ids, "provider_config_key");
  auto number = connections{x.db}.number_of(x.environment(), key, text_at(ids, "connection_id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return result{refuse(400, "unknown_connection")};
  auto deployed = functions{x.db}.find(x.environment(), key, name);
  if (!deployed)
    return std::move(deployed.error());
  if (!*deployed)
    return result{refuse(400, "unknown_sync")};
  return result{sync_place{{*number, name}, std::move(**deployed)}};
}

variant_batch batch_for(const sync_place& place) {
  variant_batch result;
  result.sync = place.sync;
  result.due = timing_of(place.deployed);
  return result;
}

http_response refuse_order(order_outcome outcome, uint32_t limit) {
  auto status = outcome == order_outcome::not_found ? 404 : 400;
  return refuse(status, code_of_outcome(outcome), message_of(outcome, limit));
}

json result_text(const order_result& result, uint32_t limit) {
  auto& name = result.entry.key.name;
  if (!is_refusal(result.outcome))
    return {{"variant", name}, {"outcome", to_string(result.outcome)}, {"id", result.entry.id}};
  auto error = json{{"code", code_of_outcome(result.outcome)}};
  if (auto message = message_of(result.outcome, limit); !message.empty())
    error["message"] = message;
  return {{"variant", name}, {"outcome", "refused"}, {"error", std::move(error)}};
}

json limit_text(size_t max, size_t used) {
  return {{"max", max}, {"used", used}};
}

json settings_json(const variant_entry& entry) {
  return stored_json(entry.settings, json::object());
}

} // namespace varia
