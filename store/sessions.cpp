#include "store/sessions.hpp"

#include "core/text.hpp"
#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

namespace varia {

namespace {

std::string key_of_token(const std::string& token) {
  return keys::session(sha256_hex(token));
}

} // namespace

expected<void> sessions::begin(const std::string& token, const std::string& key_hash,
                               milliseconds duration) {
  auto done = call(db_, "session_add", {key_of_token(token), keys::sessions_of + key_hash},
                   {key_hash, std::to_string(duration.count()), std::to_string(per_key_max)});
  return done ? expected<void>{caf::unit} : done.error();
}

expected<std::optional<found_session>> sessions::find(const std::string& token) {
  auto key = key_of_token(token);
  auto answers = run_checked(db_, std::vector<owned_command>{{"GET", key}, {"PTTL", key}});
  if (!answers)
    return std::move(answers.error());
  auto left = number_of(*(*answers)[1]);
  if ((*answers)[0]->type == REDIS_REPLY_NIL || left <= 0)
    return std::nullopt;
  return std::optional{found_session{text_of(*(*answers)[0]), milliseconds{left}}};
}

expected<void> sessions::end(const std::string& token) {
  auto done = call(db_, "session_drop", {key_of_token(token)}, {keys::sessions_of});
  if (!done)
    return std::move(done.error());
  if (number_of(**done) == 0)
    return fail(errc::not_found, "there is no such session");
  return caf::unit;
}

} // namespace varia
