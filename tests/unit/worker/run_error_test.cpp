#include "worker/run_error.hpp"
#include "worker/run_log.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>

using namespace varia;
using nlohmann::json;

namespace {

frame_body body_of(frame_writer writer) {
  auto bytes = *std::move(writer).finish();
  auto body = frame_body::read(bytes.substr(9));
  BOOST_REQUIRE(body);
  return std::move(*body);
}

frame_writer a_map(size_t entries) {
  frame_writer writer{1, frame_kind::done};
  writer.map(entries);
  return writer;
}

} // namespace

BOOST_AUTO_TEST_SUITE(run_error_test)

BOOST_AUTO_TEST_CASE(tells_the_status_of_a_provider_but_not_its_answer) {
  auto writer = a_map(5);
  writer.text("type").text("script_http_error").text("name").text("AxiosError");
  writer.text("message").text("status 500").text("stack").text("at x");
  writer.text("upstream").map(2).text("status").number(500).text("body").text("s3cret");
  auto text = to_json(read_run_error(body_of(std::move(writer)).root()));
  BOOST_TEST(text
             == R"({"type":"script_http_error","description":"status 500","stack":"at x",)"
                R"("additional_properties":{"upstream_response":{"status":500}}})");
}

BOOST_AUTO_TEST_CASE(takes_an_unknown_type_for_an_internal_error) {
  auto writer = a_map(2);
  writer.text("type").text("fenced").text("name").text("TypeError");
  auto error = read_run_error(body_of(std::move(writer)).root());
  BOOST_TEST(error.type == "script_internal_error");
  BOOST_TEST(error.description == "TypeError");
  BOOST_TEST(!read_run_error({}).description.empty());
}

BOOST_AUTO_TEST_CASE(cuts_what_is_too_long_and_survives_bad_utf8) {
  auto writer = a_map(1);
  writer.text("message").text(std::string(20000, 'x') + "\xff");
  auto error = read_run_error(body_of(std::move(writer)).root());
  BOOST_TEST(error.description.size() == 10000U);
  BOOST_TEST(json::accept(to_json({"t", "\xff\xfe", "", 0})));
}

BOOST_AUTO_TEST_CASE(keeps_log_lines_with_their_payload_as_json) {
  auto writer = a_map(4);
  writer.text("level").text("warn").text("message").text("hello");
  writer.text("payload").text(R"({"a":[1]})").text("t").number(1700000000000);
  run_log log;
  log.add(3, body_of(std::move(writer)).root());
  BOOST_TEST(!log.is_empty());
  auto lines = log.take(3);
  BOOST_REQUIRE_EQUAL(lines.size(), 1U);
  BOOST_TEST(lines[0]
             == R"({"run":3,"at":"2023-11-14T22:13:20.000Z","level":"warn","message":"hello",)"
                R"("payload":{"a":[1]}})");
  BOOST_TEST(log.is_empty());
}

BOOST_AUTO_TEST_CASE(counts_the_log_lines_that_come_too_fast) {
  run_log log;
  for (auto i = 0; i < 1500; ++i)
    log.add(1, {});
  auto lines = log.take(1);
  BOOST_TEST(lines.size() == 1001U);
  BOOST_TEST(lines.back().find("500 lines were left out") != std::string::npos);
  BOOST_TEST(log.take(1).empty());
}

BOOST_AUTO_TEST_SUITE_END()
