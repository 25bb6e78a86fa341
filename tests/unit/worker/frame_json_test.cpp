#include "worker/frame_json.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

expected<frame_body> written(const std::string& text) {
  frame_writer writer{1, frame_kind::run};
  write_plain_object(writer, text);
  auto bytes = std::move(writer).finish();
  if (!bytes)
    return std::move(bytes.error());
  // Length, run and kind stand before the body.
  return frame_body::read(bytes->substr(9));
}

} // namespace

BOOST_AUTO_TEST_SUITE(frame_json_test)

BOOST_AUTO_TEST_CASE(writes_texts_whole_numbers_and_booleans) {
  auto body = written(R"({"type":"offset","limit":50,"in_body":true,"odd":[1]})");
  BOOST_REQUIRE(body);
  auto root = body->root();
  BOOST_TEST(root.size() == 4U);
  BOOST_TEST(root.at("type").text() == "offset");
  BOOST_TEST(root.at("limit").number() == 50);
  BOOST_TEST(root.at("in_body").flag());
  BOOST_TEST(root.at("odd").is_nil());
}

BOOST_AUTO_TEST_CASE(makes_an_empty_map_of_what_is_no_object) {
  for (auto text : {"", "[1]", "{"}) {
    auto body = written(text);
    BOOST_REQUIRE(body);
    BOOST_TEST(body->root().size() == 0U);
    BOOST_TEST(!body->root().is_nil());
  }
}

BOOST_AUTO_TEST_SUITE_END()
