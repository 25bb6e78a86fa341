#include "worker/run_log.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

using namespace varia;

namespace {

frame_body line(const std::string& level, const std::string& message,
                const std::string& payload = {}) {
  frame_writer writer{1, frame_kind::log};
  writer.map(4).text("level").text(level).text("message").text(message);
  writer.text("payload").text(payload).text("t").number(1700000000000);
  auto bytes = *std::move(writer).finish();
  auto body = frame_body::read(bytes.substr(9));
  BOOST_REQUIRE(body);
  return std::move(*body);
}

request_trace request(int status) {
  request_trace result;
  result.method = "GET";
  result.url = "https://api.test/orders";
  result.status = status;
  result.ms = 35;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(run_log_test)

BOOST_AUTO_TEST_CASE(keeps_lines_with_their_payload_as_json) {
  run_log log{{}};
  log.add(3, line("warn", "hello", R"({"a":[1]})").root());
  BOOST_TEST(!log.is_empty());
  auto lines = log.take();
  BOOST_REQUIRE_EQUAL(lines.size(), 1U);
  BOOST_TEST((lines[0].level == log_level::warn));
  BOOST_TEST(lines[0].text
             == R"({"run":3,"at":"2023-11-14T22:13:20.000Z","level":"warn","message":"hello",)"
                R"("payload":{"a":[1]}})");
  BOOST_TEST(log.is_empty());
}

BOOST_AUTO_TEST_CASE(leaves_out_what_is_below_the_level) {
  run_log_limits limits;
  limits.level_min = log_level::warn;
  run_log log{limits};
  log.add(1, line("info", "no").root());
  log.add(1, request(200));
  log.add(1, line("error", "yes").root());
  BOOST_TEST(log.take_last(1).size() == 1U);
}

BOOST_AUTO_TEST_CASE(counts_lines_over_the_limit_and_tells_the_number_at_the_end) {
  run_log_limits limits;
  limits.lines_max = 1000;
  run_log log{limits};
  for (auto i = 0; i < 1400; ++i)
    log.add(1, line("info", "again").root());
  BOOST_TEST(log.take().size() == 1000U);
  for (auto i = 0; i < 100; ++i)
    log.add(1, line("info", "again").root());
  auto last = log.take_last(1);
  BOOST_REQUIRE_EQUAL(last.size(), 1U);
  BOOST_TEST(last[0].text.find("500 lines were left out") != std::string::npos);
  BOOST_TEST(log.take_last(1).empty());
}

BOOST_AUTO_TEST_CASE(warnings_and_errors_still_fit_when_other_lines_have_filled_the_log) {
  run_log_limits limits;
  limits.lines_max = 2;
  run_log log{limits};
  for (auto i = 0; i < 5; ++i)
    log.add(1, line("info", "again").root());
  log.add(1, line("error", "why").root());
  log.add(1, line("warn", "9999500 log lines were left out").root());
  BOOST_TEST(log.take().size() == 4U);
  for (auto i = 0; i < 200; ++i)
    log.add(1, line("warn", "again").root());
  BOOST_TEST(log.take().size() == 98U);
}

BOOST_AUTO_TEST_CASE(bytes_are_limited_too) {
  run_log_limits limits;
  limits.bytes_max = 1000;
  run_log log{limits};
  for (auto i = 0; i < 100; ++i)
    log.add(1, line("info", std::string(100, 'x')).root());
  BOOST_TEST(log.take().size() < 10U);
}

BOOST_AUTO_TEST_CASE(shows_requests_and_warns_of_those_that_failed) {
  run_log log{{}};
  log.add(1, request(200));
  log.add(1, request(503));
  auto broken = request(0);
  broken.failure = "ETIMEDOUT";
  broken.wait = std::chrono::seconds{3};
  broken.is_repeated = true;
  log.add(1, broken);
  auto lines = log.take();
  BOOST_REQUIRE_EQUAL(lines.size(), 3U);
  BOOST_TEST((lines[0].level == log_level::info));
  BOOST_TEST(lines[0].text.find(R"("message":"GET https://api.test/orders: 200 after 35 ms")")
             != std::string::npos);
  BOOST_TEST(lines[0].text.find(R"("http":{"method":"GET",)") != std::string::npos);
  BOOST_TEST((lines[1].level == log_level::warn));
  BOOST_TEST((lines[2].level == log_level::warn));
  BOOST_TEST(lines[2].text.find("ETIMEDOUT after 35 ms, again in 3000 ms") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
