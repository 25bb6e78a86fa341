#include "store/actions.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace varia {

namespace {

constexpr auto queue_class = "q";
constexpr std::array phase_names{"waiting", "running", "success", "failed"};

// How many lines one call appends.
constexpr size_t lines_max = 500;

using field_map = std::map<std::string, std::string>;

std::string class_of(const action_order& x) {
  return x.is_queued ? queue_class : std::to_string(x.depth);
}

field_map read_fields(const redisReply& reply) {
  field_map result;
  for (size_t i = 0; i + 1 < reply.elements; i += 2)
    result.emplace(text_of(*reply.element[i]), text_of(*reply.element[i + 1]));
  return result;
}

std::string text_in(const field_map& fields, const char* name) {
  auto found = fields.find(name);
  return found == fields.end() ? std::string{} : found->second;
}

int64_t number_in(const field_map& fields, const char* name) {
  auto text = text_in(fields, name);
  int64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

action_order order_of(const std::string& id, const field_map& fields) {
  action_order result;
  result.id = id;
  result.environment = text_in(fields, "environment");
  result.connection = static_cast<connection_number>(number_in(fields, "connection"));
  result.provider_config_key = text_in(fields, "integration");
  result.connection_id = text_in(fields, "connection_id");
  result.kind = text_in(fields, "kind");
  result.name = text_in(fields, "name");
  result.input = text_in(fields, "input");
  result.is_queued = text_in(fields, "class") == queue_class;
  result.depth = static_cast<uint32_t>(number_in(fields, "depth"));
  result.retries = static_cast<uint32_t>(number_in(fields, "retries"));
  result.start_max = milliseconds{number_in(fields, "start_max")};
  result.run_max = milliseconds{number_in(fields, "run_max")};
  result.kept_for = milliseconds{number_in(fields, "keep")};
  result.notice = text_in(fields, "notice");
  result.notice_to = text_in(fields, "notice_to");
  result.activity = text_in(fields, "by");
  result.trace = text_in(fields, "trace");
  return result;
}

std::vector<std::string> fields_of(const action_order& x) {
  return {"class",
          class_of(x),
          "environment",
          x.environment,
          "connection",
          std::to_string(x.connection),
          "integration",
          x.provider_config_key,
          "connection_id",
          x.connection_id,
          "kind",
          x.kind,
          "name",
          x.name,
          "input",
          x.input,
          "depth",
          std::to_string(x.depth),
          "retries",
          std::to_string(x.retries),
          "start_max",
          std::to_string(x.start_max.count()),
          "run_max",
          std::to_string(x.run_max.count()),
          "keep",
          std::to_string(x.kept_for.count()),
          "notice",
          x.notice,
          "notice_to",
          x.notice_to,
          "by",
          x.activity,
          "trace",
          x.trace};
}

expected<action_phase> phase_of(const std::string& text) {
  auto found = std::find(phase_names.begin(), phase_names.end(), text);
  if (found == phase_names.end())
    return fail(errc::internal, "an action in no known phase");
  return static_cast<action_phase>(found - phase_names.begin());
}

expected<action_state> state_of(const std::string& id, const field_map& fields) {
  auto phase = phase_of(text_in(fields, "state"));
  if (!phase)
    return std::move(phase.error());
  action_state result;
  result.order = order_of(id, fields);
  result.phase = *phase;
  result.tries = static_cast<uint64_t>(number_in(fields, "tries"));
  result.worker = text_in(fields, "worker");
  result.created_at = number_in(fields, "created");
  result.started_at = number_in(fields, "started");
  result.finished_at = number_in(fields, "finished");
  result.error = text_in(fields, "error");
  return result;
}

const char* word_of(action_outcome::kind x) {
  switch (x) {
    case action_outcome::kind::success: return "success";
    case action_outcome::kind::interrupted: return "interrupted";
    default: return "failed";
  }
}

std::vector<std::string> texts_of(const redisReply& list) {
  std::vector<std::string> result;
  for (size_t i = 0; i < list.elements; ++i)
    result.push_back(text_of(*list.element[i]));
  return result;
}

} // namespace

const char* to_string(action_phase x) {
  return phase_names[static_cast<size_t>(x)];
}

std::string action_error(const std::string& type, const std::string& description) {
  nlohmann::ordered_json result{{"type", type}, {"description", description}};
  return result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

expected<void> actions::put(const action_order& order, const action_limits& limits) {
  std::vector<std::string> args{order.id, std::to_string(limits.all_max),
                                std::to_string(limits.row_max)};
  auto fields = fields_of(order);
  args.insert(args.end(), std::make_move_iterator(fields.begin()),
              std::make_move_iterator(fields.end()));
  if (auto done = call(db_, "action_put", {keys::actions}, args); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<std::vector<taken_action>> actions::take(const std::string& claim,
                                                  const std::string& worker,
                                                  const action_room& room, milliseconds lease) {
  std::vector<std::string> args{claim, worker, std::to_string(lease.count())};
  // What is nested deepest goes first: somebody holds a place while it waits.
  for (auto depth = room.by_depth.size(); depth > 0; --depth) {
    args.push_back(std::to_string(depth - 1));
    args.push_back(std::to_string(room.by_depth[depth - 1]));
  }
  args.emplace_back(queue_class);
  args.push_back(std::to_string(room.queued));
  auto reply = call(db_, "action_take", {keys::actions}, args);
  if (!reply)
    return std::move(reply.error());
  std::vector<taken_action> result;
  for (size_t i = 0; i < (*reply)->elements; ++i) {
    auto& entry = *(*reply)->element[i];
    auto fields = read_fields(*entry.element[1]);
    result.push_back({order_of(text_of(*entry.element[0]), fields),
                      static_cast<uint64_t>(number_in(fields, "tries"))});
  }
  return result;
}

expected<bool> actions::may_take(const std::string& worker) {
  auto duty = db_.run({"HGET", keys::duties, worker});
  if (!duty)
    return std::move(duty.error());
  return (*duty)->type == REDIS_REPLY_NIL;
}

expected<std::vector<std::string>>
actions::renew(const std::string& claim, const std::vector<std::string>& ids, milliseconds lease) {
  std::vector<std::string> args{claim, std::to_string(lease.count())};
  args.insert(args.end(), ids.begin(), ids.end());
  auto reply = call(db_, "action_renew", {keys::actions}, args);
  if (!reply)
    return std::move(reply.error());
  return texts_of(**reply);
}

expected<bool> actions::end(const action_ticket& ticket, const action_outcome& outcome) {
  auto pause = outcome.retry_after ? std::to_string(outcome.retry_after->count()) : std::string{};
  auto reply = call(db_, "action_end", {keys::actions},
                    {ticket.id, ticket.claim, word_of(outcome.what), outcome.output, outcome.error,
                     std::move(pause)});
  if (!reply)
    return std::move(reply.error());
  return number_of(**reply) == 1;
}

expected<action_phase> actions::give_up(const std::string& id, const std::string& error) {
  auto reply = call(db_, "action_give_up", {keys::actions}, {id, error});
  if (!reply)
    return std::move(reply.error());
  return phase_of(text_of(**reply));
}

expected<std::optional<action_state>> actions::find(const std::string& id) {
  auto answers = run_checked(db_, std::vector<owned_command>{{"HGETALL", keys::action(id)},
                                                             {"GET", keys::action_output(id)}});
  if (!answers)
    return std::move(answers.error());
  auto fields = read_fields(*answers->front());
  if (fields.empty())
    return std::nullopt;
  auto state = state_of(id, fields);
  if (!state)
    return std::move(state.error());
  state->output = text_of(*answers->back());
  return std::optional{std::move(*state)};
}

expected<std::vector<action_state>> actions::recent(connection_number connection, size_t count) {
  auto past = keys::actions_past(connection);
  auto last = std::to_string(static_cast<int64_t>(count) - 1);
  auto reply = db_.run({"LRANGE", past, "0", last});
  if (!reply)
    return std::move(reply.error());
  auto ids = texts_of(**reply);
  std::vector<owned_command> questions;
  questions.reserve(ids.size());
  for (auto& id : ids)
    questions.push_back({"HGETALL", keys::action(id)});
  auto answers = run_checked(db_, questions);
  if (!answers)
    return std::move(answers.error());
  std::vector<action_state> result;
  for (size_t i = 0; i < ids.size(); ++i) {
    auto fields = read_fields(*(*answers)[i]);
    if (fields.empty())
      continue;
    auto state = state_of(ids[i], fields);
    if (!state)
      return std::move(state.error());
    state->order.input.clear();
    result.push_back(std::move(*state));
  }
  return result;
}

expected<void> actions::log(const action_ticket& ticket, const std::vector<log_line>& lines,
                            milliseconds kept_for) {
  for (size_t first = 0; first < lines.size(); first += lines_max) {
    std::vector<std::string> args{ticket.id, ticket.claim, std::to_string(kept_for.count())};
    for (auto i = first; i < std::min(first + lines_max, lines.size()); ++i) {
      args.push_back(std::to_string(static_cast<int>(lines[i].level)));
      args.push_back(lines[i].text);
    }
    if (auto done = call(db_, "action_log", {keys::actions}, args); !done)
      return std::move(done.error());
  }
  return caf::unit;
}

expected<std::vector<stored_line>> actions::read_log(const std::string& id,
                                                     const log_query& query) {
  return read_lines(db_, keys::action_log(id), query);
}

expected<checkpoint> actions::load_checkpoint(const action_ticket& ticket) {
  auto reply = call(db_, "action_checkpoint_get", {keys::actions}, {ticket.id, ticket.claim});
  if (!reply)
    return std::move(reply.error());
  return read_checkpoint(**reply);
}

expected<uint64_t> actions::save_checkpoint(const action_ticket& ticket, const std::string& json,
                                            uint64_t version) {
  if (auto good = check_checkpoint(json); !good)
    return std::move(good.error());
  return set_checkpoint(ticket, json, version);
}

expected<uint64_t> actions::clear_checkpoint(const action_ticket& ticket, uint64_t version) {
  return set_checkpoint(ticket, {}, version);
}

expected<uint64_t> actions::set_checkpoint(const action_ticket& ticket, const std::string& json,
                                           uint64_t version) {
  auto reply = call(db_, "action_checkpoint_set", {keys::actions},
                    {ticket.id, ticket.claim, json, std::to_string(version)});
  if (!reply)
    return std::move(reply.error());
  return static_cast<uint64_t>(number_of(**reply));
}

expected<void> actions::forget(connection_number connection) {
  std::vector<std::string> args{std::to_string(connection),
                                action_error("script_aborted", "the connection was deleted"),
                                queue_class};
  for (uint32_t depth = 0; depth <= action_depth_max; ++depth)
    args.push_back(std::to_string(depth));
  if (auto done = call(db_, "action_forget", {keys::actions}, args); !done)
    return std::move(done.error());
  return caf::unit;
}

} // namespace varia
