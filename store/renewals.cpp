#include "store/renewals.hpp"

#include "store/call.hpp"
#include "store/keyring.hpp"
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

// The store knows credentials as some process sealed them, perhaps with a key of the past.
std::vector<std::string> followed_by_forms(std::vector<std::string> words, const keyring& keys,
                                           const connection& seen) {
  for (auto& form : keys.forms_of(place_of_credentials(seen), seen.credentials))
    words.push_back(std::move(form));
  return words;
}

} // namespace

expected<renewal_turn> renewals::begin(const connection& seen, const std::string& nonce,
                                       milliseconds span) {
  auto reply = call(db_, "renewal_begin", keys_of(seen.number),
                    followed_by_forms({nonce, std::to_string(span.count())}, db_.keys(), seen));
  if (!reply)
    return std::move(reply.error());
  return renewal_turn{word_of(text_of(*(*reply)->element[0])),
                      milliseconds{number_of(*(*reply)->element[1])}};
}

expected<std::string> renewals::store(const connection& seen, const std::string& nonce,
                                      const std::string& fresh) {
  auto place = place_of_credentials(seen);
  auto reply = call(db_, "renewal_store", keys_of(seen.number),
                    followed_by_forms({nonce, db_.keys().seal(place, fresh)}, db_.keys(), seen));
  if (!reply)
    return std::move(reply.error());
  return db_.keys().open(place, text_of(**reply));
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
