#include "store/budgets.hpp"
#include "tests/support/provider_stub.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/upstream_asking.hpp"
#include "upstream/retry.hpp"
#include "upstream/shared_budget.hpp"
#include "upstream/upstream.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace varia;
using namespace std::chrono_literals;

namespace {

using steady = std::chrono::steady_clock;

// A provider that allows `requests` in each span and answers 429 to what is more.
class strict_provider {
public:
  void answer(const test::stub_request& request, test::stub_response& response) {
    std::lock_guard guard{mutex};
    auto now = steady::now();
    while (!recent.empty() && now - recent.front() >= per)
      recent.pop_front();
    if (recent.size() >= requests) {
      ++refused;
      response.result(429);
      return;
    }
    recent.push_back(now);
    ++served[std::string{request.target()}];
  }

  size_t requests = 10;
  milliseconds per{250};
  std::mutex mutex;
  std::deque<steady::time_point> recent;
  std::map<std::string, int> served; ///< By variant.
  int refused = 0;
};

/// One process of the cluster.
struct process {
  explicit process(const std::string& url)
    : budget{std::make_shared<shared_budget>(redis_config{url, 2s})}, out{test::loopback_config(),
                                                                          budget} {}

  std::shared_ptr<shared_budget> budget;
  upstream out;
};

struct fixture {
  upstream_request request(const std::string& variant, rate_limit rate) {
    upstream_request result;
    result.owner = 1;
    result.method = "GET";
    result.url = stub.url() + "/" + variant;
    result.rate_key = "14";
    result.rate_variant = variant;
    result.rate = rate;
    return result;
  }

  static std::future<upstream_result> begin(process& from, upstream_request what) {
    auto promise = std::make_shared<std::promise<upstream_result>>();
    from.out.send(std::move(what),
                  [promise](upstream_result x) { promise->set_value(std::move(x)); });
    return promise->get_future();
  }

  static upstream_result end(std::future<upstream_result> result) {
    BOOST_REQUIRE((result.wait_for(30s) == std::future_status::ready));
    return result.get();
  }

  /// Sends one request after the other, until `stop`.
  static void keep_asking(process& from, upstream_request what, std::atomic<bool>& stop) {
    auto again = std::make_shared<std::function<void()>>();
    *again = [&from, &stop, what, again] {
      from.out.send(what, [&stop, again](const upstream_result& x) {
        if (!stop && x.failure.empty())
          (*again)();
        else
          *again = nullptr;
      });
    };
    (*again)();
  }

  test::redis_server server;
  redis db = server.connect_prepared();
  strict_provider provider;
  test::provider_stub stub{[this](auto& in, auto& out) { provider.answer(in, out); }};
  process a{server.url()};
  process b{server.url()};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(shared_budget_test, fixture)

BOOST_AUTO_TEST_CASE(requests_without_a_rate_go_at_once) {
  provider.requests = 1000;
  std::vector<std::future<upstream_result>> all;
  for (auto i = 0; i < 50; ++i)
    all.push_back(begin(a, request(std::to_string(i % 5), {})));
  for (auto& x : all)
    BOOST_TEST(end(std::move(x)).status == 200);
  BOOST_TEST(budgets(db, "test").list()->empty());
}

BOOST_AUTO_TEST_CASE(many_variants_of_two_processes_keep_the_rate_and_get_the_same) {
  std::atomic<bool> stop{false};
  for (auto i = 0; i < 40; ++i)
    keep_asking(
      i % 4 == 0 ? a : b,
      request("v" + std::to_string(i), {static_cast<uint32_t>(provider.requests), provider.per}),
      stop);
  std::this_thread::sleep_for(4s);
  stop = true;
  a.out.stop();
  b.out.stop();
  std::lock_guard guard{provider.mutex};
  auto total = 0;
  for (auto& [variant, count] : provider.served)
    total += count;
  BOOST_TEST_MESSAGE(total << " requests in 4 s, at most 160 are allowed");
  BOOST_TEST(provider.refused == 0);
  BOOST_TEST(provider.served.size() == 40U);
  auto [least, most] = std::minmax_element(provider.served.begin(), provider.served.end(),
                                           [](auto& x, auto& y) { return x.second < y.second; });
  BOOST_TEST(most->second - least->second <= 2);
}

BOOST_AUTO_TEST_CASE(a_pause_that_one_is_asked_for_holds_all) {
  a.out.pause("14", 400ms, "429");
  auto paused_at = steady::now();
  auto own = begin(a, request("x", {}));
  for (auto i = 0; i < 1000 && budgets(db, "test").list()->empty(); ++i)
    std::this_thread::sleep_for(1ms);
  auto sibling = begin(b, request("y", {}));
  BOOST_TEST(end(std::move(own)).status == 200);
  BOOST_TEST(end(std::move(sibling)).status == 200);
  BOOST_TEST((steady::now() - paused_at >= 400ms));
}

BOOST_AUTO_TEST_CASE(requests_wait_while_the_store_is_away) {
  end(begin(a, request("x", {})));
  server.crash();
  auto result = begin(a, request("x", {}));
  BOOST_TEST((result.wait_for(300ms) == std::future_status::timeout));
  server.start();
  server.connect_prepared();
  BOOST_TEST(end(std::move(result)).status == 200);
}

BOOST_AUTO_TEST_CASE(a_run_that_ends_leaves_the_row) {
  rate_limit narrow{1, 1h};
  end(begin(a, request("x", narrow)));
  auto waiting = begin(a, request("y", narrow));
  auto count = [&] {
    auto all = budgets{db, "test"}.list();
    return all && !all->empty() ? all->front().waiting : 0;
  };
  for (auto i = 0; i < 4000 && count() != 1; ++i)
    std::this_thread::sleep_for(1ms);
  BOOST_TEST(count() == 1U);
  a.out.cancel(1);
  BOOST_TEST(end(std::move(waiting)).failure == "cancelled");
  for (auto i = 0; i < 4000 && count() != 0; ++i)
    std::this_thread::sleep_for(1ms);
  BOOST_TEST(count() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
