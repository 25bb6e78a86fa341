#pragma once

#include "store/connections.hpp"
#include "store/functions.hpp"
#include "store/integrations.hpp"
#include "store/record_pages.hpp"
#include "store/run_logs.hpp"
#include "store/runs.hpp"
#include "store/variants.hpp"
#include "tests/support/redis_server.hpp"
#include "worker/run_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace varia::test {

using namespace std::chrono_literals;

inline settings engine_settings(const std::string& redis_url) {
  settings result;
  result.redis.url = redis_url;
  auto program = std::filesystem::read_symlink("/proc/self/exe");
  result.runtime.dir = (program.parent_path().parent_path() / "runtime").string();
  result.runtime.slots = 4;
  result.runtime.cancel_grace = 1000ms;
  result.upstream.allow = "127.0.0.1";
  return result;
}

inline std::string script(const std::string& body) {
  return "exports.default = { type: 'sync', exec: async (nango) => {" + body + "} };";
}

/// An engine on a private Redis with one integration and one connection in environment "dev".
struct engine_fixture {
  engine_fixture() { add_integration("dev"); }

  void add_integration(const std::string& environment) {
    integration x;
    x.unique_key = "orders";
    x.provider = "api-key";
    BOOST_REQUIRE(integrations{db}.add(environment, x));
  }

  // Deploys a script and makes a variant of it that belongs to us.
  assignment make(const std::string& name, const std::string& body,
                  const std::string& variant = base_variant) {
    auto sha = functions{db}.put_code(script(body));
    BOOST_REQUIRE(sha);
    function code;
    code.provider_config_key = "orders";
    code.name = name;
    code.sha = *sha;
    code.models = {"Order"};
    BOOST_REQUIRE(functions{db}.deploy("dev", {code}));
    variant_key key{{link().number, name}, variant};
    auto entry = variants{db}.add(1, key, false, 100);
    BOOST_REQUIRE(entry);
    return place({key, entry->id, {1, make_nonce()}, false, 0, {}});
  }

  assignment place(assignment wanted) {
    wanted.owner = {1, make_nonce()};
    auto placed = variants{db}.place(1, "w1", {wanted});
    BOOST_REQUIRE(placed);
    BOOST_REQUIRE_EQUAL(placed->size(), 1U);
    return placed->front();
  }

  connection link() {
    auto found = connections{db}.find("dev", "orders", "c1");
    BOOST_REQUIRE(found);
    if (*found)
      return **found;
    connection x;
    x.environment = "dev";
    x.provider_config_key = "orders";
    x.connection_id = "c1";
    x.provider = "api-key";
    x.credentials = R"({"type":"API_KEY","apiKey":"k1"})";
    x.metadata = R"({"threshold":10})";
    auto stored = connections{db}.put(x);
    BOOST_REQUIRE(stored);
    return *stored;
  }

  void prepare() {
    auto ready = engine->prepare();
    BOOST_REQUIRE_MESSAGE(ready, (ready ? "" : describe(ready.error())));
  }

  std::future<run_result> begin(const assignment& x) {
    auto promise = std::make_shared<std::promise<run_result>>();
    engine->start({x, 1}, [promise](run_result y) { promise->set_value(std::move(y)); });
    return promise->get_future();
  }

  // A run for what waits in the store.
  run_result run_what_waits(const assignment& x) {
    auto promise = std::make_shared<std::promise<run_result>>();
    engine->start({x, {}}, [promise](run_result y) { promise->set_value(std::move(y)); });
    return end(promise->get_future());
  }

  static run_result end(std::future<run_result> future) {
    BOOST_REQUIRE((future.wait_for(30s) == std::future_status::ready));
    return future.get();
  }

  run_result run(const assignment& x) { return end(begin(x)); }

  // As a VARIANT does it: what was interrupted begins again at once.
  std::future<run_result> persist(const assignment& x) {
    auto promise = std::make_shared<std::promise<run_result>>();
    attempt(x, promise, 5);
    return promise->get_future();
  }

  void attempt(const assignment& x, const std::shared_ptr<std::promise<run_result>>& promise,
               int left) {
    engine->start({x, 1}, [this, x, promise, left](run_result y) {
      if (y.outcome == run_outcome::interrupted && left > 1)
        attempt(x, promise, left - 1);
      else
        promise->set_value(std::move(y));
    });
  }

  run_result succeed(const assignment& x) {
    auto result = run(x);
    BOOST_REQUIRE_MESSAGE(result.outcome == run_outcome::success, result.error);
    return result;
  }

  std::vector<stored_record> records_of(const assignment& x) {
    record_query query;
    query.model = "Order";
    query.limit = 10000;
    auto page = record_pages{db}.page(ref_of(x), query);
    BOOST_REQUIRE(page);
    return page->records;
  }

  variant_state state_of(const assignment& x) {
    auto states = runs{db}.states({ref_of(x)});
    BOOST_REQUIRE(states);
    return states->front();
  }

  // Waits until the run of a variant has logged this message.
  void await_log(const assignment& x, const std::string& message) {
    for (auto i = 0; i < 2000; ++i) {
      auto lines = run_logs{db}.read(ref_of(x), {});
      BOOST_REQUIRE(lines);
      for (const auto& line : *lines)
        if (line.text.find('"' + message + '"') != std::string::npos)
          return;
      std::this_thread::sleep_for(5ms);
    }
    BOOST_FAIL("never logged: " + message);
  }

  void use(settings changed) {
    engine.reset();
    engine = std::make_unique<run_engine>(changed);
  }

  redis_server server;
  redis db = server.connect_prepared();
  settings config = engine_settings(server.url());
  std::unique_ptr<run_engine> engine = std::make_unique<run_engine>(config);
};

/// Ends a script that is to run until something happens to it.
inline constexpr auto pause_script = "await new Promise((resolve) => setTimeout(resolve, 300000));";

} // namespace varia::test
