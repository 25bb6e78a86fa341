#include "store/environments.hpp"
#include "store/integration_text.hpp"
#include "store/integrations.hpp"
#include "store/locks.hpp"
#include "upstream/url.hpp"
#include "worker/script_calls.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr size_t lock_name_max = 255;
constexpr milliseconds lock_span_max = std::chrono::hours{24};
constexpr size_t locks_max = 1000;

json parsed(const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json{} : value;
}

bool includes(const frame_value& list, std::string_view word) {
  for (size_t i = 0; i < list.size(); ++i)
    if (list.item(i).text() == word)
      return true;
  return false;
}

} // namespace

void script_calls::set_metadata(const call& x) {
  change_metadata(x, metadata_change::replace);
}

void script_calls::update_metadata(const call& x) {
  change_metadata(x, metadata_change::merge);
}

void script_calls::change_metadata(const call& x, metadata_change how) {
  auto object = x.args.at("json").text();
  reply_done(x, ask_store(x, [&](redis& db) {
               return connections{db}.change_metadata({facts_.link.number}, how, object);
             }));
}

void script_calls::load_integration(const call& x) {
  const auto& own = facts_.link;
  auto found = ask_store(
    x, [&](redis& db) { return integrations{db}.find(own.environment, own.provider_config_key); });
  if (!found)
    return refuse(x, found.error());
  if (!*found)
    return refuse(x, fail(errc::not_found, "no such integration"));
  auto view = integration_text(**found);
  auto include = x.args.at("include");
  if (includes(include, "webhook"))
    view["webhook_url"] = webhook_url();
  if (includes(include, "credentials"))
    view["credentials"] = parsed((*found)->credentials);
  reply_text(x, view.dump(-1, ' ', false, json::error_handler_t::replace));
}

void script_calls::load_variables(const call& x) {
  auto all
    = ask_store(x, [&](redis& db) { return environments{db}.variables(facts_.link.environment); });
  if (!all)
    return refuse(x, all.error());
  auto list = json::array();
  for (auto& each : *all)
    list.push_back({{"name", each.name}, {"value", each.value}});
  reply_text(x, list.dump(-1, ' ', false, json::error_handler_t::replace));
}

void script_calls::tell_webhook_url(const call& x) {
  reply_text(x, webhook_url());
}

std::string script_calls::webhook_url() const {
  return facts_.public_url + "/webhook/" + facts_.environment_id + "/"
         + encode_path_part(facts_.link.provider_config_key);
}

void script_calls::take_lock(const call& x) {
  auto name = x.args.at("key").text();
  auto span = milliseconds{x.args.at("ttlMs").number()};
  if (name.empty() || name.size() > lock_name_max)
    return refuse(x, fail(errc::invalid, "the key of a lock has 1 to 255 characters"));
  if (span <= milliseconds{0} || span > lock_span_max)
    return refuse(x, fail(errc::invalid, "a lock lasts for 1 ms to 24 hours"));
  if (locks_.size() >= locks_max && locks_.count(name) == 0)
    return refuse(x, fail(errc::invalid, "a run may have 1,000 locks"));
  auto taken = ask_store(x, [&](redis& db) {
    return locks{db}.take(facts_.link.environment, name, lock_owner(), span);
  });
  if (taken && *taken)
    locks_.insert(name);
  reply_flag(x, taken);
}

void script_calls::release_lock(const call& x) {
  auto name = x.args.at("key").text();
  auto released = ask_store(
    x, [&](redis& db) { return locks{db}.release(facts_.link.environment, name, lock_owner()); });
  if (released)
    locks_.erase(name);
  reply_flag(x, released);
}

void script_calls::release_locks(const call& x) {
  reply_done(x, ask_store(x, [&](redis& db) { return give_locks_back(db); }));
}

expected<void> script_calls::give_locks_back(redis& db) {
  while (!locks_.empty()) {
    auto done = locks{db}.release(facts_.link.environment, *locks_.begin(), lock_owner());
    if (!done)
      return std::move(done.error());
    locks_.erase(locks_.begin());
  }
  return caf::unit;
}

std::string script_calls::lock_owner() const {
  return facts_.ticket.variant.id + '/' + std::to_string(facts_.ticket.run);
}

void script_calls::reply_flag(const call& x, const expected<bool>& answer) {
  if (!answer)
    return refuse(x, answer.error());
  auto writer = open_reply(x);
  writer.flag(*answer);
  send(x, std::move(writer));
}

} // namespace varia
