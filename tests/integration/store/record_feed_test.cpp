#include "store/record_feed.hpp"
#include "store/records.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

using namespace varia;
using namespace std::chrono_literals;

namespace {

// Counts its wakes.
class sleeper {
public:
  std::function<void()> wake() {
    return [this] {
      std::lock_guard guard{mutex_};
      ++wakes_;
      changed_.notify_all();
    };
  }

  // Waits until it was woken once more than whoever asked last has seen.
  bool wakes_up() {
    std::unique_lock guard{mutex_};
    auto woken = changed_.wait_for(guard, 10s, [this] { return wakes_ > seen_; });
    seen_ = wakes_;
    return woken;
  }

  // True if it was not woken since.
  bool sleeps_on() {
    std::lock_guard guard{mutex_};
    return wakes_ == seen_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int wakes_ = 0;
  int seen_ = 0;
};

struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  variant_entry us = add("us");
  run_ticket in_eu = begin(eu);
  run_ticket in_us = begin(us);
  uint64_t batch = 0;
  sleeper first;
  // As patient as the tests, so that nobody is woken because the machine is slow.
  record_feed feed{server.connect()};
  record_feed::subscription watching = feed.subscribe(in(eu.id, "Nothing"), first.wake());

  // The sync is being watched, so whoever comes now is woken by commits only.
  fixture() { BOOST_TEST_REQUIRE(first.wakes_up()); }

  void save(const run_ticket& ticket, const std::string& model = "Order") {
    ++batch;
    test::must(cache.save(ticket, batch, model, {{std::to_string(batch), "{}"}}));
  }

  record_feed::interest in(const std::string& variant, const std::string& model = "Order") {
    return {sync, variant, model};
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_feed_test, fixture)

BOOST_AUTO_TEST_CASE(wakes_at_every_commit) {
  sleeper one;
  auto subscription = feed.subscribe(in(eu.id), one.wake());
  for (auto i = 0; i < 5; ++i) {
    save(in_eu);
    BOOST_TEST(one.wakes_up());
  }
}

BOOST_AUTO_TEST_CASE(a_commit_at_any_moment_of_the_begin_is_heard_of) {
  watching.reset();
  for (auto i = 0; i < 50; ++i) {
    sleeper one;
    auto subscription = feed.subscribe(in(eu.id), one.wake());
    if (i % 2 == 0)
      std::this_thread::sleep_for(std::chrono::microseconds{100 * i});
    save(in_eu);
    BOOST_TEST_REQUIRE(one.wakes_up());
  }
}

BOOST_AUTO_TEST_CASE(wakes_only_those_whom_it_concerns) {
  // They are woken in the order in which they came, so the last one tells about all.
  sleeper of_us, of_eu, of_marks, of_all;
  auto a = feed.subscribe(in(us.id), of_us.wake());
  auto b = feed.subscribe(in("", "Mark"), of_marks.wake());
  auto c = feed.subscribe(in(eu.id), of_eu.wake());
  auto d = feed.subscribe(in(""), of_all.wake());
  save(in_eu);
  BOOST_TEST(of_all.wakes_up());
  BOOST_TEST(of_eu.wakes_up());
  BOOST_TEST(of_us.sleeps_on());
  BOOST_TEST(of_marks.sleeps_on());
  save(in_us, "Mark");
  BOOST_TEST(of_marks.wakes_up());
  save(in_us);
  BOOST_TEST(of_all.wakes_up());
  BOOST_TEST(of_us.wakes_up());
  BOOST_TEST(of_eu.sleeps_on());
  BOOST_TEST(of_marks.sleeps_on());
  BOOST_TEST(first.sleeps_on());
}

BOOST_AUTO_TEST_CASE(a_deletion_wakes_whoever_reads_the_variant) {
  sleeper of_us, of_eu, of_all;
  auto a = feed.subscribe(in(us.id), of_us.wake());
  auto b = feed.subscribe(in(eu.id), of_eu.wake());
  auto c = feed.subscribe(in("", "Mark"), of_all.wake());
  test::must(registry.remove(epoch, eu.key));
  BOOST_TEST(of_all.wakes_up());
  BOOST_TEST(of_eu.wakes_up());
  BOOST_TEST(of_us.sleeps_on());
}

BOOST_AUTO_TEST_CASE(follows_many_syncs_at_once) {
  sleeper here, there;
  auto other = sync_id{15, "orders"};
  auto entry = test::must(registry.add(epoch, {other, "eu"}, false, 100));
  auto ticket = begin(entry);
  auto a = feed.subscribe(in(eu.id), here.wake());
  auto b = feed.subscribe({other, entry.id, "Order"}, there.wake());
  BOOST_TEST(there.wakes_up());
  test::must(cache.save(ticket, 1, "Order", {{"1", "{}"}}));
  BOOST_TEST(there.wakes_up());
  save(in_eu);
  BOOST_TEST(here.wakes_up());
}

BOOST_AUTO_TEST_CASE(a_burst_that_outruns_the_feed_wakes_everybody) {
  sleeper of_us;
  auto subscription = feed.subscribe(in(us.id), of_us.wake());
  // More than a feed remembers, in one step, so that it may have forgotten a commit to the other.
  test::must(db.run({"EVAL",
                     "for i = 1, 3000 do redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, '*', "
                     "'v', 'x', 'm', 'Order') end",
                     "1", "v:{14/orders}:feed"}));
  BOOST_TEST(of_us.wakes_up());
}

BOOST_AUTO_TEST_CASE(whoever_stopped_is_not_woken) {
  sleeper stopped, other;
  auto a = feed.subscribe(in(eu.id), stopped.wake());
  auto b = feed.subscribe(in(eu.id), other.wake());
  a.reset();
  save(in_eu);
  BOOST_TEST(other.wakes_up());
  BOOST_TEST(stopped.sleeps_on());
}

BOOST_AUTO_TEST_CASE(begins_again_after_everybody_has_stopped) {
  watching.reset();
  for (auto i = 0; i < 3; ++i) {
    sleeper one;
    auto subscription = feed.subscribe(in(eu.id), one.wake());
    BOOST_TEST(one.wakes_up());
    save(in_eu);
    BOOST_TEST(one.wakes_up());
  }
}

BOOST_AUTO_TEST_CASE(hears_of_commits_after_its_connection_was_lost) {
  sleeper of_us;
  auto subscription = feed.subscribe(in(us.id), of_us.wake());
  for (auto i = 0; i < 3; ++i) {
    test::must(db.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
    save(in_us);
    BOOST_TEST(of_us.wakes_up());
  }
}

BOOST_AUTO_TEST_CASE(another_server_wakes_everybody) {
  sleeper of_us;
  auto subscription = feed.subscribe(in(us.id), of_us.wake());
  server.crash();
  server.start();
  BOOST_TEST(of_us.wakes_up());
}

BOOST_AUTO_TEST_CASE(does_not_wait_long_for_a_redis_that_does_not_answer) {
  // Nobody lives at an address that is reserved for documentation.
  auto lost = test::must(record_feed::make({"redis://192.0.2.1:6379", 1min}));
  auto subscription = lost->subscribe(in(eu.id), [] {});
  std::this_thread::sleep_for(20ms);
  auto begin = std::chrono::steady_clock::now();
  subscription.reset();
  lost.reset();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 10s));
}

BOOST_AUTO_TEST_SUITE_END()
