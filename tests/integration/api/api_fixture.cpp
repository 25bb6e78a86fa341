#include "tests/integration/api/api_fixture.hpp"

#include "tests/support/upstream_asking.hpp"

#include <chrono>
#include <future>

namespace varia::test {

expected<uint32_t> fake_cluster::limit_of(const sync_id& sync) {
  auto view = variant_limits{db_}.view({"dev", sync.connection, sync.name},
                                       static_cast<uint32_t>(named_max));
  if (!view)
    return std::move(view.error());
  return view->effective;
}

expected<void> fake_cluster::note_each(const char* word, const std::vector<variant_key>& keys) {
  variants registry{db_};
  for (auto& key : keys) {
    auto entry = registry.find(key);
    if (!entry)
      return std::move(entry.error());
    if (!*entry)
      return fail(errc::not_found, "no such variant");
    notes_ += std::string{word} + " " + to_string(key) + "\n";
  }
  return caf::unit;
}

expected<void> fake_cluster::ensure(const std::vector<sync_wish>& wishes) {
  variants registry{db_};
  for (auto& wish : wishes) {
    notes_ += "ensure " + to_string(wish.sync) + (wish.paused ? " paused " : " started ")
              + std::to_string(wish.due.period_ms) + "\n";
    auto added = registry.add(epoch_, {wish.sync, base_variant}, wish.paused, named_max);
    if (!added && code_of(added.error()) != errc::exists)
      return std::move(added.error());
  }
  return caf::unit;
}

expected<void> fake_cluster::forget(connection_number connection) {
  variants registry{db_};
  notes_ += "forget " + std::to_string(connection) + "\n";
  auto syncs = registry.syncs_of(connection);
  if (!syncs)
    return std::move(syncs.error());
  for (auto& sync : *syncs) {
    auto entries = registry.list({connection, sync});
    if (!entries)
      return std::move(entries.error());
    for (auto& entry : *entries)
      if (auto removed = registry.remove(epoch_, entry.key); !removed)
        return std::move(removed.error());
  }
  return caf::unit;
}

cluster_commands fake_cluster::commands() {
  using keys = std::vector<variant_key>;
  cluster_commands result;
  result.create = [this](const variant_key& key, bool paused, const timing& due) {
    return guarded([&]() -> expected<variant_entry> {
      notes_ += "create " + to_string(key) + " " + std::to_string(due.period_ms) + "\n";
      auto limit = limit_of(key.sync);
      if (!limit)
        return std::move(limit.error());
      return variants{db_}.add(epoch_, key, paused, *limit);
    });
  };
  result.remove = [this](const variant_key& key) {
    return guarded([&]() -> expected<void> {
      auto removed = variants{db_}.remove(epoch_, key);
      return removed ? expected<void>{caf::unit} : removed.error();
    });
  };
  result.change = [this](const variant_batch& batch) {
    return guarded([&]() -> expected<batch_result> {
      auto limit = limit_of(batch.sync);
      if (!limit)
        return std::move(limit.error());
      notes_ += "change " + std::to_string(batch.orders.size()) + " of " + to_string(batch.sync)
                + " " + std::to_string(batch.due.period_ms) + "\n";
      return variant_orders{db_}.apply(epoch_, batch, *limit, milliseconds{60'000});
    });
  };
  result.set_limit = [this](const limit_change& what) {
    return guarded(
      [&] { return variant_limits{db_}.set(epoch_, what, static_cast<uint32_t>(named_max)); });
  };
  auto set_paused = [this](const keys& which, bool paused) {
    return guarded([&]() -> expected<void> {
      for (auto& key : which)
        if (auto done = variants{db_}.set_paused(epoch_, key, paused); !done)
          return std::move(done.error());
      return note_each(paused ? "pause" : "start", which);
    });
  };
  result.pause = [=](const keys& which) { return set_paused(which, true); };
  result.start = [=](const keys& which) { return set_paused(which, false); };
  result.wake
    = [this](const keys& which) { return guarded([&] { return note_each("wake", which); }); };
  result.trigger = [this](const keys& which, trigger_options options) {
    return guarded([&] {
      auto word = std::string{"trigger"} + (options.reset ? "+reset" : "")
                  + (options.empty_cache ? "+empty" : "");
      return note_each(word.c_str(), which);
    });
  };
  result.set_frequency
    = [this](const variant_key& key, const std::string& text, const timing& due) {
        return guarded([&]() -> expected<void> {
          notes_ += "frequency '" + text + "' " + std::to_string(due.period_ms) + "\n";
          auto done = variants{db_}.set_frequency(epoch_, key, text);
          return done ? expected<void>{caf::unit} : done.error();
        });
      };
  result.cancel = [this](const keys& which, const std::string&) {
    return guarded([&] { return note_each("cancel", which); });
  };
  result.set_schedule = [this](const variant_key& key, const std::string& text,
                               bool replaces_frequency, const timing&) {
    return guarded([&]() -> expected<void> {
      auto done = variants{db_}.set_schedule(epoch_, key, text, replaces_frequency);
      return done ? expected<void>{caf::unit} : done.error();
    });
  };
  result.ensure = [this](const std::vector<sync_wish>& wishes) {
    return guarded([&] { return ensure(wishes); });
  };
  result.forget
    = [this](connection_number connection) { return guarded([&] { return forget(connection); }); };
  auto order = [this](const std::string& words, const std::string& name) {
    return guarded([&]() -> expected<void> {
      if (name == "nobody")
        return fail(errc::not_found, "there is no " + name);
      if (name == "alone")
        return fail(errc::conflict, "there is no other one");
      notes_ += words + " " + name + "\n";
      return caf::unit;
    });
  };
  result.cordon = [order](const std::string& worker, bool on) {
    return order(on ? "cordon" : "uncordon", worker);
  };
  result.drain = [order](const std::string& worker, milliseconds deadline) {
    return order("drain within " + std::to_string(deadline.count()), worker);
  };
  result.move = [order](const variant_key& key, const std::string& worker, milliseconds) {
    return order("move " + key.name + " to", worker);
  };
  result.promote = [order](const std::string& name) { return order("promote", name); };
  result.rebalance = [this](bool apply) {
    return guarded([&]() -> expected<std::vector<planned_move>> {
      notes_ += apply ? "rebalance\n" : "";
      return std::vector<planned_move>{{{{14, "orders"}, "eu"}, "w1", "w2"}};
    });
  };
  result.status = [this] {
    return guarded([&]() -> expected<cluster_status> {
      cluster_status status;
      status.leader = "c1";
      status.epoch = epoch_;
      status.workers = {{"w1", "host:1", true, {3, 1, 0, 16}, "active", {{"zone", "a"}}}};
      return status;
    });
  };
  return result;
}

api_fixture::api_fixture() {
  BOOST_REQUIRE(api_keys{db}.add(key, "dev"));
  redis_config config;
  config.url = server.url();
  context.stores = std::make_shared<store_pool>(config);
  context.feed = *record_feed::make(config);
  context.outside = outside = std::make_shared<provider_access>(
    config, loopback_config(), milliseconds{60000}, proxy_calls_max);
  context.actions = called = std::make_shared<action_access>(config, action_rules{});
  context.incoming = std::make_shared<incoming_desk>("http://varia", 1000, incoming_per_minute);
  context.cluster = std::make_shared<cluster_commands>(cluster.commands());
  context.catalogue = std::make_shared<providers>(*providers::load());
  context.variants.named_max = 3;
  handler = make_handler(context);
}

api_fixture::~api_fixture() {
  called->stop();
}

api_context api_fixture::limited(uint32_t calls_per_minute) const {
  auto result = context;
  result.calls_per_minute = calls_per_minute;
  return result;
}

void api_fixture::set_up() {
  BOOST_REQUIRE_EQUAL(
    ask("POST", "/integrations", {{"provider", "unauthenticated"}, {"unique_key", "orders"}})
      .status,
    200);
  deploy({flow("orders", false), flow("auto-orders", true)});
  import("c1");
  cluster.take_notes();
}

json api_fixture::flow(const std::string& name, bool auto_start, const std::string& js) {
  return {{"type", "sync"},
          {"syncName", name},
          {"providerConfigKey", "orders"},
          {"models", {name == "orders" ? "Order" : "AutoOrder", "Mark"}},
          {"runs", "every 1d"},
          {"auto_start", auto_start},
          {"fileBody", {{"js", js + name}}}};
}

json api_fixture::deploy(const std::vector<json>& flows, bool reconcile) {
  auto answer = ask(
    "POST", "/sync/deploy",
    {{"flowConfigs", flows}, {"nangoYamlBody", ""}, {"reconcile", reconcile}, {"debug", false}});
  BOOST_REQUIRE_EQUAL(answer.status, 200);
  return answer.body();
}

connection_number api_fixture::import(const std::string& id) {
  auto answer = ask("POST", "/connections",
                    {{"provider_config_key", "orders"},
                     {"connection_id", id},
                     {"credentials", {{"type", "NONE"}}},
                     {"metadata", {{"rev", 0}}}});
  BOOST_REQUIRE_EQUAL(answer.status, 201);
  return answer.body()["id"].get<connection_number>();
}

api_answer api_fixture::send(const std::string& method, const std::string& target,
                             const std::string& body, header_map headers) {
  auto request = parse_target(target);
  BOOST_REQUIRE(request);
  request->method = method;
  request->headers = std::move(headers);
  request->headers.emplace("authorization", "Bearer " + key);
  request->body = body;
  return wait_for(handler(std::move(*request)));
}

api_answer api_fixture::wait_for(http_response whole) {
  if (whole.deferred) {
    auto answer = whole.deferred;
    auto given = std::make_shared<std::promise<http_response>>();
    answer->begin([given](http_response x) { given->set_value(std::move(x)); });
    auto result = given->get_future();
    BOOST_REQUIRE((result.wait_for(std::chrono::seconds{50}) == std::future_status::ready));
    whole = result.get();
  }
  return {whole.status, whole.body, whole};
}

api_answer api_fixture::ask(const std::string& method, const std::string& target, const json& body,
                            header_map headers) {
  headers.emplace("content-type", "application/json");
  return send(method, target, body.dump(), std::move(headers));
}

api_answer api_fixture::ask(const std::string& method, const std::string& target) {
  return send(method, target, "");
}

api_answer api_fixture::ask_with(header_map headers, const std::string& method,
                                 const std::string& target) {
  return send(method, target, "", std::move(headers));
}

json api_fixture::ids(json more) {
  auto result = json{{"provider_config_key", "orders"}, {"connection_id", "c1"}};
  result.update(more);
  return result;
}

api_answer api_fixture::create(const std::string& variant) {
  return ask("POST", "/sync/orders/variant/" + variant, ids());
}

variant_ref api_fixture::ref(const std::string& sync, const std::string& variant) {
  auto number = connections{db}.number_of("dev", "orders", "c1");
  auto entry = variants{db}.find({{*number, sync}, variant});
  BOOST_REQUIRE(entry && *entry);
  return ref_of(**entry);
}

run_ticket api_fixture::begin_run(const std::string& sync, const std::string& variant) {
  auto which = ref(sync, variant);
  assignment wanted;
  wanted.key = {which.sync, variant};
  wanted.id = which.id;
  wanted.owner = {1, make_nonce()};
  auto placed = variants{db}.place(1, "w1", {wanted});
  BOOST_REQUIRE(placed && placed->size() == 1);
  auto begun = runs{db}.begin(which, placed->front().owner, {});
  BOOST_REQUIRE(begun);
  return begun->ticket;
}

} // namespace varia::test
