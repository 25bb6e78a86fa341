#include "store/functions.hpp"
#include "store/leases.hpp"
#include "tests/support/redis_server.hpp"
#include "worker/action_runner.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

using namespace varia;
using namespace varia::test;

namespace {

using namespace std::chrono_literals;

/// A runner whose engine only notes what it is given.
struct fixture {
  ~fixture() { runner.reset(); }

  void open(action_runner_config config) {
    action_engine engine;
    engine.start
      = [this](const taken_action& what, const std::string& claim, std::function<void()> done) {
          std::lock_guard guard{mutex};
          begun[what.order.id] = {claim, std::move(done)};
        };
    engine.lose = [this](const std::string& id) {
      std::lock_guard guard{mutex};
      lost = id;
    };
    runner = std::make_unique<action_runner>(server.connect_prepared(), config, std::move(engine));
    runner->begin("w1");
  }

  std::string put(uint32_t depth = 0, bool is_queued = false) {
    action_order x;
    x.id = "call-" + std::to_string(++last);
    x.connection = is_queued ? last : 1;
    x.kind = function_kind::action;
    x.name = "refund";
    x.depth = depth;
    x.is_queued = is_queued;
    x.start_max = 30s;
    x.run_max = 900s;
    x.kept_for = 3600s;
    BOOST_REQUIRE(actions{db}.put(x, {}));
    runner->wake();
    return x.id;
  }

  bool has_begun(const std::string& id) {
    std::lock_guard guard{mutex};
    return begun.count(id) > 0;
  }

  void await_begin(const std::string& id) {
    for (auto i = 0; i < 4000 && !has_begun(id); ++i)
      std::this_thread::sleep_for(5ms);
    BOOST_TEST_REQUIRE(has_begun(id));
  }

  int64_t lease_of(const std::string& id) {
    auto score = db.run({"ZSCORE", "{a}:busy", id});
    BOOST_REQUIRE(score);
    return number_of(**score);
  }

  void end(const std::string& id) {
    std::pair<std::string, std::function<void()>> call;
    {
      std::lock_guard guard{mutex};
      call = begun.at(id);
    }
    BOOST_REQUIRE(actions{db}.end({id, call.first}, {action_outcome::kind::success, "1", {}}));
    call.second();
  }

  redis_server server;
  redis db = server.connect_prepared();
  size_t last = 0;
  std::mutex mutex;
  std::map<std::string, std::pair<std::string, std::function<void()>>> begun;
  std::optional<std::string> lost;
  std::unique_ptr<action_runner> runner;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(action_runner_test, fixture)

BOOST_AUTO_TEST_CASE(takes_as_many_as_there_is_room_for_and_the_next_when_one_ends) {
  open({1, 1});
  auto first = put();
  auto second = put();
  auto queued = put(0, true);
  await_begin(first);
  await_begin(queued);
  BOOST_TEST(!has_begun(second));
  end(first);
  await_begin(second);
  BOOST_TEST(runner->running() == 2U);
}

BOOST_AUTO_TEST_CASE(nested_calls_have_room_while_their_callers_wait) {
  open({1, 1});
  await_begin(put(0));
  await_begin(put(1));
  await_begin(put(2));
}

BOOST_AUTO_TEST_CASE(a_cordoned_worker_takes_nothing) {
  auto lead = leases{db}.take_lead({"c1", "h:1", 60000});
  BOOST_REQUIRE(lead);
  BOOST_REQUIRE(leases{db}.set_duty(lead->epoch, "w1", worker_duty::cordoned));
  open({1, 1});
  auto id = put();
  std::this_thread::sleep_for(50ms);
  BOOST_TEST(!has_begun(id));
  BOOST_REQUIRE(leases{db}.set_duty(lead->epoch, "w1", worker_duty::active));
  runner->wake();
  await_begin(id);
}

BOOST_AUTO_TEST_CASE(one_that_holds_takes_nothing_and_waits_for_what_runs) {
  open({1, 1});
  auto first = put();
  await_begin(first);
  runner->hold();
  BOOST_TEST(!runner->await_idle(10ms));
  end(first);
  BOOST_TEST(runner->await_idle(10s));
  BOOST_TEST(!has_begun(put()));
}

BOOST_AUTO_TEST_CASE(renews_what_it_has_and_hears_of_what_it_lost) {
  open({1, 1, 3000ms});
  auto id = put();
  await_begin(id);
  auto kept_until = lease_of(id);
  for (auto i = 0; i < 4000 && lease_of(id) == kept_until; ++i)
    std::this_thread::sleep_for(5ms);
  BOOST_TEST(lease_of(id) > kept_until);
  auto task = "{a}:t:" + id;
  BOOST_REQUIRE(db.run({"HSET", task, "claim", "other"}));
  for (auto i = 0; i < 4000; ++i) {
    std::this_thread::sleep_for(5ms);
    std::lock_guard guard{mutex};
    if (lost == id)
      break;
  }
  std::lock_guard guard{mutex};
  BOOST_TEST((lost == id));
}

BOOST_AUTO_TEST_SUITE_END()
