#include "upstream/budget_desk.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;
using namespace std::chrono_literals;

namespace {

using time_point = budget_desk::time_point;

struct fixture {
  void add(uint64_t ticket, const std::string& variant, const std::string& connection = "14") {
    desk.add(ticket, {connection, variant, rate}, now);
  }

  budget_question ask() {
    auto all = desk.questions(now);
    BOOST_REQUIRE_EQUAL(all.size(), 1U);
    return all.front();
  }

  static std::string claims(const budget_question& of) {
    std::string result;
    for (auto& claim : of.claims)
      result += claim + " ";
    return result;
  }

  std::vector<uint64_t> take(const budget_question& question, std::vector<budget_grant> grants,
                             milliseconds ask_in = 100ms) {
    budget_answer answer;
    answer.ask_in = ask_in;
    answer.grants = std::move(grants);
    return desk.take(question, answer, now);
  }

  /// Has one request granted under the permit 7.
  void grant(uint64_t ticket) {
    add(ticket, "x");
    auto granted = take(ask(), {{0, 7}});
    BOOST_TEST(granted == std::vector<uint64_t>{ticket}, boost::test_tools::per_element());
  }

  bool is_quiet() { return desk.questions(now).empty(); }

  budget_desk desk;
  rate_limit rate{10, 1s};
  time_point now{100h};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(budget_desk_test, fixture)

BOOST_AUTO_TEST_CASE(has_nothing_to_ask_at_first) {
  BOOST_TEST(!desk.next_moment());
  BOOST_TEST(is_quiet());
}

BOOST_AUTO_TEST_CASE(claims_one_place_for_each_variant) {
  add(1, "x");
  add(2, "x");
  add(3, "y");
  auto question = ask();
  BOOST_TEST(question.connection == "14");
  BOOST_TEST(question.requests == 10U);
  BOOST_TEST((question.per == 1s));
  BOOST_TEST((question.margin == 200ms));
  BOOST_TEST(claims(question) == "x y ");
}

BOOST_AUTO_TEST_CASE(lets_the_next_request_of_a_variant_stand_behind_the_others) {
  add(1, "x");
  add(2, "x");
  add(3, "y");
  auto granted = take(ask(), {{0, 1}});
  BOOST_TEST(granted == std::vector<uint64_t>{1}, boost::test_tools::per_element());
  auto next = ask();
  BOOST_TEST(claims(next) == "y x ");
  granted = take(next, {{0, 2}, {1, 3}});
  BOOST_TEST(granted == (std::vector<uint64_t>{3, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(asks_for_each_connection_apart) {
  add(1, "x", "14");
  add(2, "x", "15");
  BOOST_TEST(desk.questions(now).size() == 2U);
}

BOOST_AUTO_TEST_CASE(asks_again_when_it_was_told_to) {
  add(1, "x");
  take(ask(), {});
  BOOST_TEST(is_quiet());
  BOOST_TEST((desk.next_moment() == now + 100ms));
  now += 100ms;
  BOOST_TEST(claims(ask()) == "x ");
}

BOOST_AUTO_TEST_CASE(asks_at_once_for_a_variant_that_comes_later) {
  add(1, "x");
  take(ask(), {});
  add(2, "y");
  BOOST_TEST(claims(ask()) == "x y ");
}

BOOST_AUTO_TEST_CASE(lets_all_go_where_nothing_holds_them_up) {
  rate = {};
  add(1, "x");
  add(2, "x");
  budget_answer open;
  open.is_open = true;
  auto granted = desk.take(ask(), open, now);
  BOOST_TEST(granted.size() == 2U);
  BOOST_TEST(!desk.knows(1));
  BOOST_TEST(!desk.next_moment());
}

BOOST_AUTO_TEST_CASE(tells_the_row_of_a_request_that_was_given_up) {
  add(1, "x");
  add(2, "y");
  take(ask(), {});
  desk.end(1, now);
  BOOST_TEST(claims(ask()) == "y ");
  desk.end(2, now);
  BOOST_TEST(claims(ask()).empty());
  BOOST_TEST(!desk.next_moment());
}

BOOST_AUTO_TEST_CASE(gives_back_what_was_granted_to_nobody) {
  add(1, "x");
  auto question = ask();
  desk.end(1, now);
  ask();
  BOOST_TEST(take(question, {{0, 7}}).empty());
  auto next = ask();
  BOOST_REQUIRE_EQUAL(next.reports.size(), 1U);
  BOOST_TEST((next.reports[0].what == budget_report::kind::over));
  BOOST_TEST(next.reports[0].permit == 7U);
  BOOST_TEST(next.reports[0].left.count() == 0);
  BOOST_TEST(!desk.next_moment());
}

BOOST_AUTO_TEST_CASE(a_permit_counts_from_the_answer_if_that_comes_soon) {
  grant(1);
  desk.sent(1, now);
  BOOST_TEST(is_quiet());
  now += 50ms;
  desk.end(1, now);
  auto next = ask();
  BOOST_REQUIRE_EQUAL(next.reports.size(), 1U);
  BOOST_TEST((next.reports[0].what == budget_report::kind::over));
  BOOST_TEST((next.reports[0].left == 1s));
}

BOOST_AUTO_TEST_CASE(a_late_answer_changes_nothing) {
  grant(1);
  desk.sent(1, now);
  now += 201ms;
  desk.end(1, now);
  BOOST_TEST(is_quiet());
  BOOST_TEST(!desk.next_moment());
}

BOOST_AUTO_TEST_CASE(a_request_that_leaves_late_takes_its_permit_along) {
  grant(1);
  now += 90ms;
  desk.sent(1, now);
  auto next = ask();
  BOOST_REQUIRE_EQUAL(next.reports.size(), 1U);
  BOOST_TEST((next.reports[0].what == budget_report::kind::held));
  BOOST_TEST((next.reports[0].left == 1200ms));
  now += 150ms;
  desk.end(1, now);
  BOOST_TEST((ask().reports.at(0).what == budget_report::kind::over));
}

BOOST_AUTO_TEST_CASE(a_request_that_cannot_leave_keeps_its_permit) {
  grant(1);
  for (auto i = 0; i < 3; ++i) {
    BOOST_TEST((desk.next_moment() == now + 100ms));
    now += 100ms;
    BOOST_TEST((ask().reports.at(0).what == budget_report::kind::held));
  }
  desk.end(1, now);
  auto next = ask();
  BOOST_TEST((next.reports.at(0).what == budget_report::kind::over));
  BOOST_TEST((next.reports[0].left == 0ms));
  BOOST_TEST(!desk.next_moment());
}

BOOST_AUTO_TEST_CASE(asks_again_later_after_a_failure) {
  add(1, "x");
  auto question = ask();
  desk.postpone({question}, now + 50ms);
  add(2, "y");
  BOOST_TEST(is_quiet());
  BOOST_TEST((desk.next_moment() == now + 50ms));
  now += 50ms;
  BOOST_TEST(claims(ask()) == "x y ");
}

BOOST_AUTO_TEST_SUITE_END()
