#include "store/audit.hpp"

#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <cstdlib>

namespace varia {

namespace {

constexpr auto entries_kept = "10000";

bool is_stream_id(const std::string& text) {
  auto dash = text.find('-');
  return dash != std::string::npos && dash > 0 && dash + 1 < text.size() && text.size() <= 40
         && text.find_first_not_of("0123456789-") == std::string::npos
         && text.find('-', dash + 1) == std::string::npos;
}

audit_entry entry_of(const redisReply& x) {
  audit_entry result;
  result.id = text_of(*x.element[0]);
  result.at = std::strtoll(result.id.c_str(), nullptr, 10);
  auto& fields = *x.element[1];
  for (size_t i = 0; i + 1 < fields.elements; i += 2) {
    auto name = text_of(*fields.element[i]);
    auto& slot = name == "u" ? result.who : name == "w" ? result.what : result.detail;
    slot = text_of(*fields.element[i + 1]);
  }
  return result;
}

} // namespace

expected<void> audit_log::audit(const std::string& environment, const std::string& who,
                                const std::string& what, const std::string& detail) {
  auto stream = keys::audit(environment);
  auto done
    = db_.run({"XADD", stream, "MAXLEN", "~", entries_kept, "*", "u", who, "w", what, "d", detail});
  return done ? expected<void>{caf::unit} : done.error();
}

expected<std::vector<audit_entry>> audit_log::read(const std::string& environment, size_t count,
                                                   const std::string& before) {
  if (!before.empty() && !is_stream_id(before))
    return fail(errc::invalid, "not the id of an entry");
  auto stream = keys::audit(environment);
  auto from = before.empty() ? std::string{"+"} : "(" + before;
  auto most = std::to_string(count);
  auto reply = db_.run({"XREVRANGE", stream, from, "-", "COUNT", most});
  if (!reply)
    return std::move(reply.error());
  std::vector<audit_entry> result;
  for (size_t i = 0; i < (*reply)->elements; ++i)
    result.push_back(entry_of(*(*reply)->element[i]));
  return result;
}

expected<void> audit_log::forget(const std::string& environment) {
  auto stream = keys::audit(environment);
  auto done = db_.run({"UNLINK", stream});
  return done ? expected<void>{caf::unit} : done.error();
}

} // namespace varia
