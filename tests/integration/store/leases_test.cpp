#include "store/leases.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace varia;
using test::code;

namespace {

constexpr milliseconds long_time{60000};
constexpr milliseconds short_time{20};

struct fixture : test::store_fixture {
  leases all{db};

  void outlast(milliseconds span) { std::this_thread::sleep_for(span * 3); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(leases_test, fixture)

BOOST_AUTO_TEST_CASE(nobody_leads_at_first) {
  auto leader = all.leader();
  BOOST_TEST_REQUIRE(!!leader);
  BOOST_TEST(!leader->has_value());
}

BOOST_AUTO_TEST_CASE(of_two_leaders_only_one_gets_the_lead) {
  BOOST_TEST(*all.take_lead("a", long_time) == 1u);
  BOOST_TEST((code(all.take_lead("b", long_time)) == errc::fenced));
  auto leader = *all.leader();
  BOOST_TEST(leader->leader == "a");
  BOOST_TEST(leader->epoch == 1u);
}

BOOST_AUTO_TEST_CASE(of_many_at_once_exactly_one_leads) {
  std::atomic<int> leaders{0};
  std::vector<std::thread> threads;
  for (auto i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      auto own = server.connect();
      if (leases{own}.take_lead(std::to_string(i), long_time))
        ++leaders;
    });
  for (auto& x : threads)
    x.join();
  BOOST_TEST(leaders == 1);
}

BOOST_AUTO_TEST_CASE(a_renewal_keeps_the_epoch_and_a_new_leader_does_not) {
  BOOST_TEST(*all.take_lead("a", short_time) == 1u);
  BOOST_TEST(*all.take_lead("a", short_time) == 1u);
  outlast(short_time);
  BOOST_TEST(!all.leader()->has_value());
  BOOST_TEST(*all.take_lead("b", long_time) == 2u);
  BOOST_TEST((code(all.take_lead("a", long_time)) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(a_leader_that_comes_back_has_a_new_epoch) {
  BOOST_TEST(*all.take_lead("a", short_time) == 1u);
  outlast(short_time);
  BOOST_TEST(*all.take_lead("a", long_time) == 2u);
}

BOOST_AUTO_TEST_CASE(only_the_leader_can_give_up_the_lead) {
  BOOST_TEST_REQUIRE(!!all.take_lead("a", long_time));
  BOOST_TEST_REQUIRE(!!all.give_up_lead("b"));
  BOOST_TEST(all.leader()->has_value());
  BOOST_TEST_REQUIRE(!!all.give_up_lead("a"));
  BOOST_TEST(!all.leader()->has_value());
  BOOST_TEST(*all.take_lead("b", long_time) == 2u);
}

BOOST_AUTO_TEST_CASE(a_worker_name_belongs_to_one_process) {
  BOOST_TEST_REQUIRE(!!all.renew_worker("w1", "boot-1", "host:1", long_time));
  BOOST_TEST((code(all.renew_worker("w1", "boot-2", "host:2", long_time)) == errc::fenced));
  BOOST_TEST_REQUIRE(!!all.renew_worker("w1", "boot-1", "host:1", long_time));
  BOOST_TEST_REQUIRE(!!all.renew_worker("w2", "boot-2", "host:2", long_time));
  auto workers = *all.workers();
  BOOST_TEST_REQUIRE(workers.size() == 2u);
  BOOST_TEST(workers[0].worker == "w1");
  BOOST_TEST(workers[0].address == "host:1");
  BOOST_TEST(workers[0].since > 0);
}

BOOST_AUTO_TEST_CASE(a_worker_lease_ends_by_itself) {
  BOOST_TEST_REQUIRE(!!all.renew_worker("w1", "boot-1", "host:1", short_time));
  outlast(short_time);
  BOOST_TEST(all.workers()->empty());
  BOOST_TEST(!!all.renew_worker("w1", "boot-2", "host:2", long_time));
}

BOOST_AUTO_TEST_CASE(only_its_holder_can_give_up_a_worker_lease) {
  BOOST_TEST_REQUIRE(!!all.renew_worker("w1", "boot-1", "host:1", long_time));
  BOOST_TEST_REQUIRE(!!all.give_up_worker("w1", "boot-2"));
  BOOST_TEST(all.workers()->size() == 1u);
  BOOST_TEST_REQUIRE(!!all.give_up_worker("w1", "boot-1"));
  BOOST_TEST(all.workers()->empty());
}

BOOST_AUTO_TEST_SUITE_END()
