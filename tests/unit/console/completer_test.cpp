#include "console/completer.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace varia;

namespace {

using strings = std::vector<std::string>;

command_option word(const char* title, const char* option, bool is_required = true) {
  return {{option}, title, title, "", "", is_required, false, {}};
}

command_option option(const char* name, const char* value, strings choices = {}) {
  return {{name}, "", value, "", "", false, false, std::move(choices)};
}

command sample() {
  command log{"log",
              "",
              {word("CONNECTION", "--connection"), word("SYNC", "--sync"),
               option("--level", "TEXT", {"info", "warn"}), option("--follow", "")},
              {}};
  command list{"list", "", {word("SYNC", "--sync", false)}, {}};
  return {"", "", {}, {{"variants", "", {}, {log, list}}, {"status", "", {}, {}}}};
}

strings completed(const strings& words, const std::string& begun) {
  return complete(sample(), words, begun, [](auto& kind, auto& known) {
    std::string of;
    for (auto& [name, value] : known)
      of += name + "=" + value + ";";
    return strings{kind + "-1", kind + "-2", of};
  });
}

const auto per_element = boost::test_tools::per_element();

} // namespace

BOOST_AUTO_TEST_SUITE(completer_test)

BOOST_AUTO_TEST_CASE(completes_commands) {
  BOOST_TEST(completed({}, "") == (strings{"status", "variants"}), per_element);
  BOOST_TEST(completed({}, "v") == strings{"variants"}, per_element);
  BOOST_TEST(completed({"variants"}, "l") == (strings{"list", "log"}), per_element);
  BOOST_TEST(completed({}, "x").empty());
}

BOOST_AUTO_TEST_CASE(completes_names_by_place_with_what_is_known_by_then) {
  BOOST_TEST(completed({"variants", "log"}, "conn") == (strings{"connection-1", "connection-2"}),
             per_element);
  BOOST_TEST(completed({"variants", "log", "c1"}, "connection") == strings{"connection=c1;"},
             per_element);
  BOOST_TEST(completed({"variants", "log", "c1"}, "sync-") == (strings{"sync-1", "sync-2"}),
             per_element);
  BOOST_TEST(completed({"variants", "log", "c1", "s1"}, "").empty());
}

BOOST_AUTO_TEST_CASE(a_word_given_as_an_option_frees_its_place) {
  BOOST_TEST(completed({"variants", "log", "--connection", "c1"}, "sync-1") == strings{"sync-1"},
             per_element);
  BOOST_TEST(completed({"variants", "log", "--connection"}, "connection-1")
               == strings{"connection-1"},
             per_element);
}

BOOST_AUTO_TEST_CASE(completes_options_that_are_not_given_yet) {
  BOOST_TEST(completed({"variants", "log"}, "--")
               == (strings{"--connection", "--follow", "--level", "--sync"}),
             per_element);
  BOOST_TEST(completed({"variants", "log", "c1", "--follow"}, "--")
               == (strings{"--level", "--sync"}),
             per_element);
}

BOOST_AUTO_TEST_CASE(completes_the_choices_of_an_option) {
  BOOST_TEST(completed({"variants", "log", "--level"}, "") == (strings{"info", "warn"}),
             per_element);
  BOOST_TEST(completed({"variants", "log"}, "--level=w") == strings{"--level=warn"}, per_element);
}

BOOST_AUTO_TEST_CASE(hints_tell_the_words_that_are_missing) {
  BOOST_TEST(hint_for(sample(), {"variants", "log"}) == "CONNECTION SYNC");
  BOOST_TEST(hint_for(sample(), {"variants", "log", "c1"}) == "SYNC");
  BOOST_TEST(hint_for(sample(), {"variants", "log", "c1", "--level"}) == "TEXT");
  BOOST_TEST(hint_for(sample(), {"variants", "list"}) == "[SYNC]");
  BOOST_TEST(hint_for(sample(), {"variants"}) == "COMMAND");
  BOOST_TEST(hint_for(sample(), {"status"}) == "");
  BOOST_TEST(hint_for(sample(), {"nonsense"}) == "");
}

BOOST_AUTO_TEST_CASE(the_common_beginning_never_ends_within_a_letter) {
  BOOST_TEST(common_beginning({"alpha", "alps"}) == "alp");
  BOOST_TEST(common_beginning({"ä", "ö"}) == "");
  BOOST_TEST(common_beginning({"a", "ab"}) == "a");
  BOOST_TEST(common_beginning({}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
