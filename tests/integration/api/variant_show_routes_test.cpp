#include "store/budgets.hpp"
#include "store/checkpoints.hpp"
#include "store/gates.hpp"
#include "store/leases.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

const std::string v1 = "?connection_id=c1&provider_config_key=orders&name=orders&variant=v1";

struct fixture : ready_api {
  fixture() { create("v1"); }

  json why() { return ask("GET", "/varia/variants/why" + v1).body(); }
  std::string verdict() { return why()["verdict"].get<std::string>(); }
  json shown() { return ask("GET", "/varia/variants/show" + v1).body(); }

  std::string sentence(const std::string& begin) {
    auto text = why();
    for (auto& each : text["sentences"])
      if (each.get<std::string>().rfind(begin, 0) == 0)
        return each.get<std::string>();
    return {};
  }

  void take_lead() { BOOST_REQUIRE(leases{db}.take_lead({"c1", "host:1", 60'000})); }

  void place() {
    auto which = ref("orders", "v1");
    assignment wanted;
    wanted.key = {which.sync, "v1"};
    wanted.id = which.id;
    wanted.owner = {1, make_nonce()};
    BOOST_REQUIRE(variants{db}.place(1, "w1", {wanted}));
  }

  gate_pass pass(const std::string& run) {
    auto which = ref("orders", "v1");
    return {run, which.sync.connection, "dev", "orders", {1, 0}};
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(variant_show_routes_test, fixture)

BOOST_AUTO_TEST_CASE(a_variant_without_a_worker_is_explained) {
  auto text = why();
  BOOST_TEST(text["variant"] == "v1");
  BOOST_TEST(text["connection_id"] == "c1");
  BOOST_TEST(text["verdict"] == "has_no_worker");
  BOOST_TEST(text["sentences"][0]
             == "No worker hosts it, and no coordinator leads that could give it one.");
  take_lead();
  BOOST_TEST(why()["sentences"][0] == "No worker hosts it at this moment; it will be given one.");
}

BOOST_AUTO_TEST_CASE(a_paused_variant_is_explained_until_it_is_triggered) {
  take_lead();
  place();
  BOOST_TEST(why()["sentences"][0] == "It is paused: not started yet.");
  BOOST_REQUIRE(variants{db}.want_run(1, {ref("orders", "v1").sync, "v1"}, {true, false}));
  BOOST_TEST(verdict() == "is_about_to_run");
  BOOST_TEST(why()["facts"]["waiting"]["reset"] == true);
}

BOOST_AUTO_TEST_CASE(a_run_that_waits_at_a_limit_is_explained) {
  take_lead();
  place();
  BOOST_REQUIRE(variants{db}.want_run(1, {ref("orders", "v1").sync, "v1"}, {}));
  BOOST_REQUIRE(gates{db}.enter(pass("another"), milliseconds{60'000}));
  BOOST_REQUIRE(gates{db}.enter(pass(ref("orders", "v1").id), milliseconds{60'000}));
  BOOST_TEST(verdict() == "waits_for_limit");
  BOOST_TEST(why()["facts"]["limits"]["connection"].dump()
             == R"({"waits":true,"ahead":0,"inside":1})");
}

BOOST_AUTO_TEST_CASE(a_run_that_waits_for_the_provider_is_explained) {
  take_lead();
  auto ticket = begin_run("orders", "v1");
  BOOST_TEST(verdict() == "runs");
  budgets all{db, "p1"};
  auto number = std::to_string(ticket.variant.sync.connection);
  BOOST_REQUIRE(all.pause(number, milliseconds{60'000}, "429"));
  budget_question question;
  question.connection = number;
  question.claims = {ticket.variant.id};
  BOOST_REQUIRE(all.ask({question}));
  BOOST_TEST(verdict() == "waits_for_provider");
  BOOST_TEST(sentence("Budget").find(": 429.") != std::string::npos);
  BOOST_TEST(why()["facts"]["budget"]["waits"] == true);
}

BOOST_AUTO_TEST_CASE(a_failed_run_is_shown_with_its_error) {
  auto ticket = begin_run("orders", "v1");
  run_report report;
  report.outcome = run_outcome::failed;
  report.error = R"({"type":"script_error","description":"the door is shut"})";
  BOOST_REQUIRE(runs{db}.end(ticket, report));
  auto text = shown();
  BOOST_TEST(text["last_run"]["outcome"] == "failed");
  BOOST_TEST(text["last_run"]["error"]["description"] == "the door is shut");
  BOOST_TEST(text["failures_in_a_row"] == 1);
  BOOST_TEST(text["runs"][0]["what"] == "failed");
  BOOST_TEST(sentence("Last run").find(": the door is shut") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_a_variant_has_is_shown) {
  BOOST_REQUIRE(checkpoints{db}.put(ref("orders", "v1"), R"({"page":3})", {}, false));
  auto text = shown();
  BOOST_TEST(text["checkpoint"]["page"] == 3);
  BOOST_TEST(text["schedule"]["every"] == "every 1d");
  BOOST_TEST(text["status"] == "PAUSED");
  BOOST_TEST(text["placement"].is_null());
  BOOST_TEST(text["last_run"].is_null());
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_explained) {
  auto gone = ask("GET", "/varia/variants/why?connection_id=c9&provider_config_key=orders"
                         "&name=orders");
  BOOST_TEST(gone.line() == R"(404 {"error":{"code":"unknown_connection"}})");
  gone = ask("GET", "/varia/variants/show?connection_id=c1&provider_config_key=orders"
                    "&name=orders&variant=v9");
  BOOST_TEST(gone.line() == R"(404 {"error":{"code":"unknown_sync"}})");
  BOOST_TEST(ask("GET", "/varia/variants/why").status == 400);
}

BOOST_AUTO_TEST_SUITE_END()
