#include "tests/support/provider_stub.hpp"
#include "tests/support/upstream_asking.hpp"
#include "upstream/upstream.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace varia;
using namespace std::chrono_literals;

namespace {

// A budget that grants what the test says.
class hand_budget final : public request_budget {
public:
  uint64_t ask(budget_claim claim, grant_handler granted) override {
    std::lock_guard guard{mutex};
    waiting[++last] = std::move(granted);
    claims.push_back(std::move(claim));
    return last;
  }

  void sent(uint64_t ticket) override {
    std::lock_guard guard{mutex};
    left.insert(ticket);
  }

  void end(uint64_t ticket) override {
    std::lock_guard guard{mutex};
    waiting.erase(ticket);
    over.insert(ticket);
  }

  void pause(const std::string& connection, milliseconds wait, const std::string& why) override {
    std::lock_guard guard{mutex};
    pauses.push_back(connection + " " + std::to_string(wait.count()) + " " + why);
  }

  void grant(uint64_t ticket) {
    grant_handler granted;
    {
      std::lock_guard guard{mutex};
      granted = waiting.at(ticket);
    }
    granted(ticket);
  }

  size_t asked() {
    std::lock_guard guard{mutex};
    return claims.size();
  }

  bool is_over(uint64_t ticket) {
    std::lock_guard guard{mutex};
    return over.count(ticket) > 0;
  }

  std::mutex mutex;
  uint64_t last = 0;
  std::map<uint64_t, grant_handler> waiting;
  std::vector<budget_claim> claims;
  std::vector<std::string> pauses;
  std::set<uint64_t> left;
  std::set<uint64_t> over;
};

struct fixture {
  std::future<upstream_result> begin(uint64_t owner = 1, milliseconds budget_wait_max = 1h) {
    upstream_request request;
    request.owner = owner;
    request.method = "GET";
    request.url = provider.url() + "/";
    request.rate_key = "14";
    request.rate_variant = "x";
    request.rate = {10, 1s};
    request.budget_wait_max = budget_wait_max;
    auto promise = std::make_shared<std::promise<upstream_result>>();
    out.send(std::move(request),
             [promise](upstream_result x) { promise->set_value(std::move(x)); });
    return promise->get_future();
  }

  template <class Predicate>
  static void await(Predicate done) {
    for (auto i = 0; i < 4000 && !done(); ++i)
      std::this_thread::sleep_for(5ms);
    BOOST_REQUIRE(done());
  }

  static upstream_result end(std::future<upstream_result> result) {
    BOOST_REQUIRE((result.wait_for(20s) == std::future_status::ready));
    return result.get();
  }

  std::atomic<int> seen{0};
  test::provider_stub provider{[this](auto&, auto&) { ++seen; }};
  std::shared_ptr<hand_budget> budget = std::make_shared<hand_budget>();
  upstream out{test::loopback_config(), budget};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(budget_room_test, fixture)

BOOST_AUTO_TEST_CASE(sends_a_request_only_when_it_may_go) {
  auto result = begin();
  await([&] { return budget->asked() == 1; });
  BOOST_TEST(budget->claims[0].connection == "14");
  BOOST_TEST(budget->claims[0].variant == "x");
  BOOST_TEST(budget->claims[0].rate.requests == 10U);
  BOOST_TEST(seen == 0);
  budget->grant(1);
  BOOST_TEST(end(std::move(result)).status == 200);
  await([&] { return budget->is_over(1); });
  BOOST_TEST(budget->left.count(1) == 1U);
}

BOOST_AUTO_TEST_CASE(a_cancelled_request_gives_its_ticket_back) {
  auto first = begin(1);
  auto second = begin(2);
  await([&] { return budget->asked() == 2; });
  out.cancel(1);
  BOOST_TEST(end(std::move(first)).failure == "cancelled");
  await([&] { return budget->is_over(1); });
  BOOST_TEST(!budget->is_over(2));
  budget->grant(2);
  BOOST_TEST(end(std::move(second)).status == 200);
  BOOST_TEST(seen == 1);
}

BOOST_AUTO_TEST_CASE(a_request_waits_no_longer_than_it_wants) {
  BOOST_TEST(end(begin(1, 20ms)).failure == "ERR_BUDGET_TIMEOUT");
  await([&] { return budget->is_over(1); });
}

BOOST_AUTO_TEST_CASE(stopping_ends_what_waits) {
  auto result = begin();
  await([&] { return budget->asked() == 1; });
  out.stop();
  BOOST_TEST(end(std::move(result)).failure == "cancelled");
  BOOST_TEST(budget->is_over(1));
}

BOOST_AUTO_TEST_CASE(passes_on_that_a_provider_wants_a_pause) {
  out.pause("14", 3s, "429");
  out.pause("", 3s, "429");
  BOOST_TEST(budget->pauses == std::vector<std::string>{"14 3000 429"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
