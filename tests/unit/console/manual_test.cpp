#include "console/manual.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

command sample() {
  command_option word{{"--sync"}, "SYNC", "SYNC", "The sync", "Options", true, false, {}};
  command_option url{{"--url"}, "", "URL", "The server", "Server", false, false, {}};
  command_option output{{"-o", "--output"}, "", "FORMAT", ".table", "Output", false, false, {}};
  command log{"log", "Show what a back\\slash logged", {word, url, output}, {}};
  return {"varia", "", {}, {{"variants", "", {}, {log}}}};
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(manual_test)

BOOST_AUTO_TEST_CASE(tells_each_command_with_its_words) {
  auto text = render_manual(sample());
  BOOST_TEST(holds(text, ".SS variants log\n\\fBvariants log\\fR \\fISYNC\\fR\n.PP\n"));
  BOOST_TEST(holds(text, ".TP\n\\fISYNC\\fR, \\fB\\-\\-sync\\fR\nThe sync.\n"));
}

BOOST_AUTO_TEST_CASE(tells_once_what_all_verbs_have) {
  auto text = render_manual(sample());
  auto first = text.find("\\fB\\-\\-url\\fR \\fIURL\\fR");
  BOOST_TEST(first > text.find("OPTIONS OF ALL VERBS"));
  BOOST_TEST(text.find("\\fB\\-\\-url\\fR \\fIURL\\fR", first + 1) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_text_is_taken_for_a_request_of_roff) {
  auto text = render_manual(sample());
  BOOST_TEST(holds(text, "back\\eslash"));
  BOOST_TEST(holds(text, "\n\\&.table.\n"));
}

BOOST_AUTO_TEST_CASE(three_shells_are_known) {
  for (auto shell : {"bash", "zsh", "fish"})
    BOOST_TEST(holds(completion_script(shell), "varia complete"), shell);
  BOOST_TEST(completion_script("csh") == "");
}

BOOST_AUTO_TEST_SUITE_END()
