#include "api/run_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

std::string reason(const std::string& what, const std::string& detail) {
  return run_text({"1700000000123-0", what, detail})["reason"].get<std::string>();
}

} // namespace

BOOST_AUTO_TEST_SUITE(run_text_test)

BOOST_AUTO_TEST_CASE(tells_when_and_what_as_it_is_stored) {
  auto text = run_text({"1700000000123-0", "skipped", R"({"reason":"busy","slot":5})"});
  BOOST_TEST(text.dump()
             == R"({"id":"1700000000123-0","at":"2023-11-14T22:13:20.123Z","what":"skipped",)"
                R"("reason":"busy","detail":{"reason":"busy","slot":5}})");
}

BOOST_AUTO_TEST_CASE(tells_why_a_run_began) {
  BOOST_TEST(reason("started", R"({"trigger":"schedule"})") == "due");
  BOOST_TEST(reason("started", R"({"trigger":"schedule","missed":2})")
             == "due, also for 2 missed before");
  BOOST_TEST(reason("started", R"({"trigger":"manual"})") == "triggered");
  BOOST_TEST(reason("started", R"({"trigger":"event"})") == "an event came");
  BOOST_TEST(reason("started", R"({"trigger":"interrupted"})") == "the run before goes on");
  BOOST_TEST(reason("started", R"({"trigger":"retry","retry":2,"retries":3})") == "retry 2 of 3");
  BOOST_TEST(reason("started", R"({"run":1})") == "due");
}

BOOST_AUTO_TEST_CASE(tells_how_a_run_ended) {
  BOOST_TEST(reason("success", R"({"run":1})") == "success");
  BOOST_TEST(reason("failed", R"({"error":{"type":"x","description":"no way"}})") == "no way");
  BOOST_TEST(reason("failed", R"({"error":{"type":"run_lost","description":"The worker"}})")
             == "fenced: another worker has the variant now");
  BOOST_TEST(reason("cancelled", R"({"error":{"type":"script_aborted","description":"enough"}})")
             == "enough");
}

BOOST_AUTO_TEST_CASE(tells_why_a_variant_is_paused) {
  BOOST_TEST(reason("paused", R"({"reason":""})") == "somebody asked for it");
  BOOST_TEST(reason("paused", R"({"reason":"stopped after 3 failures in a row"})")
             == "stopped after 3 failures in a row");
  BOOST_TEST(reason("resumed", R"({"reason":""})") == "started");
  BOOST_TEST(reason("triggered", R"({"reset":true})") == "a run with reset was asked for");
}

BOOST_AUTO_TEST_CASE(a_detail_that_is_no_json_does_no_harm) {
  BOOST_TEST(reason("skipped", "{") == "skipped");
}

BOOST_AUTO_TEST_SUITE_END()
