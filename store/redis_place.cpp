#include "store/redis_place.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace varia {

namespace {

// A Sentinel that is there answers at once; another one may know as well.
constexpr std::chrono::milliseconds sentinel_patience{500};

bool is_refusal(const redisReply& x, std::string_view word) {
  return x.type == REDIS_REPLY_ERROR
         && std::string_view{x.str, x.len}.substr(0, word.size()) == word;
}

// Finds a field in the answer to INFO.
std::string info_field(const redisReply& info, std::string_view name) {
  auto text = text_of(info);
  auto at = text.find("\n" + std::string{name} + ':');
  if (at == std::string::npos)
    return {};
  auto begin = at + name.size() + 2;
  return text.substr(begin, text.find('\r', begin) - begin);
}

// A replica would answer with what was, and refuse what shall be. A server that does not tell its
// role, as behind a proxy, is taken for a master.
bool is_replica(const redisReply& role) {
  return role.type == REDIS_REPLY_ARRAY && role.elements > 0
         && text_of(*role.element[0]) != "master";
}

} // namespace

redis_place::turn::turn(redis_place& place) : place_{place} {
  if (!place_.is_silent_)
    return;
  is_probe_ = !place_.is_probed_.exchange(true);
  is_refused_ = !is_probe_;
}

redis_place::turn::~turn() {
  if (is_probe_)
    place_.is_probed_ = false;
}

redis_place::redis_place(redis_url where, std::chrono::milliseconds timeout)
  : where_{std::move(where)}, timeout_{timeout} {}

expected<redis_place::opened> redis_place::open() {
  auto until = clock::now() + timeout_;
  auto master = find_master(until);
  if (!master)
    return std::move(master.error());
  auto result = open_at(*master, until);
  // What this Sentinel says may be old: another one is asked next time.
  if (!result)
    ++sentinel_;
  return result;
}

expected<redis_address> redis_place::find_master(clock::time_point until) {
  if (where_.sentinels.empty())
    return static_cast<const redis_address&>(where_);
  caf::error why;
  auto first = sentinel_.load();
  for (size_t i = 0; i < where_.sentinels.size(); ++i) {
    auto found = ask_sentinel(where_.sentinels[(first + i) % where_.sentinels.size()], until);
    if (found) {
      sentinel_ = first + i;
      return found;
    }
    why = std::move(found.error());
  }
  return fail(errc::unavailable, "no Sentinel tells where Redis is: " + detail_of(why));
}

expected<redis_address> redis_place::ask_sentinel(const redis_address& where,
                                                  clock::time_point until) const {
  auto link = redis_link::open(where, std::min(left_of(until), sentinel_patience));
  if (!link)
    return std::move(link.error());
  const redis::command question{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", where_.master};
  auto answer = link->ask(question);
  // Many Sentinels ask for no password, and one that asks for none refuses any.
  if (answer && is_refusal(**answer, "NOAUTH")) {
    if (auto refused = log_in(*link, where_))
      return refused;
    answer = link->ask(question);
  }
  if (!answer)
    return std::move(answer.error());
  if ((*answer)->type != REDIS_REPLY_ARRAY || (*answer)->elements != 2)
    return fail(errc::unavailable, "it knows no master of the name");
  redis_address result;
  result.host = text_of(*(*answer)->element[0]);
  result.port = static_cast<int>(number_of(*(*answer)->element[1]));
  return result;
}

expected<redis_place::opened> redis_place::open_at(const redis_address& where,
                                                   clock::time_point until) const {
  auto link = redis_link::open(where, left_of(until));
  if (!link)
    return std::move(link.error());
  if (auto refused = log_in(*link, where_))
    return refused;
  auto database = std::to_string(where_.database);
  auto answers = link->ask_all({{"ROLE"}, {"INFO", "server"}, {"SELECT", database}});
  if (!answers)
    return std::move(answers.error());
  if (is_refusal(*(*answers)[0], "NOAUTH"))
    return fail(errc::unavailable, "Redis wants a password");
  if (is_replica(*(*answers)[0]))
    return fail(errc::unavailable, "Redis is a replica at present");
  if (where_.database != 0 && (*answers)[2]->type == REDIS_REPLY_ERROR)
    return fail(errc::unavailable, "Redis refuses SELECT");
  link->set_patience(timeout_);
  return opened{std::move(*link), info_field(*(*answers)[1], "run_id")};
}

std::chrono::milliseconds redis_place::left_of(clock::time_point until) const {
  return std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
}

} // namespace varia
