#include "store/restores.hpp"

#include "core/ids.hpp"
#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <utility>

namespace varia {

namespace {

constexpr auto silent_max_s = "3600";

// The functions of an environment that has none may yet have their version.
expected<bool> is_empty(redis& db, const std::string& environment) {
  auto answers
    = run_checked(db, std::vector<owned_command>{{"HLEN", keys::integrations(environment)},
                                                 {"HKEYS", keys::functions(environment)},
                                                 {"ZCARD", keys::connections_of(environment)}});
  if (!answers)
    return std::move(answers.error());
  auto& names = *(*answers)[1];
  for (size_t i = 0; i < names.elements; ++i)
    if (text_of(*names.element[i]) != "version")
      return false;
  return number_of(*(*answers)[0]) == 0 && number_of(*(*answers)[2]) == 0;
}

} // namespace

expected<std::string> restores::begin(const std::string& environment) {
  auto empty = is_empty(db_, environment);
  if (!empty)
    return std::move(empty.error());
  if (!*empty)
    return fail(errc::conflict, "the environment is not empty");
  auto id = make_uuid();
  auto key = keys::restore(environment);
  auto reply = db_.run({"SET", key, id, "NX", "EX", silent_max_s});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->type == REDIS_REPLY_NIL)
    return fail(errc::conflict, "another restore is under way");
  return id;
}

expected<void> restores::go_on(const std::string& environment, const std::string& restore) {
  auto key = keys::restore(environment);
  auto reply = db_.run({"GETEX", key, "EX", silent_max_s});
  if (!reply)
    return std::move(reply.error());
  if (text_of(**reply) != restore)
    return fail(errc::not_found, "this restore is not under way");
  return caf::unit;
}

expected<void> restores::end(const std::string& environment, const std::string& restore) {
  if (auto known = go_on(environment, restore); !known)
    return known;
  auto key = keys::restore(environment);
  if (auto done = db_.run({"UNLINK", key}); !done)
    return std::move(done.error());
  return caf::unit;
}

} // namespace varia
