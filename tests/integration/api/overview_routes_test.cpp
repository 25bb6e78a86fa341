#include "store/leases.hpp"
#include "tests/integration/api/record_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : record_fixture {
  api_answer overview() { return ask("GET", "/varia/overview"); }

  json rows(const std::string& more = "") {
    return ask("GET", "/varia/variants?sync=orders" + more).body()["variants"];
  }

  void end(const run_ticket& ticket, run_outcome how = run_outcome::success) {
    BOOST_REQUIRE(runs{db}.end(ticket, {how, how == run_outcome::failed ? R"({"type":"x"})" : ""}));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(overview_routes_test, fixture)

BOOST_AUTO_TEST_CASE(sums_up_an_environment) {
  BOOST_REQUIRE(leases{db}.renew_worker("w1", "boot", "host", milliseconds{60'000}));
  BOOST_REQUIRE(leases{db}.take_lead({"c1", "host:1", 60'000}));
  auto ticket = begin_run("orders", "v1");
  save(ticket, 1, {"a", "b"});
  end(ticket, run_outcome::failed);
  auto body = overview().body();
  BOOST_TEST(body["cluster"].dump()
             == R"({"leader":"c1","epoch":1,"coordinators":1,"redis":"ok"})");
  BOOST_TEST(body["workers"].is_array());
  BOOST_TEST(body["variants"]["total"] == 3);
  BOOST_TEST(body["variants"]["failing"] == 1);
  BOOST_TEST(body["variants"]["unplaced"] == 2);
  BOOST_TEST(body["failures"][0]["variant"] == "v1");
  BOOST_TEST(body["failures"][0]["error"]["type"] == "x");
  BOOST_TEST(body["syncs"][0]["sync"] == "orders");
  BOOST_TEST(body["syncs"][0]["records"] == 2);
  BOOST_TEST(body["syncs"][0]["variants"] == 2);
}

BOOST_AUTO_TEST_CASE(tells_what_it_can_while_nobody_leads) {
  cluster.leads = false;
  auto answer = overview();
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body()["cluster"]["leader"].is_null());
  BOOST_TEST(answer.body()["workers"].empty());
  BOOST_TEST(answer.body()["variants"]["total"] == 3);
}

BOOST_AUTO_TEST_CASE(shows_the_workers_only_to_who_may_see_them) {
  auto made = ask("POST", "/varia/keys",
                  {{"environment", "dev"}, {"name", "x"}, {"scopes", "environment:syncs:read"}});
  key = made.body()["secret"].get<std::string>();
  auto body = overview().body();
  BOOST_TEST(body["workers"].empty());
  BOOST_TEST(body["variants"]["total"] == 3);
  BOOST_TEST(ask("GET", "/varia/overview?all=1").status == 400);
}

BOOST_AUTO_TEST_CASE(an_environment_sees_nothing_of_another) {
  key = "a6b0a0b4-36bf-4d3a-8b3f-0f7f2f5f6c11";
  BOOST_REQUIRE(api_keys{db}.add(key, "prod"));
  BOOST_TEST(overview().body()["variants"]["total"] == 0);
  BOOST_TEST(overview().body()["syncs"].empty());
}

BOOST_AUTO_TEST_CASE(rows_tell_of_the_last_run_and_of_those_before) {
  BOOST_TEST(rows()[1]["last_run"].is_null());
  BOOST_TEST(rows()[1].contains("recent") == false);
  auto first = begin_run("orders", "v1");
  save(first, 1, {"a", "b", "c"});
  end(first);
  auto second = begin_run("orders", "v1");
  save(second, 1, {"a"}, 1);
  remove(second, 2, {"b"});
  end(second, run_outcome::failed);
  auto row = rows("&recent=20")[1];
  BOOST_TEST(row["variant"] == "v1");
  BOOST_TEST(row["last_run"]["outcome"] == "failed");
  BOOST_TEST(row["last_run"]["updated"] == 1);
  BOOST_TEST(row["last_run"]["deleted"] == 1);
  BOOST_TEST(row["last_run"]["duration_ms"].get<int64_t>() >= 0);
  BOOST_TEST(row["records"] == 2);
  BOOST_TEST(row["bytes"].get<int64_t>() > 20);
  BOOST_REQUIRE(row["recent"].size() == 2U);
  BOOST_TEST(row["recent"][0]["outcome"] == "success");
  BOOST_TEST(row["recent"][0]["saved"] == 3);
  BOOST_TEST(row["recent"][1]["outcome"] == "failed");
  BOOST_TEST(row["recent"][1]["saved"] == 2);
  BOOST_TEST(rows("&recent=1")[1]["recent"].size() == 1U);
  BOOST_TEST(ask("GET", "/varia/variants?recent=21").status == 400);
}

BOOST_AUTO_TEST_CASE(a_running_row_has_no_duration_yet) {
  begin_run("orders", "v1");
  auto row = rows("&recent=20")[1];
  BOOST_TEST(row["last_run"]["outcome"] == "running");
  BOOST_TEST(row["last_run"]["duration_ms"].is_null());
  BOOST_TEST(row["recent"].empty());
}

BOOST_AUTO_TEST_CASE(remembers_the_last_twenty_runs) {
  for (auto i = 0; i < 23; ++i) {
    auto ticket = begin_run("orders", "v1");
    std::vector<std::string> names;
    for (auto n = 0; n <= i; ++n)
      names.push_back(std::to_string(n));
    save(ticket, 1, names, i);
    end(ticket);
  }
  auto recent = rows("&recent=20")[1]["recent"];
  BOOST_REQUIRE(recent.size() == 20U);
  BOOST_TEST(recent[0]["saved"] == 4);
  BOOST_TEST(recent[19]["saved"] == 23);
}

BOOST_AUTO_TEST_SUITE_END()
