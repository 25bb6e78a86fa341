#include "api/probe_service.hpp"
#include "core/metrics.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace varia;

namespace {

struct probed {
  std::vector<readiness_check> checks{{"cluster", false, "looking for a coordinator", true}};
  std::function<http_response(const http_request&)> answer
    = make_probe_handler([this] { return checks; });

  std::string ask(const std::string& target, const std::string& method = "GET") {
    auto request = *parse_target(target);
    request.method = method;
    auto result = answer(request);
    return std::to_string(result.status) + " " + result.body;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(health_test, probed)

BOOST_AUTO_TEST_CASE(lives_whatever_it_waits_for) {
  BOOST_TEST(ask("/livez") == R"(200 {"result":"ok"})");
}

BOOST_AUTO_TEST_CASE(is_ready_when_everything_needed_is_there) {
  BOOST_TEST(ask("/readyz") == R"(503 {"result":"not_ready"})");
  checks.front().is_well = true;
  BOOST_TEST(ask("/readyz") == R"(200 {"result":"ok"})");
  checks.push_back({"leader", false, "no coordinator leads", false});
  BOOST_TEST(ask("/readyz") == R"(200 {"result":"ok"})");
}

BOOST_AUTO_TEST_CASE(says_what_it_has_looked_at) {
  BOOST_TEST(ask("/readyz?verbose")
             == R"(503 {"result":"not_ready","checks":[{"name":"cluster","ok":false,)"
                R"("required":true,"detail":"looking for a coordinator"}]})");
  BOOST_TEST(ask("/readyz?verbose=false") == R"(503 {"result":"not_ready"})");
}

BOOST_AUTO_TEST_CASE(has_started_for_good_once_it_was_ready) {
  BOOST_TEST(ask("/startupz") == R"(503 {"result":"not_ready"})");
  checks.front().is_well = true;
  BOOST_TEST(ask("/startupz") == R"(200 {"result":"ok"})");
  checks.front().is_well = false;
  BOOST_TEST(ask("/startupz") == R"(200 {"result":"ok"})");
  BOOST_TEST(ask("/readyz") == R"(503 {"result":"not_ready"})");
}

BOOST_AUTO_TEST_CASE(tells_its_metrics_and_nothing_else) {
  counter{"test_probes_total", "Probes."}.add();
  BOOST_TEST(ask("/metrics").find("\ntest_probes_total 1\n") != std::string::npos);
  BOOST_TEST(ask("/varia/status").substr(0, 3) == "404");
  BOOST_TEST(ask("/metrics", "POST").substr(0, 3) == "405");
}

BOOST_AUTO_TEST_CASE(serves_at_its_address_until_it_is_stopped) {
  auto first = make_probe_service({"127.0.0.1", 0}, [] { return std::vector<readiness_check>{}; });
  BOOST_TEST(!!first.start());
  first.stop();
  auto wrong = make_probe_service({"nowhere", 0}, [] { return std::vector<readiness_check>{}; });
  BOOST_TEST(!wrong.start());
  wrong.stop();
}

BOOST_AUTO_TEST_SUITE_END()
