#include "store/outbox.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"
#include "store/packing.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <utility>

namespace varia {

namespace {

// How they are kept.
struct packed_event : outbox_event {
  MSGPACK_DEFINE(id, at, environment, kind, body, url_override, sequence, trace)
};

struct packed_sync_facts : sync_facts {
  MSGPACK_DEFINE(success, connection_id, provider_config_key, sync, variant, model, sync_type,
                 started_at, finished_at, added, updated, deleted, used_checkpoint, checkpoint_from,
                 checkpoint_to, last_sync, report)
};

struct packed_variant_facts : variant_facts {
  MSGPACK_DEFINE(connection_id, provider_config_key, sync, variant, operation, at)
};

} // namespace

template <>
std::string pack(const sync_facts& x) {
  return pack(packed_sync_facts{x});
}

template <>
expected<sync_facts> unpack(std::string_view bytes) {
  return unpack_as<packed_sync_facts, sync_facts>(bytes);
}

template <>
std::string pack(const variant_facts& x) {
  return pack(packed_variant_facts{x});
}

template <>
expected<variant_facts> unpack(std::string_view bytes) {
  return unpack_as<packed_variant_facts, variant_facts>(bytes);
}

namespace {

constexpr std::array verdict_words{"done", "again", "dead", "hold"};

expected<outbox_claim> read_claim(const keyring& keys, const redisReply& row) {
  auto event = unpack_as<packed_event, outbox_event>({row.element[1]->str, row.element[1]->len});
  if (!event)
    return std::move(event.error());
  auto key = open_signing_key(keys, event->environment, text_of(*row.element[4]));
  if (!key)
    return std::move(key.error());
  outbox_claim result;
  result.lane = text_of(*row.element[0]);
  result.event = std::move(*event);
  result.tries = static_cast<int>(number_of(*row.element[2]));
  result.settings = read_webhook_settings(text_of(*row.element[3]));
  result.signing_key = std::move(*key);
  return result;
}

// An entry of the stream: [id, ["lane", lane, "entry", entry, "why", why, "tries", tries]].
expected<dead_letter> read_letter(const redisReply& entry) {
  auto& fields = *entry.element[1];
  auto event
    = unpack_as<packed_event, outbox_event>({fields.element[3]->str, fields.element[3]->len});
  if (!event)
    return std::move(event.error());
  return dead_letter{text_of(*entry.element[0]), text_of(*fields.element[1]), std::move(*event),
                     text_of(*fields.element[5]), static_cast<int>(number_of(*fields.element[7]))};
}

} // namespace

expected<int64_t> outbox::put(const outbox_notice& x) {
  return put(std::vector{x});
}

expected<int64_t> outbox::put(const std::vector<outbox_notice>& all) {
  std::vector<owned_command> calls;
  calls.reserve(all.size());
  for (auto& x : all)
    calls.push_back(
      call_of("outbox_put", {keys::outbox_bell},
              {x.environment, x.owner, x.url_override, x.on, x.id, "json", x.payload}));
  auto answers = run_checked(db_, calls);
  if (!answers)
    return std::move(answers.error());
  int64_t result = 0;
  for (auto& answer : *answers)
    result += number_of(*answer);
  return result;
}

expected<outbox_claims> outbox::claim(const std::string& claim, size_t most, milliseconds span) {
  auto reply = call(db_, "outbox_claim", {keys::outbox_bell},
                    {claim, std::to_string(most), std::to_string(span.count())});
  if (!reply)
    return std::move(reply.error());
  outbox_claims result;
  result.next = milliseconds{number_of(*(*reply)->element[0])};
  for (size_t i = 1; i < (*reply)->elements; ++i) {
    auto one = read_claim(db_.keys(), *(*reply)->element[i]);
    if (!one)
      return std::move(one.error());
    result.all.push_back(std::move(*one));
  }
  return result;
}

expected<void> outbox::settle(const std::string& claim, const outbox_claim& of,
                              const outbox_settlement& x) {
  auto done = call(db_, "outbox_settle", {keys::outbox_bell},
                   {claim, of.lane, of.event.id, verdict_words[static_cast<size_t>(x.verdict)],
                    std::to_string(x.wait.count()), x.why, x.log});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

expected<bool> outbox::await(milliseconds patience) {
  auto seconds = std::to_string(static_cast<double>(patience.count()) / 1000.0);
  auto reply = db_.run({"BLPOP", keys::outbox_bell, seconds});
  if (!reply)
    return std::move(reply.error());
  return (*reply)->type != REDIS_REPLY_NIL;
}

expected<std::vector<dead_letter>> outbox::dead(const std::string& environment,
                                                const std::string& before, size_t count) {
  auto stream = keys::dead_letters(environment);
  auto from = before.empty() ? std::string{"+"} : "(" + before;
  auto limit = std::to_string(count);
  auto reply = db_.run({"XREVRANGE", stream, from, "-", "COUNT", limit});
  if (!reply)
    return std::move(reply.error());
  std::vector<dead_letter> result;
  for (size_t i = 0; i < (*reply)->elements; ++i) {
    auto one = read_letter(*(*reply)->element[i]);
    if (!one)
      return std::move(one.error());
    result.push_back(std::move(*one));
  }
  return result;
}

expected<int64_t> outbox::resend(const std::string& environment,
                                 const std::vector<std::string>& ids) {
  std::vector<std::string> words{environment};
  words.insert(words.end(), ids.begin(), ids.end());
  auto reply = call(db_, "outbox_resend", {keys::outbox_bell}, words);
  if (!reply)
    return std::move(reply.error());
  return number_of(**reply);
}

expected<std::vector<std::string>> outbox::log(const std::string& environment, size_t count) {
  auto stream = keys::delivery_log(environment);
  auto limit = std::to_string(count);
  auto reply = db_.run({"XREVRANGE", stream, "+", "-", "COUNT", limit});
  if (!reply)
    return std::move(reply.error());
  std::vector<std::string> result;
  for (size_t i = 0; i < (*reply)->elements; ++i)
    result.push_back(text_of(*(*reply)->element[i]->element[1]->element[1]));
  return result;
}

expected<outbox_counts> outbox::counts(const std::string& environment) {
  return counts(std::vector{environment});
}

expected<outbox_counts> outbox::counts(const std::vector<std::string>& environments) {
  std::vector<owned_command> questions;
  for (auto& each : environments) {
    questions.push_back({"HMGET", keys::outbox_counts(each), "waiting", "bytes", "dropped"});
    questions.push_back({"XLEN", keys::dead_letters(each)});
  }
  auto answers = run_checked(db_, questions);
  if (!answers)
    return std::move(answers.error());
  outbox_counts result;
  for (size_t i = 0; i + 1 < answers->size(); i += 2) {
    auto& counts = *(*answers)[i];
    result.waiting += number_of(*counts.element[0]);
    result.bytes += number_of(*counts.element[1]);
    result.dropped += number_of(*counts.element[2]);
    result.dead += number_of(*(*answers)[i + 1]);
  }
  return result;
}

} // namespace varia
