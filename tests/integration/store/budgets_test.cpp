#include "store/budgets.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

using namespace varia;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

struct fixture : test::store_fixture {
  budget_question question(std::vector<std::string> claims, uint32_t requests = 0,
                           milliseconds per = 1h) {
    budget_question result;
    result.connection = "14";
    result.requests = requests;
    result.per = per;
    result.margin = 20ms;
    result.claims = std::move(claims);
    return result;
  }

  static budget_answer ask(budgets& of, const budget_question& what) {
    auto answers = of.ask({what});
    BOOST_REQUIRE_MESSAGE(answers, (answers ? "" : describe(answers.error())));
    BOOST_REQUIRE_EQUAL(answers->size(), 1U);
    return answers->front();
  }

  /// The claims that were granted, joined by blanks.
  static std::string granted(budgets& of, const budget_question& what) {
    std::string result;
    for (auto& grant : ask(of, what).grants)
      result += what.claims.at(grant.claim) + " ";
    return result;
  }

  void pause(milliseconds wait) { BOOST_REQUIRE(a.pause("14", wait, "the provider said 429")); }

  /// Asks again and again until all the claims have been granted, and returns their order.
  static std::string drain(budgets& of, budget_question what) {
    std::string result;
    for (auto i = 0; i < 5000 && !what.claims.empty(); ++i) {
      auto answer = ask(of, what);
      auto left = answer.is_open ? std::vector<std::string>{} : what.claims;
      if (answer.is_open)
        for (auto& claim : what.claims)
          result += claim + " ";
      for (auto& grant : answer.grants) {
        auto& claim = what.claims.at(grant.claim);
        result += claim + " ";
        left.erase(std::find(left.begin(), left.end(), claim));
      }
      what.claims = left;
      std::this_thread::sleep_for(2ms);
    }
    BOOST_TEST(what.claims.empty());
    return result;
  }

  redis db_a = server.connect();
  redis db_b = server.connect();
  budgets a{db_a, "process-a"};
  budgets b{db_b, "process-b"};
};

/// A process whose variants always have a request to send.
struct busy_process {
  void run(const std::string& url) {
    auto own = redis::make({url, 2s});
    budgets budget{*own, name};
    budget_question what;
    what.connection = "14";
    what.requests = requests;
    what.per = per;
    what.margin = 1s; // More than any stall of this process.
    std::mt19937 chance{seed};
    while (!stop) {
      what.claims = variants;
      auto answers = budget.ask({what});
      if (!answers)
        continue;
      what.reports.clear();
      for (auto& grant : answers->front().grants) {
        arrivals.emplace_back(clock_type::now(), variants.at(grant.claim));
        what.reports.push_back({budget_report::kind::over, grant.permit, per});
      }
      // What was granted stands behind the others, as its next request does.
      std::stable_partition(variants.begin(), variants.end(), [&](auto& x) {
        return std::none_of(answers->front().grants.begin(), answers->front().grants.end(),
                            [&](auto& grant) { return what.claims.at(grant.claim) == x; });
      });
      std::this_thread::sleep_for(milliseconds{chance() % 8});
    }
  }

  std::string name;
  uint32_t seed = 0;
  std::vector<std::string> variants;
  uint32_t requests = 5;
  milliseconds per{60};
  std::atomic<bool> stop{false};
  std::vector<std::pair<clock_type::time_point, std::string>> arrivals;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(budgets_test, fixture)

BOOST_AUTO_TEST_CASE(lets_everybody_go_without_rate_and_pause) {
  BOOST_TEST(ask(a, question({"x", "y"})).is_open);
  BOOST_TEST(a.list()->empty());
}

BOOST_AUTO_TEST_CASE(lets_as_many_go_as_the_rate_says) {
  BOOST_TEST(granted(a, question({"x", "y", "z"}, 2)) == "x y ");
  auto answer = ask(a, question({"z"}, 2));
  BOOST_TEST(answer.grants.empty());
  BOOST_TEST(!answer.is_open);
  BOOST_TEST(answer.ask_in.count() > 0);
}

BOOST_AUTO_TEST_CASE(lends_what_nobody_else_wants) {
  for (auto i = 0; i < 5; ++i)
    BOOST_TEST(granted(a, question({"x"}, 5)) == "x ");
  BOOST_TEST(granted(a, question({"x"}, 5)).empty());
}

BOOST_AUTO_TEST_CASE(processes_share_one_budget_and_one_row) {
  BOOST_TEST(granted(a, question({"x", "y"}, 1, 50ms)) == "x ");
  BOOST_TEST(granted(b, question({"u", "v"}, 1, 50ms)).empty());
  std::this_thread::sleep_for(80ms);
  // The place that has come free belongs to the head of the row, whoever asks first.
  BOOST_TEST(granted(b, question({"u", "v"}, 1, 50ms)).empty());
  BOOST_TEST(granted(a, question({"y", "x"}, 1, 50ms)) == "y ");
  std::this_thread::sleep_for(80ms);
  BOOST_TEST(granted(a, question({"x"}, 1, 50ms)).empty());
  BOOST_TEST(granted(b, question({"u", "v"}, 1, 50ms)) == "u ");
}

BOOST_AUTO_TEST_CASE(a_claim_that_is_given_up_holds_nobody_up) {
  BOOST_TEST(granted(a, question({"x"}, 1, 50ms)) == "x ");
  BOOST_TEST(granted(a, question({"y"}, 1, 50ms)).empty());
  BOOST_TEST(granted(b, question({"u"}, 1, 50ms)).empty());
  BOOST_TEST(granted(a, question({}, 1, 50ms)).empty());
  std::this_thread::sleep_for(80ms);
  BOOST_TEST(granted(b, question({"u"}, 1, 50ms)) == "u ");
}

BOOST_AUTO_TEST_CASE(a_process_that_fell_silent_holds_nobody_up) {
  BOOST_TEST(granted(a, question({"x", "y", "z"}, 1, 50ms)) == "x ");
  BOOST_TEST(drain(b, question({"u", "v"}, 1, 50ms)) == "u v ");
}

BOOST_AUTO_TEST_CASE(a_permit_counts_from_the_moment_its_request_can_have_arrived) {
  auto first = ask(a, question({"x"}, 1, 60ms));
  BOOST_REQUIRE_EQUAL(first.grants.size(), 1U);
  auto still = question({"y"}, 1, 60ms);
  still.reports = {{budget_report::kind::held, first.grants[0].permit, 1h}};
  BOOST_TEST(granted(a, still).empty());
  std::this_thread::sleep_for(150ms);
  BOOST_TEST(granted(a, question({"y"}, 1, 60ms)).empty());
  auto done = question({"y"}, 1, 60ms);
  done.reports = {{budget_report::kind::over, first.grants[0].permit, 0ms}};
  granted(a, done);
  std::this_thread::sleep_for(5ms);
  BOOST_TEST(granted(a, question({"y"}, 1, 60ms)) == "y ");
}

BOOST_AUTO_TEST_CASE(a_pause_holds_all_processes_with_and_without_a_rate) {
  pause(1h);
  auto answer = ask(b, question({"x"}));
  BOOST_TEST(!answer.is_open);
  BOOST_TEST(answer.grants.empty());
  BOOST_TEST(answer.paused.count() > 3590000);
  BOOST_TEST(answer.ask_in.count() <= 500);
  BOOST_TEST(granted(a, question({"y"}, 100)).empty());
  auto other = question({"x"});
  other.connection = "15";
  BOOST_TEST(ask(b, other).is_open);
}

BOOST_AUTO_TEST_CASE(a_pause_never_gets_shorter) {
  pause(1h);
  pause(1ms);
  std::this_thread::sleep_for(5ms);
  BOOST_TEST(ask(a, question({"x"})).paused.count() > 3590000);
}

BOOST_AUTO_TEST_CASE(no_pause_is_longer_than_an_hour) {
  pause(48h);
  BOOST_TEST(ask(a, question({"x"})).paused.count() <= 3600000);
}

BOOST_AUTO_TEST_CASE(after_a_pause_requests_go_in_steps) {
  pause(30ms);
  std::vector<std::string> many;
  for (auto i = 0; i < 100; ++i)
    many.push_back(std::to_string(i));
  auto ended = clock_type::now() + 30ms;
  std::this_thread::sleep_until(ended + 5ms);
  auto granted_now = ask(a, question(many)).grants.size();
  auto steps = static_cast<size_t>((clock_type::now() - ended) / 100ms) + 1;
  BOOST_TEST(granted_now >= 1U);
  BOOST_TEST(granted_now <= 5 * steps + steps * (steps - 1) / 2);
}

BOOST_AUTO_TEST_CASE(tells_what_is_in_use) {
  ask(a, question({"x", "y", "z"}, 2, 10s));
  auto all = a.list();
  BOOST_REQUIRE(all);
  BOOST_REQUIRE_EQUAL(all->size(), 1U);
  BOOST_TEST(all->front().connection == "14");
  BOOST_TEST(all->front().requests == 2U);
  BOOST_TEST((all->front().per == 10s));
  BOOST_TEST(all->front().granted == 2U);
  BOOST_TEST(all->front().waiting == 1U);
  BOOST_TEST(all->front().paused_until == 0);
  pause(1h);
  BOOST_TEST(a.list()->front().paused_until > 0);
  BOOST_TEST(a.list()->front().reason == "the provider said 429");
}

BOOST_AUTO_TEST_CASE(leaves_nothing_behind) {
  ask(a, question({"x", "y"}, 1, 10s));
  pause(1s);
  for (std::string key : {"{b}:14", "{b}:14:permits", "{b}:14:row"}) {
    auto left = db.run({"PTTL", key});
    BOOST_REQUIRE(left);
    BOOST_TEST(number_of(**left) > 0);
    BOOST_TEST(number_of(**left) <= 71000);
  }
}

BOOST_AUTO_TEST_CASE(never_lets_more_go_than_the_rate_and_gives_all_the_same) {
  auto seed = std::random_device{}();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::vector<busy_process> all(3);
  std::vector<std::thread> threads;
  auto next = 0;
  for (auto& x : all) {
    x.name = "p" + std::to_string(next++);
    x.seed = seed + static_cast<uint32_t>(next);
    // The first has many variants, the last one only.
    for (auto i = 0; i < 12 / (next * next) + 1; ++i)
      x.variants.push_back(x.name + "-" + std::to_string(i));
  }
  for (auto& x : all)
    threads.emplace_back([&x, url = server.url()] { x.run(url); });
  std::this_thread::sleep_for(2s);
  for (auto& x : all)
    x.stop = true;
  for (auto& x : threads)
    x.join();
  std::vector<clock_type::time_point> moments;
  std::map<std::string, int> shares;
  for (auto& x : all)
    for (auto& [at, variant] : x.arrivals) {
      moments.push_back(at);
      ++shares[variant];
    }
  std::sort(moments.begin(), moments.end());
  auto n = all[0].requests;
  BOOST_TEST(moments.size() > 2 * n);
  for (size_t i = n; i < moments.size(); ++i)
    BOOST_TEST((moments[i] - moments[i - n] >= all[0].per));
  auto [least, most] = std::minmax_element(shares.begin(), shares.end(),
                                           [](auto& x, auto& y) { return x.second < y.second; });
  BOOST_TEST(shares.size() == 13U + 4U + 2U);
  BOOST_TEST(most->second - least->second <= 2);
}

BOOST_AUTO_TEST_SUITE_END()
