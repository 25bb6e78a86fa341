#include "store/connections.hpp"

#include "store/json_text.hpp"
#include "store/keyring.hpp"
#include "store/keys.hpp"
#include "store/packing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>

namespace varia {

namespace {

// How it is kept.
struct packed_connection : connection {
  MSGPACK_DEFINE_MAP(number, environment, provider_config_key, connection_id, provider, credentials,
                     metadata, connection_config, tags, end_user, webhook_url_override, created_at,
                     updated_at)
};

} // namespace

template <>
std::string pack(const connection& x) {
  return pack(packed_connection{x});
}

template <>
expected<connection> unpack(std::string_view bytes) {
  return unpack_as<packed_connection, connection>(bytes);
}

namespace {

// How often a merge is tried again because somebody else changed the metadata meanwhile.
constexpr auto merge_attempts_max = 100;

// The keys that tell a connection's number.
std::vector<std::string> index_of(const connection& x) {
  return {keys::connections_by_integration(x.environment, x.provider_config_key),
          keys::connections_by_id(x.environment, x.connection_id),
          keys::connections_of(x.environment)};
}

// The fields of a row. Credentials and metadata, which are secret or change alone, have their own.
struct sealed_row {
  std::string row;
  std::string credentials;
  std::string metadata;
};

sealed_row seal(const keyring& keys, const connection& x) {
  auto row = x;
  row.number = 0;
  row.credentials.clear();
  row.metadata.clear();
  return {pack(row), keys.seal(place_of_credentials(x), x.credentials), x.metadata};
}

expected<connection> unseal(const keyring& keys, sealed_row sealed) {
  auto result = unpack<connection>(sealed.row);
  if (!result)
    return result;
  auto credentials = keys.open(place_of_credentials(*result), std::move(sealed.credentials));
  if (!credentials)
    return std::move(credentials.error());
  result->credentials = std::move(*credentials);
  result->metadata = std::move(sealed.metadata);
  return result;
}

owned_command row_question(connection_number number) {
  return {"HMGET",  keys::connection(number), "row", "credentials", "metadata", "created",
          "updated"};
}

expected<std::optional<connection>> row_of(const keyring& keys, connection_number number,
                                           const redisReply& fields) {
  if (fields.elements < 5 || fields.element[0]->type == REDIS_REPLY_NIL)
    return std::nullopt;
  auto result = unseal(
    keys, {text_of(*fields.element[0]), text_of(*fields.element[1]), text_of(*fields.element[2])});
  if (!result)
    return std::move(result.error());
  result->number = number;
  result->created_at = number_of(*fields.element[3]);
  result->updated_at = number_of(*fields.element[4]);
  return std::optional{std::move(*result)};
}

// Reads many rows in one round trip; those that are gone by now are left out.
expected<std::vector<connection>> rows_of(redis& db,
                                          const std::vector<connection_number>& numbers) {
  std::vector<owned_command> questions;
  questions.reserve(numbers.size());
  for (auto number : numbers)
    questions.push_back(row_question(number));
  auto answers = run_checked(db, questions);
  if (!answers)
    return std::move(answers.error());
  std::vector<connection> result;
  for (size_t i = 0; i < numbers.size(); ++i) {
    auto row = row_of(db.keys(), numbers[i], *(*answers)[i]);
    if (!row)
      return std::move(row.error());
    if (*row)
      result.push_back(std::move(**row));
  }
  return result;
}

expected<std::vector<connection_number>> read_numbers(redis& db, const owned_command& question) {
  auto reply = db.run(view_of(question));
  if (!reply)
    return std::move(reply.error());
  std::vector<connection_number> result;
  for (size_t i = 0; i < (*reply)->elements; ++i)
    result.push_back(static_cast<connection_number>(number_of(*(*reply)->element[i])));
  return result;
}

expected<void> replace_metadata(redis& db, const std::vector<std::string>& rows,
                                const std::string& object) {
  if (auto done = call(db, "connection_metadata_replace", rows, {object}); !done)
    return std::move(done.error());
  return caf::unit;
}

// Merges what is there now. Returns false if it was changed before it could be replaced.
expected<bool> try_merge(redis& db, const std::vector<std::string>& rows,
                         const std::string& patch) {
  std::vector<owned_command> questions;
  questions.reserve(rows.size());
  for (auto& row : rows)
    questions.push_back({"HGET", row, "metadata"});
  auto answers = run_checked(db, questions);
  if (!answers)
    return std::move(answers.error());
  std::vector<std::string> swaps;
  for (auto& answer : *answers) {
    auto seen = text_of(*answer);
    auto merged = merge_fields(seen, patch);
    if (!merged)
      return std::move(merged.error());
    swaps.push_back(std::move(seen));
    swaps.push_back(std::move(*merged));
  }
  auto done = call(db, "connection_metadata_swap", rows, swaps);
  if (!done)
    return std::move(done.error());
  return number_of(**done) == 1;
}

} // namespace

std::string place_of_credentials(const connection& x) {
  return "connection/" + x.environment + "/" + x.provider_config_key + "/" + x.connection_id;
}

expected<connection> connections::put(connection x,
                                      const std::optional<connection_notice>& notice) {
  auto places = index_of(x);
  places.insert(places.begin(), keys::connection_next);
  auto sealed = seal(db_.keys(), x);
  std::vector<std::string> words{keys::connection_prefix, x.provider_config_key,
                                 x.connection_id,         sealed.row,
                                 sealed.credentials,      sealed.metadata};
  if (notice)
    words.insert(words.end(), {x.environment, x.webhook_url_override, notice->id, notice->of_new,
                               notice->of_replaced});
  auto reply = call(db_, "connection_put", places, words);
  if (!reply)
    return std::move(reply.error());
  auto& answer = **reply;
  x.number = static_cast<connection_number>(varia::number_of(*answer.element[0]));
  x.created_at = varia::number_of(*answer.element[1]);
  x.updated_at = varia::number_of(*answer.element[2]);
  x.metadata = text_of(*answer.element[3]);
  auto credentials = db_.keys().open(place_of_credentials(x), text_of(*answer.element[4]));
  if (!credentials)
    return std::move(credentials.error());
  x.credentials = std::move(*credentials);
  return x;
}

expected<void> connections::tell(const connection& of, const connection_notice& notice,
                                 bool is_new) {
  auto done = call(db_, "connection_tell", {keys::connection(of.number)},
                   {of.environment, std::to_string(of.number), of.webhook_url_override, notice.id,
                    is_new ? notice.of_new : notice.of_replaced});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

expected<void> connections::restore(const connection& before) {
  auto sealed = seal(db_.keys(), before);
  auto done
    = call(db_, "connection_restore", {keys::connection(before.number)},
           {sealed.row, sealed.credentials, sealed.metadata, std::to_string(before.updated_at)});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

expected<std::optional<connection>> connections::find(const std::string& environment,
                                                      const std::string& provider_config_key,
                                                      const std::string& connection_id) {
  auto number = number_of(environment, provider_config_key, connection_id);
  if (!number)
    return std::move(number.error());
  return find(*number);
}

expected<std::optional<connection>> connections::find(connection_number number) {
  if (number == 0)
    return std::nullopt;
  auto question = row_question(number);
  auto reply = db_.run(view_of(question));
  if (!reply)
    return std::move(reply.error());
  return row_of(db_.keys(), number, **reply);
}

expected<connection_number> connections::number_of(const std::string& environment,
                                                   const std::string& provider_config_key,
                                                   const std::string& connection_id) {
  auto question = number_question(environment, provider_config_key, connection_id);
  auto reply = db_.run(view_of(question));
  if (!reply)
    return std::move(reply.error());
  return static_cast<connection_number>(varia::number_of(**reply));
}

owned_command connections::number_question(const std::string& environment,
                                           const std::string& provider_config_key,
                                           const std::string& connection_id) {
  return {"HGET", keys::connections_by_integration(environment, provider_config_key),
          connection_id};
}

expected<std::vector<connection_number>>
connections::numbers_of(const std::string& environment, const std::string& provider_config_key) {
  auto result = read_numbers(
    db_, {"HVALS", keys::connections_by_integration(environment, provider_config_key)});
  if (result)
    std::sort(result->begin(), result->end());
  return result;
}

expected<std::vector<connection>> connections::list(const std::string& environment) {
  auto numbers = read_numbers(db_, {"ZREVRANGE", keys::connections_of(environment), "0", "-1"});
  if (!numbers)
    return std::move(numbers.error());
  return rows_of(db_, *numbers);
}

expected<std::vector<connection>> connections::find_by_id(const std::string& environment,
                                                          const std::string& connection_id) {
  auto numbers = read_numbers(db_, {"HVALS", keys::connections_by_id(environment, connection_id)});
  if (!numbers)
    return std::move(numbers.error());
  std::sort(numbers->begin(), numbers->end());
  return rows_of(db_, *numbers);
}

expected<void> connections::change_metadata(const std::vector<connection_number>& numbers,
                                            metadata_change how, const std::string& object) {
  if (auto fields = fields_of(object); !fields)
    return std::move(fields.error());
  if (numbers.empty())
    return caf::unit;
  std::vector<std::string> rows;
  rows.reserve(numbers.size());
  for (auto number : numbers)
    rows.push_back(keys::connection(number));
  // Named twice, a connection is changed once.
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  if (how == metadata_change::replace)
    return replace_metadata(db_, rows, object);
  for (auto attempt = 0; attempt < merge_attempts_max; ++attempt) {
    auto merged = try_merge(db_, rows, object);
    if (!merged)
      return std::move(merged.error());
    if (*merged)
      return caf::unit;
  }
  return fail(errc::unavailable, "the metadata is changed by others all the time");
}

expected<void> connections::remove(connection_number number) {
  auto gone = [] { return fail(errc::not_found, "the connection does not exist"); };
  auto found = find(number);
  if (!found)
    return std::move(found.error());
  if (!*found)
    return gone();
  auto places = index_of(**found);
  places.insert(places.begin(), keys::connection(number));
  auto done
    = call(db_, "connection_remove", places,
           {(*found)->provider_config_key, (*found)->connection_id, std::to_string(number)});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

} // namespace varia
