#pragma once

#include "api/action_access.hpp"
#include "api/api.hpp"
#include "api/incoming_desk.hpp"
#include "api/provider_access.hpp"
#include "store/api_keys.hpp"
#include "store/connections.hpp"
#include "store/records.hpp"
#include "store/runs.hpp"
#include "store/variant_limits.hpp"
#include "store/variant_orders.hpp"
#include "tests/support/redis_server.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace varia::test {

/// The leader as the API sees it, without a cluster: commands write straight to the store, and
/// what was asked is noted.
class fake_cluster {
public:
  explicit fake_cluster(const redis_server& server) : db_{server.connect_prepared()} {}

  cluster_commands commands();

  std::string take_notes() { return std::exchange(notes_, {}); }

  size_t named_max = 3;
  bool leads = true; ///< False: every command fails as if no leader were in reach.

private:
  template <class Action>
  auto guarded(Action action) -> decltype(action()) {
    std::lock_guard guard{mutex_};
    if (!leads)
      return fail(errc::unavailable, "nobody leads");
    return action();
  }

  expected<uint32_t> limit_of(const sync_id& sync);
  expected<void> note_each(const char* word, const std::vector<variant_key>& keys);
  expected<void> ensure(const std::vector<sync_wish>& wishes);
  expected<void> forget(connection_number connection);

  static constexpr uint64_t epoch_ = 1;

  std::mutex mutex_;
  redis db_;
  std::string notes_;
};

/// One answer of the API: "200 {...}" to compare with, and its parts.
struct api_answer {
  int status = 0;
  std::string text;
  http_response whole;

  json body() const { return json::parse(text); }
  std::string line() const { return std::to_string(status) + " " + text; }
};

/// The whole API on an empty store, with the functions `orders` (paused) and `auto-orders` of the
/// integration `orders`, and the connection `c1`.
struct api_fixture {
  using header_map = std::map<std::string, std::string>;

  api_fixture();
  ~api_fixture();

  /// The same API with a limit of calls in a minute.
  api_context limited(uint32_t calls_per_minute) const;

  /// Deploys, and imports the connection.
  void set_up();

  /// One entry of the `flowConfigs` of a deploy.
  static json flow(const std::string& name, bool auto_start, const std::string& js = "x");

  json deploy(const std::vector<json>& flows, bool reconcile = true);

  connection_number import(const std::string& id);

  api_answer send(const std::string& method, const std::string& target, const std::string& body,
                  header_map headers = {});

  /// An answer as it comes in the end.
  static api_answer wait_for(http_response whole);

  api_answer ask(const std::string& method, const std::string& target, const json& body,
                 header_map headers = {});

  api_answer ask(const std::string& method, const std::string& target);

  /// Without a body.
  api_answer ask_with(header_map headers, const std::string& method, const std::string& target);

  /// The two ids that most bodies carry, and more.
  static json ids(json more = json::object());

  api_answer create(const std::string& variant);

  variant_ref ref(const std::string& sync, const std::string& variant);

  /// Begins a run of a variant, as a worker would.
  run_ticket begin_run(const std::string& sync, const std::string& variant);

  static constexpr size_t proxy_calls_max = 2;
  static constexpr uint32_t incoming_per_minute = 50;

  redis_server server;
  redis db = server.connect_prepared();
  std::shared_ptr<provider_access> outside;
  std::shared_ptr<action_access> called;
  std::string key = "5f2c6b9e-52a1-4c39-9a39-6e4e8f3c1d2a";
  fake_cluster cluster{server};
  api_context context;
  std::function<http_response(http_request)> handler;
};

/// The same, set up.
struct ready_api : api_fixture {
  ready_api() { set_up(); }
};

} // namespace varia::test
