#include "store/obstacles.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <string_view>

namespace varia {

namespace {

// Who has not asked for so long has lost its place in a row; see gates.lua.
constexpr time_ms silent_max = 3000;

// So many of those that wait for a request are looked at.
constexpr auto row_max = "999";

enum question : size_t {
  of_time,
  of_head,
  of_connection_row,
  of_connection_heard,
  of_connection_runs,
  of_integration_row,
  of_integration_heard,
  of_integration_runs,
  of_budget,
  of_permits,
  of_budget_count,
  of_budget_row,
  of_credentials
};

void ask_of_gate(const std::string& gate, const std::string& id, const std::string& now,
                 std::vector<owned_command>& to) {
  to.push_back({"ZRANK", gate + ":row", id});
  to.push_back({"ZSCORE", gate + ":heard", id});
  to.push_back({"ZCOUNT", gate + ":runs", now, "+inf"});
}

std::vector<owned_command> questions_of(const variant_ref& variant, const connection& of) {
  auto now = std::to_string(now_ms());
  auto budget = keys::budget(std::to_string(of.number));
  std::vector<owned_command> result{
    {"TIME"}, {"HMGET", keys::head(variant), "want", "asked", "inbox", "event", "before"}};
  ask_of_gate(keys::connection_gate(of.number), variant.id, now, result);
  ask_of_gate(keys::integration_gate(of.environment, of.provider_config_key), variant.id, now,
              result);
  result.push_back({"HMGET", budget, "requests", "per", "until", "why"});
  result.push_back({"ZCOUNT", budget + ":permits", now, "+inf"});
  result.push_back({"ZCARD", budget + ":row"});
  result.push_back({"ZRANGE", budget + ":row", "0", row_max});
  result.push_back({"HMGET", keys::connection(of.number), "refusals", "refused_until"});
  return result;
}

gate_place place_of(const std::vector<redis::reply>& answers, size_t first, time_ms now) {
  gate_place result;
  result.waits = answers[first]->type == REDIS_REPLY_INTEGER
                 && number_of(*answers[first + 1]) + silent_max > now;
  result.ahead = result.waits ? static_cast<uint64_t>(number_of(*answers[first])) : 0;
  result.inside = static_cast<uint64_t>(number_of(*answers[first + 2]));
  return result;
}

// The row has "<process> <variant>" of each variant that waits.
bool stands_in(const redisReply& row, const std::string& id) {
  auto end = ' ' + id;
  for (size_t i = 0; i < row.elements; ++i) {
    std::string_view member{row.element[i]->str, row.element[i]->len};
    if (member.size() >= end.size() && member.substr(member.size() - end.size()) == end)
      return true;
  }
  return false;
}

void read_head(const redisReply& fields, obstacles& to) {
  to.wanted = static_cast<uint32_t>(number_of(*fields.element[0]));
  to.asked_at = to.wanted > 0 ? number_of(*fields.element[1]) : 0;
  auto is_taken = fields.element[3]->type != REDIS_REPLY_NIL;
  to.handles_event = fields.element[4]->type != REDIS_REPLY_NIL;
  to.events = static_cast<uint64_t>(number_of(*fields.element[2]))
              + (is_taken && !to.handles_event ? 1 : 0);
}

} // namespace

expected<obstacles> read_obstacles(redis& db, const variant_ref& variant, const connection& of) {
  auto answers = run_checked(db, questions_of(variant, of));
  if (!answers)
    return std::move(answers.error());
  auto& all = *answers;
  auto number = [&](question which, size_t i) { return number_of(*all[which]->element[i]); };
  obstacles result;
  result.now = number(of_time, 0) * 1000 + number(of_time, 1) / 1000;
  read_head(*all[of_head], result);
  result.of_connection = place_of(all, of_connection_row, result.now);
  result.of_integration = place_of(all, of_integration_row, result.now);
  result.requests = static_cast<uint32_t>(number(of_budget, 0));
  result.per = milliseconds{number(of_budget, 1)};
  if (auto until = number(of_budget, 2); until > result.now) {
    result.paused_until = until;
    result.pause_reason = text_of(*all[of_budget]->element[3]);
  }
  result.granted = static_cast<uint64_t>(number_of(*all[of_permits]));
  result.row = static_cast<uint64_t>(number_of(*all[of_budget_count]));
  result.waits_for_request = stands_in(*all[of_budget_row], variant.id);
  result.refusals = static_cast<uint32_t>(number(of_credentials, 0));
  result.refused_until = number(of_credentials, 1);
  return result;
}

} // namespace varia
