#include "store/renewals.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <utility>

namespace varia {

namespace {

std::vector<std::string> keys_of(connection_number number) {
  return {keys::connection(number), keys::renewal(number)};
}

renewal_turn::word word_of(const std::string& text) {
  if (text == "GO")
    return renewal_turn::word::go;
  if (text == "CHANGED")
    return renewal_turn::word::changed;
  return text == "PAUSE" ? renewal_turn::word::pausing : renewal_turn::word::busy;
}

} // namespace

expected<renewal_turn> renewals::begin(connection_number number, const std::string& nonce,
                                       milliseconds span, const std::string& seen) {
  auto reply
    = call(db_, "renewal_begin", keys_of(number), {nonce, std::to_string(span.count()), seen});
  if (!reply)
    return std::move(reply.error());
  return renewal_turn{word_of(text_of(*(*reply)->element[0])),
                      milliseconds{number_of(*(*reply)->element[1])}};
}

expected<std::string> renewals::store(connection_number number, const std::string& nonce,
                                      const std::string& seen, const std::string& fresh) {
  auto reply = call(db_, "renewal_store", keys_of(number), {nonce, seen, fresh});
  if (!reply)
    return std::move(reply.error());
  return text_of(**reply);
}

expected<void> renewals::fail(connection_number number, const std::string& nonce,
                              milliseconds pause, milliseconds longest,
                              const std::optional<renewal_notice>& notice) {
  std::vector<std::string> words{nonce, std::to_string(pause.count()),
                                 std::to_string(longest.count())};
  if (notice)
    words.insert(words.end(), {notice->environment, std::to_string(number), notice->url_override,
                               notice->id, notice->payload});
  auto reply = call(db_, "renewal_fail", keys_of(number), words);
  if (!reply)
    return std::move(reply.error());
  return caf::unit;
}

} // namespace varia
