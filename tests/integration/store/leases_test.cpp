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

candidate someone(const std::string& name, milliseconds ttl) {
  return {name, name + ":7103", static_cast<uint64_t>(ttl.count())};
}

struct fixture : test::store_fixture {
  leases all{db};

  void outlast(milliseconds span) { std::this_thread::sleep_for(span * 3); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(leases_test, fixture)

BOOST_AUTO_TEST_CASE(nobody_leads_at_first) {
  auto leader = all.leader();
  BOOST_TEST_REQUIRE(!!leader);
  BOOST_TEST(leader->leader.empty());
}

BOOST_AUTO_TEST_CASE(of_two_leaders_only_one_gets_the_lead) {
  BOOST_TEST(all.take_lead(someone("a", long_time))->epoch == 1u);
  BOOST_TEST(all.take_lead(someone("b", long_time))->leader != "b");
  auto leader = *all.leader();
  BOOST_TEST(leader.leader == "a");
  BOOST_TEST(leader.epoch == 1u);
}

BOOST_AUTO_TEST_CASE(of_many_at_once_exactly_one_leads) {
  std::atomic<int> leaders{0};
  std::vector<std::thread> threads;
  for (auto i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      auto own = server.connect();
      auto name = std::to_string(i);
      auto leader = leases{own}.take_lead(someone(name, long_time));
      if (leader && leader->leader == name)
        ++leaders;
    });
  for (auto& x : threads)
    x.join();
  BOOST_TEST(leaders == 1);
}

BOOST_AUTO_TEST_CASE(a_renewal_keeps_the_epoch_and_a_new_leader_does_not) {
  BOOST_TEST(all.take_lead(someone("a", short_time))->epoch == 1u);
  BOOST_TEST(all.take_lead(someone("a", short_time))->epoch == 1u);
  outlast(short_time);
  BOOST_TEST(all.leader()->leader.empty());
  BOOST_TEST(all.take_lead(someone("b", long_time))->epoch == 2u);
  BOOST_TEST(all.take_lead(someone("a", long_time))->leader != "a");
}

BOOST_AUTO_TEST_CASE(a_leader_that_comes_back_has_a_new_epoch) {
  BOOST_TEST(all.take_lead(someone("a", short_time))->epoch == 1u);
  outlast(short_time);
  BOOST_TEST(all.take_lead(someone("a", long_time))->epoch == 2u);
}

BOOST_AUTO_TEST_CASE(only_the_leader_can_give_up_the_lead) {
  BOOST_TEST_REQUIRE(!!all.take_lead(someone("a", long_time)));
  BOOST_TEST_REQUIRE(!!all.give_up_lead("b"));
  BOOST_TEST(all.leader()->leader == "a");
  BOOST_TEST_REQUIRE(!!all.give_up_lead("a"));
  BOOST_TEST(all.leader()->leader.empty());
  BOOST_TEST(all.take_lead(someone("b", long_time))->epoch == 2u);
}

BOOST_AUTO_TEST_CASE(everybody_hears_who_leads_where_and_for_how_long) {
  all.take_lead(someone("a", long_time));
  auto heard = *all.take_lead(someone("b", long_time));
  BOOST_TEST(heard.leader == "a");
  BOOST_TEST(heard.address == "a:7103");
  BOOST_TEST(heard.left_ms > 0u);
  BOOST_TEST(!heard.server_id.empty());
  BOOST_TEST(heard.left_ms <= 60000u);
  auto told = *all.renew_worker("w1", "boot-1", "host:1", long_time);
  BOOST_TEST(told.leader == "a");
  BOOST_TEST(told.epoch == heard.epoch);
}

BOOST_AUTO_TEST_CASE(the_lead_is_handed_to_a_coordinator_that_lives) {
  all.take_lead(someone("a", long_time));
  BOOST_TEST((code(all.pass_lead("a", "b", long_time)) == errc::not_found));
  all.take_lead(someone("b", long_time));
  BOOST_TEST((code(all.pass_lead("b", "a", long_time)) == errc::fenced));
  BOOST_TEST(!!all.pass_lead("a", "b", long_time));
  auto now = *all.leader();
  BOOST_TEST(now.leader == "b");
  BOOST_TEST(now.epoch == 2u);
  BOOST_TEST(all.take_lead(someone("a", long_time))->leader == "b");
}

BOOST_AUTO_TEST_CASE(coordinators_are_listed_while_they_live) {
  all.take_lead(someone("a", long_time));
  all.take_lead(someone("b", short_time));
  BOOST_TEST(all.coordinators()->size() == 2u);
  outlast(short_time);
  auto alive = *all.coordinators();
  BOOST_TEST_REQUIRE(alive.size() == 1u);
  BOOST_TEST(alive[0].holder == "a");
  BOOST_TEST(alive[0].address == "a:7103");
  all.give_up_lead("a");
  BOOST_TEST(all.coordinators()->empty());
}

BOOST_AUTO_TEST_CASE(what_is_wanted_of_a_worker_outlives_its_process) {
  all.take_lead(someone("a", long_time));
  all.renew_worker("w1", "boot-1", "host:1", short_time);
  BOOST_TEST(!!all.set_duty(1, "w1", worker_duty::draining));
  BOOST_TEST((code(all.set_duty(9, "w1", worker_duty::active)) == errc::fenced));
  outlast(short_time);
  all.renew_worker("w1", "boot-2", "host:1", long_time);
  BOOST_TEST((all.workers()->front().duty == worker_duty::draining));
  BOOST_TEST(!!all.set_duty(1, "w1", worker_duty::active));
  BOOST_TEST((all.workers()->front().duty == worker_duty::active));
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
