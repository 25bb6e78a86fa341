#include "store/runs.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace varia {

namespace {

constexpr std::array outcome_names{"running", "success", "failed", "cancelled", "interrupted"};

std::optional<run_outcome> parse_outcome(std::string_view text) {
  for (size_t i = 0; i < outcome_names.size(); ++i)
    if (text == outcome_names[i])
      return static_cast<run_outcome>(i);
  return std::nullopt;
}

int64_t parse_number(std::string_view text) {
  int64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

// Reads a field that counts something of a model, such as "n:Order".
void read_count(char what, const std::string& model, int64_t number, variant_state& to) {
  switch (what) {
    case 'n': to.record_count[model] = number; break;
    case 'b': to.record_bytes[model] = number; break;
    case 'a': to.result[model].added = number; break;
    case 'u': to.result[model].updated = number; break;
    case 'd': to.result[model].deleted = number; break;
    default: break;
  }
}

// Reads "s1200:53 f300:0".
std::vector<recent_run> read_recent(std::string_view text) {
  std::vector<recent_run> result;
  while (!text.empty()) {
    auto one = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    auto mark = one.find(':');
    for (size_t i = 0; mark != std::string_view::npos && i < outcome_names.size(); ++i)
      if (one.front() == outcome_names[i][0])
        result.push_back({static_cast<run_outcome>(i),
                          milliseconds{parse_number(one.substr(1, mark - 1))},
                          parse_number(one.substr(mark + 1))});
  }
  return result;
}

void read_field(std::string_view name, std::string_view value, variant_state& to) {
  auto number = [value] { return parse_number(value); };
  if (name.size() > 2 && name[1] == ':')
    read_count(name[0], std::string{name.substr(2)}, number(), to);
  else if (name == "token")
    to.placement.owner = parse_token(std::string{value});
  else if (name == "worker")
    to.placement.worker = value;
  else if (name == "state")
    to.last_outcome = parse_outcome(value);
  else if (name == "run")
    to.run = static_cast<uint64_t>(number());
  else if (name == "started")
    to.started_at = number();
  else if (name == "finished")
    to.finished_at = number();
  else if (name == "slot")
    to.last_slot = number();
  else if (name == "sync")
    to.last_sync = number();
  else if (name == "fails")
    to.fails = static_cast<uint32_t>(number());
  else if (name == "retry")
    to.retries = static_cast<uint32_t>(number());
  else if (name == "asked")
    to.asked_at = number();
  else if (name == "want" || name == "event" || (name == "inbox" && number() > 0))
    to.wanted = true;
  else if (name == "recent")
    to.recent = read_recent(value);
  else if (name == "ckpt")
    to.checkpoint = value;
  else if (name == "error")
    to.error = value;
  else if (name == "prog")
    to.progress = value;
  else if (name == "waited")
    to.waited_ms = number();
  else if (name == "batch")
    to.batches = number();
}

variant_state state_of(const redisReply& fields) {
  variant_state result;
  for (size_t i = 0; i + 1 < fields.elements; i += 2) {
    auto& name = *fields.element[i];
    auto& value = *fields.element[i + 1];
    read_field({name.str, name.len}, {value.str, value.len}, result);
  }
  return result;
}

// Returns the value of a field of a stream entry's list of names and values.
std::string field_of(const redisReply& fields, std::string_view name) {
  for (size_t i = 0; i + 1 < fields.elements; i += 2)
    if (name == std::string_view{fields.element[i]->str, fields.element[i]->len})
      return text_of(*fields.element[i + 1]);
  return {};
}

expected<void> without_answer(expected<redis::reply> reply) {
  if (!reply)
    return std::move(reply.error());
  return caf::unit;
}

std::string number_or_nothing(std::optional<time_ms> x) {
  return x ? std::to_string(*x) : std::string{};
}

} // namespace

const char* to_string(run_outcome x) {
  return outcome_names[static_cast<size_t>(x)];
}

failing failing_of(const variant_state& x) {
  auto has_failed = x.last_outcome == run_outcome::failed && x.fails > 0;
  return {x.fails, x.retries, has_failed ? x.finished_at : -1};
}

expected<void> runs::put_event(const variant_ref& variant, const std::string& event) {
  return without_answer(
    call(db_, "event_put", {keys::head(variant), keys::inbox(variant)}, {event}));
}

expected<run_start> runs::begin(const variant_ref& variant, const token& owner,
                                const run_cause& cause) {
  auto reply
    = call(db_, "run_begin", {keys::head(variant)},
           {to_string(owner), number_or_nothing(cause.slot), std::to_string(cause.waited.count()),
            cause.only_if_wanted ? "1" : "0", std::to_string(cause.missed),
            std::to_string(cause.retry), std::to_string(cause.retries)});
  if (!reply)
    return std::move(reply.error());
  auto& answer = **reply;
  run_start result;
  if (answer.type == REDIS_REPLY_STATUS) {
    result.is_idle = true;
    return result;
  }
  result.ticket = {variant, owner, static_cast<uint64_t>(number_of(*answer.element[0]))};
  result.started_at = number_of(*answer.element[1]);
  if (answer.element[2]->len > 0)
    result.last_sync = number_of(*answer.element[2]);
  result.empty_cache = number_of(*answer.element[3]) == 1;
  result.event = text_of(*answer.element[4]);
  result.trace = text_of(*answer.element[5]);
  return result;
}

expected<void> runs::tell_progress(const run_ticket& ticket, const std::string& progress) {
  return without_answer(call(db_, "run_progress", {keys::head(ticket.variant)},
                             {to_string(ticket.owner), std::to_string(ticket.run), progress}));
}

expected<run_ending> runs::end(const run_ticket& ticket, const run_report& report) {
  if (report.outcome == run_outcome::running)
    return fail(errc::invalid, "a run cannot end as running");
  auto reply
    = call(db_, "run_end", {keys::head(ticket.variant)},
           {to_string(ticket.owner), std::to_string(ticket.run), to_string(report.outcome),
            report.error, report.needs_progress ? "1" : "0", std::to_string(ticket.answered),
            report.models.empty() ? std::string{} : nlohmann::json(report.models).dump(),
            report.is_incremental ? "1" : "0", report.progress, report.trace});
  if (!reply)
    return std::move(reply.error());
  auto& answer = **reply;
  auto outcome = parse_outcome(text_of(*answer.element[0])).value_or(report.outcome);
  failing failed{static_cast<uint32_t>(number_of(*answer.element[2])),
                 static_cast<uint32_t>(number_of(*answer.element[3])),
                 number_of(*answer.element[4])};
  return run_ending{outcome, number_of(*answer.element[1]) == 1, failed};
}

expected<void> runs::note(const variant_ref& variant, const token& owner, const std::string& what,
                          const std::string& reason, std::optional<time_ms> slot, uint32_t count,
                          bool is_settled) {
  return without_answer(call(db_, "run_note", {keys::head(variant)},
                             {to_string(owner), what, reason, number_or_nothing(slot),
                              std::to_string(count), is_settled ? "1" : "0"}));
}

expected<std::vector<variant_state>> runs::states(const std::vector<variant_ref>& variants) {
  std::vector<owned_command> questions;
  questions.reserve(variants.size());
  for (auto& variant : variants)
    questions.push_back({"HGETALL", keys::head(variant)});
  auto answers = run_checked(db_, questions);
  if (!answers)
    return std::move(answers.error());
  std::vector<variant_state> result;
  result.reserve(variants.size());
  for (auto& answer : *answers)
    result.push_back(state_of(*answer));
  return result;
}

expected<std::vector<run_entry>> runs::history(const variant_ref& variant, size_t count) {
  auto stream = keys::run_history(variant);
  auto limit = std::to_string(count);
  auto reply = db_.run({"XREVRANGE", stream, "+", "-", "COUNT", limit});
  if (!reply)
    return std::move(reply.error());
  std::vector<run_entry> result;
  for (size_t i = 0; i < (*reply)->elements; ++i) {
    auto& entry = *(*reply)->element[i];
    auto& fields = *entry.element[1];
    result.push_back({text_of(*entry.element[0]), field_of(fields, "w"), field_of(fields, "d")});
  }
  return result;
}

} // namespace varia
