#include "worker/script_calls.hpp"

#include "store/integrations.hpp"
#include "upstream/url.hpp"
#include "worker/connection_view.hpp"
#include "worker/http_call.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace varia {

namespace {

constexpr int64_t retries_max = 100;

const char* type_of(const caf::error& why) {
  switch (code_of(why)) {
    case errc::fenced: return "fenced";
    case errc::invalid:
    case errc::exists: return "invalid";
    case errc::conflict: return "checkpoint_conflict";
    case errc::full: return "deletion_guard";
    case errc::not_found: return "not_found";
    case errc::unavailable: return "unavailable";
    case errc::cancelled: return "script_aborted";
    default: return "internal";
  }
}

std::vector<std::string> read_texts(const frame_value& list) {
  std::vector<std::string> result;
  for (size_t i = 0; i < list.size(); ++i)
    result.push_back(list.item(i).text());
  return result;
}

retry_rules read_retry(const frame_value& args, const provider_rules& provider) {
  retry_rules result;
  result.retries = std::clamp<int64_t>(args.at("retries").number(), 0, retries_max);
  auto also = args.at("retryOn");
  for (size_t i = 0; i < also.size(); ++i)
    result.also.push_back(also.item(i).number());
  result.wanted.at = read_texts(args.at("retryHeader").at("at"));
  result.wanted.after = read_texts(args.at("retryHeader").at("after"));
  result.known = provider.retry;
  result.statuses = provider.retry_statuses;
  return result;
}

// The provider's own headers may hold keys too, so they share the fate of the credentials.
expected<request_auth> full_auth(const provider_rules& rules, const connection& link) {
  auto auth = make_auth(rules, link.credentials);
  if (auth)
    auth->headers.insert(auth->headers.begin(), rules.headers.begin(), rules.headers.end());
  return auth;
}

expected<std::string> full_url(const frame_value& args, const provider_rules& rules) {
  auto url = args.at("url").text();
  if (is_absolute_url(url))
    return url;
  auto base = args.at("baseUrlOverride").text();
  if (base.empty())
    base = rules.base_url;
  if (!is_absolute_url(base))
    return fail(errc::invalid, "the integration has no base URL and the request none of its own");
  return join_url(base, url);
}

expected<connection> need(expected<std::optional<connection>> found) {
  if (!found)
    return std::move(found.error());
  if (!*found)
    return fail(errc::not_found, "no such connection");
  return std::move(**found);
}

} // namespace

struct script_calls::entry {
  std::string_view method;
  void (script_calls::*answer)(const call&);
};

const std::vector<script_calls::entry>& script_calls::table() {
  static const std::vector<entry> all{
    {"http", &script_calls::http},
    {"batchSave", &script_calls::save_batch},
    {"batchUpdate", &script_calls::update_batch},
    {"batchDelete", &script_calls::delete_batch},
    {"getRecords", &script_calls::find_records},
    {"listRecords", &script_calls::list_records},
    {"trackDeletesStart", &script_calls::start_tracking},
    {"trackDeletesEnd", &script_calls::end_tracking},
    {"deleteRecordsFromPreviousExecutions", &script_calls::delete_unseen},
    {"deletedKeys", &script_calls::tell_deleted},
    {"setMergingStrategy", &script_calls::choose_strategy},
    {"getCheckpoint", &script_calls::load_checkpoint},
    {"saveCheckpoint", &script_calls::save_checkpoint},
    {"clearCheckpoint", &script_calls::clear_checkpoint},
    {"getMetadata", &script_calls::load_metadata},
    {"getConnection", &script_calls::load_connection},
    {"setMetadata", &script_calls::set_metadata},
    {"updateMetadata", &script_calls::update_metadata},
    {"getIntegration", &script_calls::load_integration},
    {"getEnvironmentVariables", &script_calls::load_variables},
    {"getWebhookURL", &script_calls::tell_webhook_url},
    {"tryAcquireLock", &script_calls::take_lock},
    {"releaseLock", &script_calls::release_lock},
    {"releaseAllLocks", &script_calls::release_locks},
    {"triggerSync", &script_calls::trigger_sync},
    {"startSync", &script_calls::start_sync},
    {"triggerAction", &script_calls::trigger_action},
  };
  return all;
}

script_calls::script_calls(run_facts facts, redis_pool& stores, upstream& out,
                           const script_commands& commands, std::function<bool()> is_given_up)
  : facts_{std::move(facts)}, stores_{stores}, out_{out}, commands_{commands},
    cache_{
      stores,
      {facts_.ticket, facts_.marks_seen, facts_.deletions_max_percent, std::move(is_given_up)}} {}

void script_calls::take(const std::shared_ptr<call_host>& host, const frame_body& body) {
  auto root = body.root();
  call x{host, root.at("seq").number(), root.at("args")};
  if (host->is_stopped())
    return refuse(x, fail(errc::cancelled, "the run has ended"));
  auto method = root.at("method").bytes().value_or(std::string_view{});
  for (const auto& known : table())
    if (known.method == method)
      return (this->*known.answer)(x);
  refuse(x, fail(errc::invalid, "this version has no method " + std::string{method}));
}

void script_calls::http(const call& x) {
  auto link = find_connection(x);
  if (!link)
    return refuse(x, link.error());
  auto rules = rules_of(x, *link);
  if (!rules)
    return refuse(x, rules.error());
  auto url = full_url(x.args, *rules);
  if (!url)
    return refuse(x, url.error());
  auto auth = full_auth(*rules, *link);
  if (!auth)
    return refuse(x, auth.error());
  http_plan plan;
  plan.run = facts_.run;
  plan.seq = x.seq;
  plan.retry = read_retry(x.args, *rules);
  plan.request.owner = facts_.run;
  plan.request.method = x.args.at("method").text();
  plan.request.url = std::move(*url);
  plan.request.auth = std::move(*auth);
  plan.request.rate_key = std::to_string(link->number);
  plan.request.rate_variant = facts_.ticket.variant.id;
  plan.request.rate = rules->rate;
  if (auto sent = x.args.at("body").bytes())
    plan.request.body = std::string{*sent};
  auto headers = x.args.at("headers");
  for (size_t i = 0; i < headers.size(); ++i) {
    auto [name, value] = headers.entry(i);
    plan.request.headers.emplace_back(name, value.text());
  }
  plan.renew_auth = [&stores = stores_, rules = *rules, number = link->number] {
    auto fresh = need(stores.use([&](redis& db) { return connections{db}.find(number); }));
    return fresh ? full_auth(rules, *fresh) : expected<request_auth>{std::move(fresh.error())};
  };
  start_http_call(x.host, out_, std::move(plan));
}

void script_calls::load_metadata(const call& x) {
  auto link
    = need(ask_store(x, [&](redis& db) { return connections{db}.find(facts_.link.number); }));
  if (!link)
    return refuse(x, link.error());
  reply_text(x, link->metadata.empty() ? std::nullopt : std::optional{link->metadata});
}

void script_calls::load_connection(const call& x) {
  auto own = x.args.at("connectionId").is_nil() && x.args.at("providerConfigKey").is_nil();
  auto link
    = own ? need(ask_store(x, [&](redis& db) { return connections{db}.find(facts_.link.number); }))
          : find_connection(x);
  if (!link)
    return refuse(x, link.error());
  reply_text(x, connection_view(*link, now_ms()));
}

// Another connection of the same environment, if the script names one.
expected<connection> script_calls::find_connection(const call& x) {
  auto key = x.args.at("providerConfigKey").text();
  auto id = x.args.at("connectionId").text();
  const auto& own = facts_.link;
  if (key.empty())
    key = own.provider_config_key;
  if (id.empty())
    id = own.connection_id;
  if (key == own.provider_config_key && id == own.connection_id)
    return own;
  return need(
    ask_store(x, [&](redis& db) { return connections{db}.find(own.environment, key, id); }));
}

expected<provider_rules> script_calls::rules_of(const call& x, const connection& link) {
  if (link.provider_config_key == facts_.link.provider_config_key)
    return facts_.rules;
  auto found = ask_store(x, [&](redis& db) {
    return integrations{db}.find(link.environment, link.provider_config_key);
  });
  if (!found)
    return std::move(found.error());
  if (!*found)
    return fail(errc::not_found, "no such integration");
  return read_provider_rules((*found)->provider, (*found)->settings);
}

frame_writer script_calls::open_reply(const call& x) const {
  frame_writer writer{facts_.run, frame_kind::reply};
  writer.map(2).text("seq").number(x.seq).text("value");
  return writer;
}

void script_calls::reply_text(const call& x, const std::optional<std::string>& text) {
  auto writer = open_reply(x);
  if (text)
    writer.text(*text);
  else
    writer.nil();
  send(x, std::move(writer));
}

void script_calls::reply_done(const call& x, const expected<void>& done) {
  if (!done)
    return refuse(x, done.error());
  reply_text(x, std::nullopt);
}

void script_calls::send(const call& x, frame_writer writer) {
  auto bytes = std::move(writer).finish();
  if (!bytes)
    return refuse(x, bytes.error());
  x.host->answer(std::move(*bytes));
}

void script_calls::refuse(const call& x, const caf::error& why) {
  // The run ends first, so that the script cannot act on the error.
  if (code_of(why) == errc::fenced)
    x.host->lose_ownership();
  x.host->answer(make_error_frame(facts_.run, x.seq, type_of(why), detail_of(why)));
}

} // namespace varia
