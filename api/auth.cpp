#include "api/auth.hpp"

#include "api/refusals.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "store/api_keys.hpp"
#include "store/sessions.hpp"

#include <algorithm>

namespace varia {

namespace {

http_response refuse_key(const char* code, const char* why) {
  return refuse_in_old_form(401, code, std::string{"Authentication failed. "} + why);
}

http_response refuse_ended_session() {
  return refuse(401, "session_ended", "The session has ended. Sign in again.");
}

std::shared_ptr<const caller> caller_of(api_key x) {
  auto environment = x.environment == account_name ? std::string{} : std::move(x.environment);
  return std::make_shared<const caller>(
    caller{std::move(environment), std::move(x.id), std::move(x.name), std::move(x.scopes)});
}

} // namespace

std::string key_of(const std::string& authorization) {
  const std::string scheme = "Bearer ";
  auto at = authorization.rfind(scheme);
  auto key = at == std::string::npos ? authorization : authorization.substr(at + scheme.size());
  return std::string{trim(key)};
}

authenticator::admission authenticator::admit(const http_request& request) {
  if (rules_.on && is_by_session(request))
    return admit_session(request);
  auto header = request.headers.find("authorization");
  if (header == request.headers.end())
    return refuse_key("missing_auth_header", "The request is missing the Authorization header.");
  return admit_key(key_of(header->second));
}

authenticator::admission authenticator::admit_key(const std::string& key) {
  if (key.empty())
    return refuse_key("malformed_auth_header", "The Authorization header is malformed.");
  if (!is_uuid_v4(key))
    return refuse_key("invalid_secret_key_format", "The provided secret key is not a UUID v4.");
  auto hash = sha256_hex(key);
  if (auto who = recall(hash))
    return who;
  auto db = stores_->lend();
  if (!db)
    return refuse_error(db.error());
  auto found = api_keys{**db}.find(key);
  if (!found)
    return refuse_error(found.error());
  if (!*found)
    return refuse_key("unknown_account",
                      "The provided authorization header does not match any account.");
  return welcome(**db, hash, std::move(**found), memory);
}

authenticator::admission authenticator::admit_session(const http_request& request) {
  auto token = session_token_of(request);
  auto hash = "session " + sha256_hex(token);
  auto who = recall(hash);
  if (!who) {
    auto admitted = look_up_session(token, hash);
    if (std::holds_alternative<http_response>(admitted))
      return admitted;
    who = std::get<std::shared_ptr<const caller>>(admitted);
  }
  if (!may_session_send(request, rules_.public_url))
    return refuse(403, "csrf", "The request does not come from a page of this session");
  return who;
}

authenticator::admission authenticator::look_up_session(const std::string& token,
                                                        const std::string& hash) {
  auto db = stores_->lend();
  if (!db)
    return refuse_error(db.error());
  auto session = sessions{**db}.find(token);
  if (!session)
    return refuse_error(session.error());
  if (!*session)
    return refuse_ended_session();
  auto found = api_keys{**db}.find_hashed((*session)->key_hash);
  if (!found)
    return refuse_error(found.error());
  // The key was revoked since.
  if (!*found)
    return refuse_ended_session();
  return welcome(**db, hash, std::move(**found), (*session)->left);
}

authenticator::admission authenticator::welcome(redis& db, const std::string& hash, api_key found,
                                                milliseconds left) {
  auto who = caller_of(std::move(found));
  // Whether the store could take the note does not matter to who asks.
  if (remember(hash, who, left))
    (void)api_keys{db}.note_use(who->key_id);
  return who;
}

void authenticator::forget() {
  std::lock_guard guard{mutex_};
  known_.clear();
}

std::shared_ptr<const caller> authenticator::recall(const std::string& hash) {
  std::lock_guard guard{mutex_};
  auto found = known_.find(hash);
  if (found == known_.end() || found->second.until < clock::now())
    return nullptr;
  return found->second.who;
}

bool authenticator::remember(const std::string& hash, std::shared_ptr<const caller> who,
                             milliseconds left) {
  std::lock_guard guard{mutex_};
  if (known_.size() >= keys_max)
    known_.clear();
  auto now = clock::now();
  auto& slot = known_[hash];
  auto is_due = slot.who == nullptr || slot.noted + use_noted_every < now;
  auto until = now + std::min<milliseconds>(left, memory);
  slot = {std::move(who), until, is_due ? now : slot.noted};
  return is_due;
}

} // namespace varia
