#include "api/auth.hpp"

#include "api/refusals.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "store/api_keys.hpp"

namespace varia {

namespace {

http_response refuse_key(const char* code, const char* why) {
  return refuse_in_old_form(401, code, std::string{"Authentication failed. "} + why);
}

} // namespace

std::string key_of(const std::string& authorization) {
  const std::string scheme = "Bearer ";
  auto at = authorization.rfind(scheme);
  auto key = at == std::string::npos ? authorization : authorization.substr(at + scheme.size());
  return std::string{trim(key)};
}

std::variant<std::string, http_response> authenticator::admit(const http_request& request) {
  auto header = request.headers.find("authorization");
  if (header == request.headers.end())
    return refuse_key("missing_auth_header", "The request is missing the Authorization header.");
  auto key = key_of(header->second);
  if (key.empty())
    return refuse_key("malformed_auth_header", "The Authorization header is malformed.");
  if (!is_uuid_v4(key))
    return refuse_key("invalid_secret_key_format", "The provided secret key is not a UUID v4.");
  auto hash = sha256_hex(key);
  if (auto environment = recall(hash))
    return std::move(*environment);
  auto db = stores_->lend();
  if (!db)
    return refuse_error(db.error());
  auto found = api_keys{**db}.find(key);
  if (!found)
    return refuse_error(found.error());
  if (!*found)
    return refuse_key("unknown_account",
                      "The provided authorization header does not match any account.");
  remember(hash, **found);
  return std::move(**found);
}

std::optional<std::string> authenticator::recall(const std::string& hash) {
  std::lock_guard guard{mutex_};
  auto found = known_.find(hash);
  if (found == known_.end())
    return std::nullopt;
  if (found->second.until < clock::now()) {
    known_.erase(found);
    return std::nullopt;
  }
  return found->second.environment;
}

void authenticator::remember(const std::string& hash, const std::string& environment) {
  std::lock_guard guard{mutex_};
  if (known_.size() >= keys_max)
    known_.clear();
  known_[hash] = {environment, clock::now() + memory};
}

} // namespace varia
