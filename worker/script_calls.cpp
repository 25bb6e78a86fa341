#include "worker/script_calls.hpp"

#include "store/integrations.hpp"
#include "upstream/trace_headers.hpp"
#include "worker/connection_view.hpp"
#include "worker/http_call.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace varia {

namespace {

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
  bool writes = false; ///< Into the cache or the checkpoint of the variant.
};

const std::vector<script_calls::entry>& script_calls::table() {
  static const std::vector<entry> all{
    {"http", &script_calls::http},
    {"uncontrolledFetch", &script_calls::fetch},
    {"batchSave", &script_calls::save_batch, true},
    {"batchUpdate", &script_calls::update_batch, true},
    {"batchDelete", &script_calls::delete_batch, true},
    {"getRecords", &script_calls::find_records},
    {"listRecords", &script_calls::list_records},
    {"trackDeletesStart", &script_calls::start_tracking, true},
    {"trackDeletesEnd", &script_calls::end_tracking, true},
    {"deleteRecordsFromPreviousExecutions", &script_calls::delete_unseen, true},
    {"deletedKeys", &script_calls::tell_deleted},
    {"setMergingStrategy", &script_calls::choose_strategy},
    {"getCheckpoint", &script_calls::load_checkpoint},
    {"saveCheckpoint", &script_calls::save_checkpoint, true},
    {"clearCheckpoint", &script_calls::clear_checkpoint, true},
    {"getMetadata", &script_calls::load_metadata},
    {"getVariantSettings", &script_calls::load_settings},
    {"tellPartitions", &script_calls::tell_partitions},
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

script_calls::script_calls(run_facts facts, script_surroundings around,
                           std::function<bool()> is_given_up)
  : facts_{std::move(facts)}, stores_{around.stores}, out_{around.out}, tokens_{around.tokens},
    commands_{around.commands}, waits_{around.waits}, rules_{around.rules},
    cache_{stores_,
           {facts_.ticket, facts_.marks_seen, facts_.deletions_max_percent, std::move(is_given_up),
            facts_.call}} {}

void script_calls::take(const std::shared_ptr<call_host>& host, const frame_body& body) {
  auto root = body.root();
  call x{host, root.at("seq").number(), root.at("args")};
  if (host->is_stopped())
    return refuse(x, fail(errc::cancelled, "the run has ended"));
  auto method = root.at("method").bytes().value_or(std::string_view{});
  for (const auto& known : table())
    if (known.method == method && known.writes && facts_.discovers)
      return refuse(
        x, fail(errc::invalid, "partitions only tells what there is: no " + std::string{method}));
    else if (known.method == method)
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
  auto order = read_order(x.args);
  order.owner = facts_.run;
  order.variant = facts_.ticket.variant.id;
  order.watch = facts_.budget;
  if (facts_.tells_trace)
    add_trace(order.headers, facts_.trace);
  request_hooks hooks;
  hooks.is_given_up = [host = x.host] { return host->is_stopped(); };
  hooks.note = [host = x.host](const request_trace& y) { host->note_request(y); };
  hooks.renewed = remember_credentials(x.host);
  start_provider_request(out_, tokens_, {std::move(*link), std::move(*rules)}, std::move(order),
                         std::move(hooks), answer_with_result(x.host, facts_.run, x.seq));
}

void script_calls::fetch(const call& x) {
  auto request = read_fetch(x.args);
  request.owner = facts_.run;
  if (facts_.tells_trace)
    add_trace(request.headers, facts_.trace);
  out_.send(std::move(request), answer_with_result(x.host, facts_.run, x.seq));
}

// Later requests of the run begin with the new credentials. The host keeps us alive.
std::function<void(const connection&)>
script_calls::remember_credentials(const std::shared_ptr<call_host>& host) {
  return [this, host](const connection& fresh) {
    host->post([this, host, fresh] {
      if (fresh.number == facts_.link.number)
        facts_.link.credentials = fresh.credentials;
    });
  };
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
  auto rules = rules_of(x, *link);
  auto is_forced = x.args.at("forceRefresh").flag();
  if (!rules || !(is_forced || tokens_.is_due(*rules, *link)))
    return reply_text(x, connection_view(*link, now_ms()));
  auto need = is_forced ? token_need::forced : token_need::due;
  tokens_.freshen(std::move(*link), std::move(*rules), need,
                  [this, host = x.host, seq = x.seq,
                   remember = remember_credentials(x.host)](const token_result& renewed) {
                    if (renewed.failure.empty())
                      remember(renewed.link);
                    host->post([this, host, seq, renewed] { show(host, seq, renewed); });
                  });
}

void script_calls::show(const std::shared_ptr<call_host>& host, int64_t seq,
                        const token_result& renewed) {
  if (renewed.failure.empty())
    return reply_text({host, seq, {}}, connection_view(renewed.link, now_ms()));
  upstream_result failed;
  failed.failure = renewed.failure;
  failed.message = renewed.message;
  answer_with_result(host, facts_.run, seq)(std::move(failed));
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
  return read_provider_rules(**found);
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
  if (code_of(why) == errc::cancelled)
    x.host->start_over(detail_of(why));
  x.host->answer(make_error_frame(facts_.run, x.seq, type_of(why), detail_of(why)));
}

} // namespace varia
