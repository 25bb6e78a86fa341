#include "tests/support/script_process.hpp"

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : pool_fixture {
  fixture() : pool_fixture{limits()} {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(runtime_pool_test, fixture)

BOOST_AUTO_TEST_CASE(keeps_a_process_for_the_next_run_of_its_domain) {
  BOOST_TEST(prepare() == "ready");
  auto first = process_of("dev");
  BOOST_TEST(std::stoi(first) > 1);
  BOOST_TEST(process_of("dev") == first);
}

BOOST_AUTO_TEST_CASE(never_puts_two_domains_into_one_process) {
  auto dev = process_of("dev");
  auto prod = process_of("prod");
  BOOST_TEST(std::stoi(prod) > 1);
  BOOST_TEST(prod != dev);
  BOOST_TEST(process_of("prod") == prod);
}

BOOST_AUTO_TEST_CASE(sends_code_again_to_a_process_that_lost_it) {
  BOOST_TEST(run("dev").find(" 0") != std::string::npos);
  BOOST_TEST(run("dev").find(" 1") != std::string::npos);
  BOOST_TEST(run("dev", "s2").find(" 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(replaces_a_process_after_its_share_of_runs) {
  auto first = process_of("dev");
  for (auto i = 1; i < 500; ++i)
    BOOST_REQUIRE(process_of("dev") == first);
  auto next = process_of("dev");
  BOOST_TEST(std::stoi(next) > 1);
  BOOST_TEST(next != first);
}

BOOST_AUTO_TEST_CASE(kills_a_process_that_breaks_the_protocol) {
  auto first = process_of("dev");
  BOOST_TEST(run("dev", "garbage").find("goes on: the script's process broke the protocol") == 0U);
  BOOST_TEST(process_of("dev") != first);
}

BOOST_AUTO_TEST_CASE(refuses_a_process_of_another_protocol) {
  pool.set_command(fake_command("2"));
  BOOST_TEST(prepare()
             == "the script runtime does not start: the script's process speaks protocol 2");
}

BOOST_AUTO_TEST_CASE(tells_what_a_process_said_that_did_not_get_ready) {
  pool.set_command({"/bin/sh", "-c", "echo first; echo no such thing >&2; exit 1"});
  BOOST_TEST(prepare()
             == "the script runtime does not start: it ended before it was ready: no such thing");
}

BOOST_AUTO_TEST_CASE(tells_waiting_runs_when_no_process_gets_ready) {
  pool.set_command({"/bin/false"});
  BOOST_TEST(run("dev").find("lost: ") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
