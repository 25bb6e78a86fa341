#include "store/redis_link.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <csignal>

#include <sys/socket.h>
#include <sys/time.h>

namespace varia {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto words_of_silence = "Redis does not answer";

void free_reply(redisReply* reply) {
  freeReplyObject(reply);
}

redis::reply own(void* raw) {
  return {static_cast<redisReply*>(raw), free_reply};
}

timeval to_timeval(std::chrono::milliseconds span) {
  return {span.count() / 1000, (span.count() % 1000) * 1000};
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

// hiredis says "Resource temporarily unavailable" of an answer that is late, if anything: the time
// tells more.
caf::error failure_of(const redisContext& raw, clock::time_point since,
                      std::chrono::milliseconds patience) {
  if (clock::now() - since >= patience)
    return silence();
  return fail(errc::unavailable, std::string{"Redis is out of reach: "} + raw.errstr);
}

// hiredis writes to sockets that the peer may have closed, which would end the process.
void ignore_broken_pipes() {
  struct sigaction now {};
  if (sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
    std::signal(SIGPIPE, SIG_IGN);
}

} // namespace

expected<redis_link> redis_link::open(const redis_address& where,
                                      std::chrono::milliseconds patience) {
  ignore_broken_pipes();
  patience = std::max(patience, std::chrono::milliseconds{1});
  auto begin = clock::now();
  auto span = to_timeval(patience);
  context raw{where.socket.empty() ? redisConnectWithTimeout(where.host.c_str(), where.port, span)
                                   : redisConnectUnixWithTimeout(where.socket.c_str(), span),
              redisFree};
  if (!raw)
    return fail(errc::unavailable, "Redis is out of reach: out of memory");
  if (raw->err != 0)
    return failure_of(*raw, begin, patience);
  if (where.socket.empty())
    redisEnableKeepAlive(raw.get());
  redis_link result{std::move(raw), patience};
  result.set_patience(patience);
  return result;
}

void redis_link::set_patience(std::chrono::milliseconds patience) {
  patience_ = patience;
  redisSetTimeout(raw_.get(), to_timeval(patience));
}

expected<redis::reply> redis_link::ask(const redis::command& words) {
  auto begin = clock::now();
  arguments args{words};
  auto answer
    = own(redisCommandArgv(raw_.get(), args.count(), args.data.data(), args.sizes.data()));
  if (!answer)
    return failure(begin);
  return answer;
}

expected<std::vector<redis::reply>>
redis_link::ask_all(const std::vector<redis::command>& commands) {
  auto begin = clock::now();
  for (auto& words : commands) {
    arguments args{words};
    if (redisAppendCommandArgv(raw_.get(), args.count(), args.data.data(), args.sizes.data())
        != REDIS_OK)
      return failure(begin);
  }
  std::vector<redis::reply> answers;
  answers.reserve(commands.size());
  while (answers.size() < commands.size()) {
    void* answer = nullptr;
    if (redisGetReply(raw_.get(), &answer) != REDIS_OK)
      return failure(begin);
    answers.push_back(own(answer));
    begin = clock::now();
  }
  return answers;
}

bool redis_link::is_closed() const {
  char byte = 0;
  return recv(raw_->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

caf::error redis_link::failure(clock::time_point since) const {
  return failure_of(*raw_, since, patience_);
}

caf::error log_in(redis_link& link, const redis_url& who) {
  redis::command words{"AUTH"};
  if (!who.user.empty())
    words.push_back(who.user);
  if (!who.user.empty() || !who.password.empty())
    words.push_back(who.password);
  if (words.size() == 1)
    return {};
  auto answer = link.ask(words);
  if (!answer)
    return std::move(answer.error());
  if ((*answer)->type == REDIS_REPLY_ERROR)
    return fail(errc::unavailable, "Redis refuses AUTH");
  return {};
}

caf::error silence() {
  return fail(errc::unavailable, words_of_silence);
}

bool is_silence(const caf::error& why) {
  return code_of(why) == errc::unavailable
         && detail_of(why).find(words_of_silence) != std::string::npos;
}

} // namespace varia
