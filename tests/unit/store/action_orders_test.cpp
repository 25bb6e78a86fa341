#include "store/action_orders.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

action_state ended(action_phase phase, const std::string& output, const std::string& error) {
  action_state x;
  x.phase = phase;
  x.output = output;
  x.error = error;
  return x;
}

std::string line_of(const action_answer& x) {
  return std::to_string(x.status) + " " + x.body;
}

std::string failed(const std::string& error) {
  return line_of(answer_of(ended(action_phase::failed, {}, error)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(action_orders_test)

BOOST_AUTO_TEST_CASE(an_output_is_answered_as_it_is) {
  BOOST_TEST(line_of(answer_of(ended(action_phase::success, R"({"b":1.0})", {})))
             == R"(200 {"b":1.0})");
}

BOOST_AUTO_TEST_CASE(what_has_not_ended_or_is_not_kept_any_more_is_not_found) {
  for (auto phase : {action_phase::waiting, action_phase::running, action_phase::success})
    BOOST_TEST(answer_of(ended(phase, {}, {})).status == 404);
  BOOST_TEST(answer_of(fail(errc::not_found, "gone")).status == 404);
}

BOOST_AUTO_TEST_CASE(a_failure_has_the_status_and_the_parts_of_its_type) {
  BOOST_TEST(failed(R"({"type":"action_script_runtime_error","description":"no","payload":[1]})")
             == R"(500 {"error":{"message":"no","code":"action_script_runtime_error",)"
                R"("payload":[1]}})");
  BOOST_TEST(failed(R"({"type":"script_http_error","description":"no","additional_properties":)"
                    R"({"upstream_response":{"status":404}}})")
             == R"(424 {"error":{"message":"no","code":"script_http_error","payload":{},)"
                R"("upstream":{"status":404}}})");
  BOOST_TEST(failed(R"({"type":"invalid_action_input","description":"no"})").substr(0, 3) == "400");
  BOOST_TEST(failed("broken")
             == R"(500 {"error":{"message":"the action failed","code":"script_internal_error",)"
                R"("payload":{}}})");
}

BOOST_AUTO_TEST_CASE(no_outcome_is_told_without_what_went_wrong_inside) {
  BOOST_TEST(line_of(answer_of(fail(errc::unavailable, "10.0.0.7 is down")))
             == R"(503 {"error":{"code":"service_unavailable",)"
                R"("message":"Not available at the moment. Try again."}})");
  BOOST_TEST(answer_of(fail(errc::full, "too many")).status == 429);
}

BOOST_AUTO_TEST_CASE(an_order_has_the_times_of_its_kind) {
  connection of;
  of.number = 7;
  of.environment = "dev";
  of.provider_config_key = "shop";
  of.connection_id = "c1";
  function code;
  code.kind = function_kind::action;
  code.name = "refund";
  auto action = order_call(of, code, {});
  BOOST_TEST(is_uuid_v4(action.id));
  BOOST_TEST(action.connection == 7U);
  BOOST_TEST((action.start_max == std::chrono::seconds{30}));
  BOOST_TEST((action.run_max == std::chrono::minutes{15}));
  BOOST_TEST(!action.is_queued);
  queue(action, 3);
  BOOST_TEST(action.is_queued);
  BOOST_TEST(action.retries == 3U);
  BOOST_TEST((action.start_max == std::chrono::hours{24}));
  code.kind = function_kind::on_event;
  auto event = order_call(of, code, {});
  queue(event, 0);
  BOOST_TEST((event.start_max == std::chrono::seconds{30}));
  BOOST_TEST((event.run_max == std::chrono::minutes{5}));
}

BOOST_AUTO_TEST_SUITE_END()
