#include "worker/frame.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace varia;

namespace {

std::string hello() {
  frame_writer writer{7, frame_kind::reply};
  writer.map(5).text("seq").number(3).text("text").text("grün").text("body").bytes("a\0b");
  writer.text("list").array(2).number(-1).number(1LL << 40).text("none").nil();
  return *std::move(writer).finish();
}

std::vector<frame> feed_all(std::string_view bytes, size_t step) {
  frame_reader reader;
  std::vector<frame> result;
  for (size_t i = 0; i < bytes.size(); i += step)
    BOOST_REQUIRE(reader.feed(bytes.substr(i, step), result));
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(frame_test)

BOOST_AUTO_TEST_CASE(comes_back_as_it_was_written_however_the_bytes_are_cut) {
  auto bytes = hello() + hello();
  for (size_t step : {size_t{1}, size_t{5}, size_t{9}, size_t{10}, bytes.size()}) {
    auto frames = feed_all(bytes, step);
    BOOST_REQUIRE_EQUAL(frames.size(), 2U);
    BOOST_TEST(frames[1].run == 7U);
    BOOST_TEST((frames[1].kind == frame_kind::reply));
    auto body = frame_body::read(frames[1].body);
    BOOST_REQUIRE(body);
    auto root = body->root();
    BOOST_TEST(root.at("seq").number() == 3);
    BOOST_TEST(root.at("text").text() == "grün");
    BOOST_TEST(root.at("body").text() == "a");
    BOOST_TEST(root.at("list").size() == 2U);
    BOOST_TEST(root.at("list").item(0).number() == -1);
    BOOST_TEST(root.at("list").item(1).number() == 1LL << 40);
    BOOST_TEST(root.at("none").is_nil());
  }
}

BOOST_AUTO_TEST_CASE(takes_an_empty_body_for_a_frame) {
  auto frames = feed_all({"\0\0\0\5\0\0\0\2\x14", 9}, 9);
  BOOST_REQUIRE_EQUAL(frames.size(), 1U);
  BOOST_TEST(frames[0].body.empty());
}

BOOST_AUTO_TEST_CASE(refuses_lengths_that_cannot_be) {
  std::vector<frame> out;
  BOOST_TEST(!frame_reader{}.feed({"\0\0\0\4\0\0\0\0\x10", 9}, out));
  BOOST_TEST(!frame_reader{}.feed({"\xff\xff\xff\xff\0\0\0\0\x10", 9}, out));
  BOOST_TEST(!frame_reader{100}.feed({"\0\0\0\x65\0\0\0\0\x10", 9}, out));
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(keeps_the_frames_before_a_broken_one) {
  std::vector<frame> out;
  BOOST_TEST(!frame_reader{}.feed(hello() + std::string(9, '\0'), out));
  BOOST_TEST(out.size() == 1U);
}

BOOST_AUTO_TEST_CASE(refuses_a_body_that_is_no_single_value) {
  BOOST_TEST(!frame_body::read(""));
  BOOST_TEST(!frame_body::read("\xc1"));
  BOOST_TEST(!frame_body::read("\x93\x01\x02"));
  BOOST_TEST(!frame_body::read("\x01\x02"));
}

BOOST_AUTO_TEST_CASE(refuses_sizes_and_depths_meant_to_exhaust_the_host) {
  BOOST_TEST(!frame_body::read("\xdd\xff\xff\xff\xff"));
  BOOST_TEST(!frame_body::read("\xdf\xff\xff\xff\xff"));
  BOOST_TEST(!frame_body::read(std::string(1000, '\x91') + "\x01"));
}

BOOST_AUTO_TEST_CASE(answers_emptily_when_asked_for_what_is_not_there) {
  auto body = frame_body::read("\x01");
  BOOST_REQUIRE(body);
  auto root = body->root();
  BOOST_TEST(root.at("x").is_nil());
  BOOST_TEST(root.at("x").at("y").text().empty());
  BOOST_TEST(root.size() == 0U);
  BOOST_TEST(root.item(0).is_nil());
  BOOST_TEST(root.entry(0).first.empty());
  BOOST_TEST(!root.bytes().has_value());
  BOOST_TEST(!root.flag());
}

BOOST_AUTO_TEST_CASE(reads_whole_numbers_out_of_doubles) {
  auto body = frame_body::read({"\xcb\x40\x45\0\0\0\0\0\0", 9});
  BOOST_REQUIRE(body);
  BOOST_TEST(body->root().number() == 42);
  auto infinite = frame_body::read({"\xcb\x7f\xf0\0\0\0\0\0\0", 9});
  BOOST_REQUIRE(infinite);
  BOOST_TEST(infinite->root().number(5) == 5);
}

BOOST_AUTO_TEST_CASE(does_not_send_what_the_other_side_would_refuse) {
  frame_writer writer{1, frame_kind::reply};
  writer.bytes(std::string(frame_sent_max, 'x'));
  BOOST_TEST((code_of(std::move(writer).finish().error()) == errc::full));
}

BOOST_AUTO_TEST_SUITE_END()
