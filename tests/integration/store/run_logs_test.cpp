#include "store/run_logs.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using test::code;

namespace {

struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  token owner = own(eu);

  void log(const run_ticket& ticket, const std::string& text, log_level level = log_level::info,
           const log_limits& limits = {}) {
    BOOST_TEST_REQUIRE(!!logs.append(ticket, {{level, text}}, limits));
  }

  std::string read(const log_query& query = {}) {
    auto lines = logs.read(ref_of(eu), query);
    BOOST_TEST_REQUIRE(!!lines);
    std::string result;
    for (auto& line : *lines)
      result += line.text + ' ';
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(run_logs_test, fixture)

BOOST_AUTO_TEST_CASE(the_newest_lines_come_first_and_those_behind_a_line_in_order) {
  auto ticket = begin(eu, owner).ticket;
  for (auto text : {"a", "b", "c"})
    log(ticket, text);
  BOOST_TEST(read() == "c b a ");
  log_query query;
  query.count = 1;
  BOOST_TEST(read(query) == "c ");
  query = {};
  query.after = logs.read(ref_of(eu), {})->back().id;
  BOOST_TEST(read(query) == "b c ");
}

BOOST_AUTO_TEST_CASE(lines_are_found_by_level_and_by_run) {
  auto first = begin(eu, owner).ticket;
  log(first, "debug", log_level::debug);
  log(first, "error", log_level::error);
  auto second = begin(eu, owner).ticket;
  log(second, "warn", log_level::warn);
  log_query query;
  query.level_min = log_level::warn;
  BOOST_TEST(read(query) == "warn error ");
  query.run = first.run;
  BOOST_TEST(read(query) == "error ");
}

BOOST_AUTO_TEST_CASE(finds_few_lines_among_many) {
  auto ticket = begin(eu, owner).ticket;
  log(ticket, "needle", log_level::error);
  std::vector<log_line> hay(2000, {log_level::debug, "hay"});
  BOOST_TEST_REQUIRE(!!logs.append(ticket, hay, {}));
  log_query query;
  query.level_min = log_level::error;
  BOOST_TEST(read(query) == "needle ");
}

BOOST_AUTO_TEST_CASE(only_the_last_runs_are_kept) {
  log_limits limits;
  limits.runs_max = 2;
  for (auto text : {"1", "2", "3", "4"})
    log(begin(eu, owner).ticket, text, log_level::info, limits);
  BOOST_TEST(read() == "4 3 ");
}

BOOST_AUTO_TEST_CASE(old_lines_go_and_an_idle_log_as_a_whole) {
  log_limits limits;
  limits.age_max = milliseconds{50};
  auto ticket = begin(eu, owner).ticket;
  log(ticket, "old", log_level::info, limits);
  std::this_thread::sleep_for(std::chrono::milliseconds{80});
  BOOST_TEST(read() == "");
  log(ticket, "new");
  BOOST_TEST(read() == "new ");
}

BOOST_AUTO_TEST_CASE(a_log_has_a_limit_of_lines) {
  auto ticket = begin(eu, owner).ticket;
  std::vector<log_line> lines(10000, {log_level::info, "more"});
  lines.back().text = "last";
  BOOST_TEST_REQUIRE(!!logs.append(ticket, lines, {}));
  log_query query;
  query.count = 100000;
  auto found = logs.read(ref_of(eu), query);
  BOOST_TEST_REQUIRE(!!found);
  BOOST_TEST(found->size() < 5200u);
  BOOST_TEST(found->front().text == "last");
}

BOOST_AUTO_TEST_CASE(a_stale_owner_logs_nothing) {
  auto ticket = begin(eu, owner).ticket;
  own(eu);
  BOOST_TEST((code(logs.append(ticket, {{log_level::info, "late"}}, {})) == errc::fenced));
  BOOST_TEST(read() == "");
}

BOOST_AUTO_TEST_CASE(ids_of_lines_are_told_from_other_texts) {
  BOOST_TEST(is_line_id("1700000000000-0"));
  for (auto text : {"", "-", "1-", "-1", "a-1", "1", "1-2-3"})
    BOOST_TEST(!is_line_id(text), text);
}

BOOST_AUTO_TEST_SUITE_END()
