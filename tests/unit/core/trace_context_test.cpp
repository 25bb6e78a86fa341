#include "core/trace_context.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace varia;

namespace {

const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string parent = "00-" + trace_id + "-00f067aa0ba902b7-01";

} // namespace

BOOST_AUTO_TEST_SUITE(trace_context_test)

BOOST_AUTO_TEST_CASE(reads_what_the_specification_allows) {
  auto found = parse_trace(parent, "vendor=x,other=y");
  BOOST_TEST_REQUIRE(!!found);
  BOOST_TEST(found->trace_id == trace_id);
  BOOST_TEST(found->span_id == "00f067aa0ba902b7");
  BOOST_TEST(found->flags == "01");
  BOOST_TEST(found->state == "vendor=x,other=y");
  BOOST_TEST(found->parent() == parent);
  BOOST_TEST(!!parse_trace("cc-" + parent.substr(3) + "-later", ""));
}

BOOST_AUTO_TEST_CASE(passes_over_what_is_not_valid) {
  for (auto& wrong : std::vector<std::string>{
         "", "00", "ff-" + parent.substr(3), parent + "-more", parent + "x",
         "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01",
         "00-" + trace_id + "-0000000000000000-01", "00-" + trace_id + "-00f067aa0ba902b7-0g",
         "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
         "00_" + trace_id + "_00f067aa0ba902b7_01"})
    BOOST_TEST(!parse_trace(wrong, ""), wrong);
  BOOST_TEST(parse_trace(parent, std::string(513, 'a'))->state.empty());
  BOOST_TEST(parse_trace(parent, "a\r\nx: y")->state.empty());
}

BOOST_AUTO_TEST_CASE(a_child_is_another_span_of_the_same_trace) {
  auto of = *parse_trace(parent, "a=b");
  auto child = of.child();
  BOOST_TEST(child.trace_id == of.trace_id);
  BOOST_TEST(child.span_id != of.span_id);
  BOOST_TEST(child.flags == "01");
  BOOST_TEST(child.state == "a=b");
}

BOOST_AUTO_TEST_CASE(begins_traces_that_are_valid_and_different) {
  auto one = begin_trace();
  auto other = begin_trace();
  BOOST_TEST(!!parse_trace(one.parent(), ""));
  BOOST_TEST(one.trace_id != other.trace_id);
}

BOOST_AUTO_TEST_CASE(comes_back_from_its_text) {
  auto of = *parse_trace(parent, "a=b c=d");
  BOOST_TEST(to_text(*parse_trace_text(to_text(of))) == parent + " a=b c=d");
  BOOST_TEST(to_text(*parse_trace(parent, "")) == parent);
  BOOST_TEST(!parse_trace_text(""));
}

BOOST_AUTO_TEST_SUITE_END()
