#include "console/repl.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

using json = nlohmann::ordered_json;

} // namespace

BOOST_AUTO_TEST_SUITE(repl_test)

BOOST_AUTO_TEST_CASE(the_prompt_tells_server_leader_and_epoch) {
  BOOST_TEST(prompt_of("prod", json::parse(R"({"leader":"c2","epoch":17})"), false)
             == "prod leader=c2 e17> ");
  BOOST_TEST(prompt_of("prod", json::parse(R"({"leader":"","epoch":17})"), false)
             == "prod leader=none e17> ");
  BOOST_TEST(prompt_of("prod", json::parse(R"({"leader":"host/12/0b43e2a2"})"), false)
             == "prod leader=host/12> ");
}

BOOST_AUTO_TEST_CASE(the_prompt_tells_that_nobody_answers) {
  BOOST_TEST(prompt_of("prod", fail(errc::unavailable, "no"), false) == "prod no answer> ");
  BOOST_TEST(prompt_of("prod", fail(errc::invalid, "forbidden"), false) == "prod> ");
}

BOOST_AUTO_TEST_CASE(no_name_steers_the_terminal_from_the_prompt) {
  auto text = prompt_of("a\x1b[2J", json::parse(R"({"leader":"b\u0007"})"), false);
  BOOST_TEST(text == "a [2J leader=b > ");
}

BOOST_AUTO_TEST_SUITE_END()
