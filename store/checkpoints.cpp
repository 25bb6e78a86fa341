#include "store/checkpoints.hpp"

#include "store/call.hpp"
#include "store/json_text.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>

namespace varia {

namespace {

constexpr size_t fields_max = 16;
constexpr size_t name_length_max = 255;
constexpr size_t value_length_max = 4000;

expected<uint64_t> set(redis& db, const run_ticket& ticket, const std::string& json,
                       uint64_t version) {
  auto reply
    = call(db, "checkpoint_set", {keys::head(ticket.variant)},
           {to_string(ticket.owner), std::to_string(ticket.run), json, std::to_string(version)});
  if (!reply)
    return std::move(reply.error());
  return static_cast<uint64_t>(number_of(**reply));
}

// Returns what is wrong with a field, or nothing.
std::string fault_of(const json_field& field) {
  if (length_of(field.name) > name_length_max)
    return "has a name of more than 255 characters";
  switch (field.value.front()) {
    case '{': return "is an object; a checkpoint is flat";
    case '[': return "is an array; a checkpoint is flat";
    case 'n': return "is null; leave the field out instead";
    case '"':
      if (length_of(field.value.substr(1, field.value.size() - 2)) > value_length_max)
        return "is a string of more than 4000 characters";
      return {};
    case 't':
    case 'f': return {};
    default:
      if (!std::isfinite(std::strtod(std::string{field.value}.c_str(), nullptr)))
        return "is not a finite number";
      return {};
  }
}

} // namespace

expected<checkpoint> checkpoints::load(const run_ticket& ticket) {
  auto reply = call(db_, "checkpoint_get", {keys::head(ticket.variant)},
                    {to_string(ticket.owner), std::to_string(ticket.run)});
  if (!reply)
    return std::move(reply.error());
  return read_checkpoint(**reply);
}

expected<std::optional<std::string>> checkpoints::read(const variant_ref& variant) {
  auto head = keys::head(variant);
  auto reply = db_.run({"HGET", head, "ckpt"});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->type == REDIS_REPLY_NIL)
    return std::nullopt;
  return std::optional{text_of(**reply)};
}

expected<uint64_t> checkpoints::save(const run_ticket& ticket, const std::string& json,
                                     uint64_t version) {
  if (auto good = check_checkpoint(json); !good)
    return std::move(good.error());
  return set(db_, ticket, json, version);
}

expected<uint64_t> checkpoints::clear(const run_ticket& ticket, uint64_t version) {
  return set(db_, ticket, {}, version);
}

expected<shown_checkpoint> checkpoints::show(const variant_ref& variant) {
  auto head = keys::head(variant);
  auto reply = db_.run({"HMGET", head, "name", "deleted", "state", "before", "ckpt", "cver"});
  if (!reply)
    return std::move(reply.error());
  auto& fields = **reply;
  auto is_there = [&fields](size_t i) { return fields.element[i]->type != REDIS_REPLY_NIL; };
  if (!is_there(0) || is_there(1))
    return fail(errc::not_found, "the variant does not exist");
  auto state = text_of(*fields.element[2]);
  shown_checkpoint result;
  result.in_progress = state == "running" || state == "interrupted";
  if (is_there(3)) {
    // An event is handled; what the syncs have is laid aside.
    auto aside = nlohmann::json::parse(text_of(*fields.element[3]), nullptr, false);
    result.in_progress = true;
    if (aside.is_object() && aside.contains("ckpt"))
      result.what.json = aside["ckpt"].get<std::string>();
    if (aside.is_object())
      result.what.version = std::strtoull(aside.value("cver", "0").c_str(), nullptr, 10);
    return result;
  }
  result.what = read_checkpoint(fields, 4);
  return result;
}

expected<uint64_t> checkpoints::put(const variant_ref& variant, const std::string& json,
                                    std::optional<uint64_t> version, bool force) {
  if (!json.empty())
    if (auto good = check_checkpoint(json); !good)
      return std::move(good.error());
  auto reply = call(db_, "checkpoint_put", {keys::head(variant)},
                    {json, version ? std::to_string(*version) : "", force ? "1" : "0"});
  if (!reply)
    return std::move(reply.error());
  return static_cast<uint64_t>(number_of(**reply));
}

checkpoint read_checkpoint(const redisReply& answer, size_t at) {
  auto& json = *answer.element[at];
  checkpoint result;
  if (json.type != REDIS_REPLY_NIL)
    result.json = text_of(json);
  result.version = static_cast<uint64_t>(number_of(*answer.element[at + 1]));
  return result;
}

expected<void> check_checkpoint(const std::string& json) {
  auto fields = fields_of(json);
  if (!fields)
    return fail(errc::invalid, "a checkpoint must be an object");
  if (fields->size() > fields_max)
    return fail(errc::invalid, "a checkpoint has at most 16 fields, this one has "
                                 + std::to_string(fields->size()));
  for (auto& field : *fields)
    if (auto fault = fault_of(field); !fault.empty())
      return fail(errc::invalid, "the checkpoint field \"" + std::string{field.name.substr(0, 64)}
                                   + "\" " + fault);
  return caf::unit;
}

} // namespace varia
