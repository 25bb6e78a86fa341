#include "api/process_facts.hpp"
#include "config/settings.hpp"
#include "core/recent_log.hpp"
#include "store/leases.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  fixture() {
    settings x;
    x.redis.url = "redis://user:very-secret@10.0.0.5";
    context.process = std::make_shared<process_facts>(process_facts_of(x));
    handler = make_handler(context);
  }

  /// The verdict of a check; empty if it was not made.
  static std::string verdict_of(const json& answer, const std::string& check) {
    for (auto& each : answer["checks"])
      if (each["check"] == check)
        return each["verdict"].get<std::string>();
    return {};
  }

  json doctor() { return ask("GET", "/varia/doctor").body(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(doctor_routes_test, fixture)

BOOST_AUTO_TEST_CASE(examines_installation_and_environment) {
  auto answer = doctor();
  BOOST_TEST(verdict_of(answer, "redis.version") == "ok");
  BOOST_TEST(verdict_of(answer, "redis.eviction") == "ok");
  BOOST_TEST(verdict_of(answer, "redis.clock") == "ok");
  BOOST_TEST(verdict_of(answer, "cluster.leader") == "bad");
  BOOST_TEST(answer["verdict"] == "bad");
  BOOST_TEST(verdict_of(answer, "variants.failing") == "ok");
  BOOST_REQUIRE(leases{db}.take_lead({"c1", "host:1", 60'000}));
  answer = doctor();
  BOOST_TEST(verdict_of(answer, "cluster.leader") == "ok");
  BOOST_TEST(verdict_of(answer, "workers.alive") == "ok");
}

BOOST_AUTO_TEST_CASE(names_variants_that_fail) {
  create("eu");
  run_report report;
  report.outcome = run_outcome::failed;
  report.error = R"({"type":"script_error"})";
  BOOST_REQUIRE(runs{db}.end(begin_run("orders", "eu"), report));
  auto answer = doctor();
  BOOST_TEST(verdict_of(answer, "variants.failing") == "warn");
  BOOST_TEST(answer.dump().find("1 of 3: c1 orders::eu") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(whoever_may_not_see_the_cluster_sees_the_environment_only) {
  auto made
    = ask("POST", "/varia/keys",
          {{"environment", "dev"}, {"name", "reader"}, {"scopes", "environment:syncs:read"}});
  BOOST_REQUIRE(made.status == 200);
  auto answer = ask_with({{"authorization", "Bearer " + made.body()["secret"].get<std::string>()}},
                         "GET", "/varia/doctor")
                  .body();
  BOOST_TEST(verdict_of(answer, "redis.version").empty());
  BOOST_TEST(verdict_of(answer, "variants.failing") == "ok");
}

BOOST_AUTO_TEST_CASE(settings_are_shown_without_secrets) {
  auto answer = ask("GET", "/varia/settings");
  BOOST_TEST(answer.body()["settings"]["redis.url"] == "redis://***@10.0.0.5");
  BOOST_TEST(answer.text.find("very-secret") == std::string::npos);
  BOOST_TEST(answer.body()["settings"]["http.threads"] == "16");
}

BOOST_AUTO_TEST_CASE(the_last_lines_of_the_log_are_shown) {
  keep_log_line("a line with \xff in it\n");
  auto lines = ask("GET", "/varia/log").body()["lines"];
  BOOST_TEST(lines.back() == "a line with \xEF\xBF\xBD in it");
}

BOOST_AUTO_TEST_SUITE_END()
