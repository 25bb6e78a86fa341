#include "worker/run_error.hpp"

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

BOOST_AUTO_TEST_SUITE_END()
