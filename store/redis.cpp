#include "store/redis.hpp"

#include "store/redis_url.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>

#include <sys/time.h>

namespace varia {

namespace {

using context = std::unique_ptr<redisContext, void (*)(redisContext*)>;

void free_reply(redisReply* reply) {
  freeReplyObject(reply);
}

redis::reply own(void* raw) {
  return {static_cast<redisReply*>(raw), free_reply};
}

timeval to_timeval(std::chrono::milliseconds span) {
  return {span.count() / 1000, (span.count() % 1000) * 1000};
}

caf::error unavailable(const redisContext& connection) {
  return fail(errc::unavailable, std::string{"Redis: "} + connection.errstr);
}

// The pointers and sizes that hiredis wants of a command.
struct arguments {
  explicit arguments(const redis::command& words) {
    for (auto word : words) {
      data.push_back(word.data());
      sizes.push_back(word.size());
    }
  }

  int count() const { return static_cast<int>(data.size()); }

  std::vector<const char*> data;
  std::vector<size_t> sizes;
};

redis::reply send(redisContext& connection, const redis::command& words) {
  arguments args{words};
  return own(redisCommandArgv(&connection, args.count(), args.data.data(), args.sizes.data()));
}

// Says who we are and which database we mean; hiredis does neither.
caf::error introduce(redisContext& connection, const redis_url& where) {
  std::vector<redis::command> greetings;
  auto database = std::to_string(where.database);
  if (!where.user.empty())
    greetings.push_back({"AUTH", where.user, where.password});
  else if (!where.password.empty())
    greetings.push_back({"AUTH", where.password});
  if (where.database != 0)
    greetings.push_back({"SELECT", database});
  for (auto& greeting : greetings) {
    auto answer = send(connection, greeting);
    if (!answer)
      return unavailable(connection);
    if (answer->type == REDIS_REPLY_ERROR)
      return fail(errc::unavailable, "Redis refuses " + std::string{greeting.front()});
  }
  return {};
}

expected<context> connect(const redis_url& where, std::chrono::milliseconds timeout) {
  auto span = to_timeval(timeout);
  context result{where.socket.empty()
                   ? redisConnectWithTimeout(where.host.c_str(), where.port, span)
                   : redisConnectUnixWithTimeout(where.socket.c_str(), span),
                 redisFree};
  if (!result)
    return fail(errc::unavailable, "Redis: out of memory");
  if (result->err != 0)
    return unavailable(*result);
  redisSetTimeout(result.get(), span);
  if (where.socket.empty())
    redisEnableKeepAlive(result.get());
  if (auto refused = introduce(*result, where))
    return refused;
  return result;
}

// hiredis writes to sockets that the peer may have closed, which would end the process.
void ignore_broken_pipes() {
  struct sigaction now {};
  if (sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
    std::signal(SIGPIPE, SIG_IGN);
}

} // namespace

struct redis::state {
  redis_url where;
  std::chrono::milliseconds timeout;
  context connection{nullptr, redisFree};

  caf::error open() {
    if (connection)
      return {};
    auto opened = connect(where, timeout);
    if (!opened)
      return std::move(opened.error());
    connection = std::move(*opened);
    return {};
  }

  // A connection that failed once is out of step for ever.
  caf::error give_up() {
    auto why = unavailable(*connection);
    connection.reset();
    return why;
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
  ignore_broken_pipes();
  auto made = std::make_unique<state>();
  made->where = std::move(*where);
  made->timeout = config.timeout;
  return redis{std::move(made)};
}

expected<redis::reply> redis::run(const command& words) {
  if (auto closed = state_->open())
    return closed;
  auto answer = send(*state_->connection, words);
  if (!answer)
    return state_->give_up();
  if (auto refused = error_of(*answer))
    return refused;
  return answer;
}

expected<std::vector<redis::reply>> redis::run_all(const std::vector<command>& commands) {
  if (auto closed = state_->open())
    return closed;
  auto* connection = state_->connection.get();
  for (auto& words : commands) {
    arguments args{words};
    if (redisAppendCommandArgv(connection, args.count(), args.data.data(), args.sizes.data())
        != REDIS_OK)
      return state_->give_up();
  }
  std::vector<reply> answers;
  answers.reserve(commands.size());
  while (answers.size() < commands.size()) {
    void* raw = nullptr;
    if (redisGetReply(connection, &raw) != REDIS_OK)
      return state_->give_up();
    answers.push_back(own(raw));
  }
  return answers;
}

caf::error error_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ERROR)
    return {};
  // What a server says that lives but cannot serve now; trying later may help.
  constexpr std::array passing{"LOADING", "BUSY",       "READONLY",    "MASTERDOWN", "OOM",
                               "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN"};
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
  std::string_view text{reply.str, reply.len};
  auto first = text.substr(0, text.find(' '));
  auto rest = text.substr(std::min(text.size(), first.size() + 1));
  for (auto& [word, code] : ours)
    if (first == word)
      return fail(code, std::string{rest});
  auto passes = std::find(passing.begin(), passing.end(), first) != passing.end();
  return fail(passes ? errc::unavailable : errc::internal, "Redis: " + std::string{text});
}

std::string text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string{} : std::string{reply.str, reply.len};
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
