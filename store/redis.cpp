#include "store/redis.hpp"

#include "core/stopwatch.hpp"
#include "store/keyring.hpp"
#include "store/redis_metrics.hpp"
#include "store/redis_place.hpp"
#include "store/redis_url.hpp"
#include "store/schema.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <type_traits>
#include <utility>

namespace varia {

namespace {

std::string_view view_of_text(const redisReply& reply) {
  return {reply.str, reply.len};
}

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

struct refusal {
  std::string_view begin;
  std::string_view words;
};

// What a server says that lives but cannot serve now; trying later may help.
constexpr std::array passing{
  refusal{"LOADING ", "Redis is loading its data"},
  refusal{"BUSY ", "Redis is busy"},
  refusal{"OOM ", "Redis is out of memory"},
  refusal{"MISCONF ", "Redis cannot write to its disk"},
  refusal{"NOREPLICAS ", "Redis has lost its replicas"},
  refusal{"CLUSTERDOWN ", "Redis is not ready"},
  refusal{"TRYAGAIN ", "Redis is not ready"},
  refusal{"ERR max number of clients", "Redis has too many clients"},
};

// The same where this connection is of no use any more, and a new one may be.
constexpr std::array parting{
  refusal{"READONLY ", "Redis is read-only"},
  refusal{"MASTERDOWN ", "Redis has lost its master"},
  refusal{"UNBLOCKED ", "Redis has become a replica"},
  refusal{"ERR Function not found", "Redis has lost our Functions"},
};

template <class List>
const refusal* find_refusal(const List& list, std::string_view text) {
  auto found = std::find_if(list.begin(), list.end(),
                            [&](const refusal& x) { return begins_with(text, x.begin); });
  return found == list.end() ? nullptr : &*found;
}

bool is_parting(const redis::reply& answer) {
  return answer->type == REDIS_REPLY_ERROR
         && find_refusal(parting, view_of_text(*answer)) != nullptr;
}

} // namespace

struct redis::state {
  std::shared_ptr<redis_place> place;
  bool keeps_functions = true;
  std::shared_ptr<const keyring> keys;
  std::optional<redis_place::opened> connection;

  caf::error open() {
    if (connection && connection->link.is_closed())
      connection.reset();
    if (connection)
      return {};
    auto opened = place->open();
    if (!opened)
      return std::move(opened.error());
    if (keeps_functions)
      if (auto kept = keep_functions(opened->link); !kept)
        return std::move(kept.error());
    connection.emplace(std::move(*opened));
    return {};
  }

  // Makes a call on the open connection.
  template <class Call>
  std::invoke_result_t<Call, redis_link&> use(Call call) {
    redis_place::turn turn{*place};
    if (turn.is_refused())
      return silence();
    if (auto closed = open()) {
      turn.note(closed);
      return closed;
    }
    auto answer = call(connection->link);
    turn.note(answer ? caf::error{} : answer.error());
    if (!answer)
      connection.reset();
    return answer;
  }
};

redis::redis(std::unique_ptr<state> made) : state_{std::move(made)} {}
redis::redis(redis&&) noexcept = default;
redis& redis::operator=(redis&&) noexcept = default;
redis::~redis() = default;

expected<redis> redis::make(const redis_config& config) {
  auto where = parse_redis_url(config.url);
  if (!where)
    return std::move(where.error());
  if (config.timeout.count() <= 0)
    return fail(errc::invalid, "the timeout of Redis must be positive");
  auto keys = keyring::load(config.key_file);
  if (!keys)
    return std::move(keys.error());
  auto made = std::make_unique<state>();
  made->place = std::make_shared<redis_place>(std::move(*where), config.timeout);
  made->keeps_functions = config.keeps_functions;
  made->keys = std::make_shared<const keyring>(std::move(*keys));
  return redis{std::move(made)};
}

redis redis::another() const {
  auto made = std::make_unique<state>();
  made->place = state_->place;
  made->keeps_functions = state_->keeps_functions;
  made->keys = state_->keys;
  return redis{std::move(made)};
}

expected<redis::reply> redis::run(const command& words) {
  stopwatch watch;
  auto answer = state_->use([&](redis_link& link) { return link.ask(words); });
  if (answer && is_parting(*answer))
    state_->connection.reset();
  auto refused = answer ? error_of(**answer) : answer.error();
  measure_redis_call(words, watch.seconds(), refused);
  if (refused)
    return refused;
  return answer;
}

expected<std::vector<redis::reply>> redis::run_all(const std::vector<command>& commands) {
  stopwatch watch;
  auto answers = state_->use([&](redis_link& link) { return link.ask_all(commands); });
  measure_redis_calls(watch.seconds(), answers ? caf::error{} : answers.error());
  if (answers && std::any_of(answers->begin(), answers->end(), is_parting))
    state_->connection.reset();
  return answers;
}

expected<std::string> redis::server_id() {
  return state_->use(
    [this](redis_link&) -> expected<std::string> { return state_->connection->server; });
}

const keyring& redis::keys() const {
  return *state_->keys;
}

caf::error error_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ERROR)
    return {};
  constexpr std::array<std::pair<std::string_view, errc>, 8> ours{{
    {"INVALID", errc::invalid},
    {"NOT_FOUND", errc::not_found},
    {"EXISTS", errc::exists},
    {"CONFLICT", errc::conflict},
    {"FULL", errc::full},
    {"FENCED", errc::fenced},
    {"CANCELLED", errc::cancelled},
    {"UNAVAILABLE", errc::unavailable},
  }};
  auto text = view_of_text(reply);
  auto first = text.substr(0, text.find(' '));
  auto rest = text.substr(std::min(text.size(), first.size() + 1));
  for (auto& [word, code] : ours)
    if (first == word)
      return fail(code, std::string{rest});
  auto found = find_refusal(passing, text);
  if (found == nullptr)
    found = find_refusal(parting, text);
  if (found != nullptr)
    return fail(errc::unavailable, std::string{found->words});
  return fail(errc::internal, "Redis: " + std::string{text});
}

std::string text_of(const redisReply& reply) {
  return std::string{reply.str == nullptr ? std::string_view{} : view_of_text(reply)};
}

int64_t number_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER)
    return reply.integer;
  int64_t result = 0;
  if (reply.str != nullptr)
    std::from_chars(reply.str, reply.str + reply.len, result);
  return result;
}

} // namespace varia
