#include "store/actions.hpp"
#include "store/webhook_settings.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <utility>

using namespace varia;
using namespace varia::test;

namespace {

using namespace std::chrono_literals;

/// A worker that has no scripts: what comes of each function is written down.
class fake_worker {
public:
  fake_worker(const redis_server& server, std::map<std::string, action_outcome> outcomes)
    : db_{server.connect_prepared()}, outcomes_{std::move(outcomes)}, thread_{[this] { run(); }} {}

  ~fake_worker() {
    is_stopping_ = true;
    thread_.join();
  }

private:
  void run() {
    action_room room;
    room.by_depth.fill(4);
    room.queued = 4;
    while (!is_stopping_) {
      auto taken = actions{db_}.take("claim", "w1", room, 60s);
      if (taken)
        for (auto& each : *taken)
          finish(each);
      std::this_thread::sleep_for(2ms);
    }
  }

  void finish(const taken_action& x) {
    auto outcome = outcomes_.count(x.order.name) > 0
                     ? outcomes_.at(x.order.name)
                     : action_outcome{action_outcome::kind::success, x.order.input, {}};
    (void)actions{db_}.end({x.order.id, "claim"}, outcome);
  }

  redis db_;
  std::map<std::string, action_outcome> outcomes_;
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

action_outcome failure(const std::string& error) {
  return {action_outcome::kind::failed, {}, error};
}

struct fixture : ready_api {
  fixture() {
    for (auto name : {"echo", "fails"})
      add(function_kind::action, name);
  }

  void add(const char* kind, const std::string& name, const std::string& event = {}) {
    function x;
    x.kind = kind;
    x.provider_config_key = "orders";
    x.name = name;
    x.event = event;
    BOOST_REQUIRE(functions{db}.deploy("dev", {x}));
  }

  api_answer trigger(const std::string& name, json input, header_map more = {}) {
    more.emplace("provider-config-key", "orders");
    more.emplace("connection-id", "c1");
    return ask("POST", "/action/trigger", {{"action_name", name}, {"input", std::move(input)}},
               std::move(more));
  }

  api_answer import_one(const std::string& id, int rev) {
    return ask("POST", "/connections",
               {{"provider_config_key", "orders"},
                {"connection_id", id},
                {"credentials", {{"type", "NONE"}}},
                {"metadata", {{"rev", rev}}}});
  }

  std::string last_call(const std::string& id = "c1") {
    auto body = ask("GET", "/varia/actions?provider_config_key=orders&connection_id=" + id).body();
    return body["actions"][0].value("name", "") + " " + body["actions"][0].value("status", "");
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(action_routes_test, fixture)

BOOST_AUTO_TEST_CASE(answers_with_the_output_of_an_action) {
  fake_worker worker{server, {}};
  BOOST_TEST(trigger("echo", {{"a", 1}}).line() == R"(200 {"a":1})");
  BOOST_TEST(last_call() == "echo success");
}

BOOST_AUTO_TEST_CASE(an_action_may_have_no_input) {
  fake_worker worker{server, {{"echo", {action_outcome::kind::success, "null", {}}}}};
  auto answer = ask("POST", "/action/trigger", {{"action_name", "echo"}},
                    {{"provider-config-key", "orders"}, {"connection-id", "c1"}});
  BOOST_TEST(answer.line() == "200 null");
}

BOOST_AUTO_TEST_CASE(tells_what_the_provider_of_an_action_said) {
  fake_worker worker{server, {{"fails", failure(R"({"type":"script_http_error","description":"no",
                  "additional_properties":{"upstream_response":{"status":404,"body":1}}})")}}};
  BOOST_TEST(trigger("fails", 1).line()
             == R"(424 {"error":{"message":"no","code":"script_http_error","payload":{},)"
                R"("upstream":{"status":404,"body":1}}})");
}

BOOST_AUTO_TEST_CASE(refuses_what_it_does_not_know) {
  BOOST_TEST(trigger("none", 1).status == 404);
  BOOST_TEST(trigger("orders", 1).status == 404); // A sync.
  auto unknown = trigger("echo", 1, {{"connection-id", "c9"}});
  BOOST_TEST(unknown.status == 400);
  BOOST_TEST(unknown.body()["error"]["code"] == "unknown_connection");
}

BOOST_AUTO_TEST_CASE(refuses_requests_that_break_the_rules) {
  auto code = [](const api_answer& x) { return x.body()["error"]["code"].get<std::string>(); };
  BOOST_TEST(code(ask("POST", "/action/trigger", {{"action_name", "echo"}})) == "invalid_headers");
  BOOST_TEST(code(trigger("echo", 1, {{"x-max-retries", "6"}})) == "invalid_headers");
  BOOST_TEST(code(trigger("echo", 1, {{"x-async", "maybe"}})) == "invalid_headers");
  header_map headers{{"provider-config-key", "orders"}, {"connection-id", "c1"}};
  BOOST_TEST(code(ask("POST", "/action/trigger", {{"input", 1}}, headers)) == "invalid_body");
  BOOST_TEST(code(ask("POST", "/action/trigger", {{"action_name", "echo"}, {"more", 1}}, headers))
             == "invalid_body");
  BOOST_TEST(code(ask("POST", "/action/trigger?a=1", {{"action_name", "echo"}}, std::move(headers)))
             == "invalid_query_params");
  BOOST_TEST(code(ask("GET", "/action/5")) == "invalid_uri_params");
}

BOOST_AUTO_TEST_CASE(a_queued_action_is_answered_for_when_it_has_ended) {
  auto put = trigger("echo", {{"b", 2}}, {{"x-async", "true"}, {"x-max-retries", "2"}});
  BOOST_TEST(put.status == 202);
  auto url = put.body()["statusUrl"].get<std::string>();
  BOOST_TEST(url == "/action/" + put.body()["id"].get<std::string>());
  std::map<std::string, std::string> headers{put.whole.headers.begin(), put.whole.headers.end()};
  BOOST_TEST(headers["location"] == url);
  BOOST_TEST(ask("GET", url).status == 404);
  fake_worker worker{server, {}};
  api_answer answer;
  for (auto i = 0; i < 1000 && answer.status != 200; ++i) {
    std::this_thread::sleep_for(5ms);
    answer = ask("GET", url);
  }
  BOOST_TEST(answer.line() == R"(200 {"b":2})");
  auto shown
    = ask("GET", "/varia" + std::string{"/actions/"} + put.body()["id"].get<std::string>());
  BOOST_TEST(shown.body()["retries_max"] == 2);
  BOOST_TEST(!shown.body().contains("output"));
}

BOOST_AUTO_TEST_CASE(an_outcome_is_for_its_environment_only) {
  auto put = trigger("echo", 1, {{"x-async", "true"}}).body();
  auto id = put["id"].get<std::string>();
  BOOST_REQUIRE(api_keys{db}.add("6f2c6b9e-52a1-4c39-9a39-6e4e8f3c1d2b", "prod"));
  header_map other{{"authorization", "Bearer 6f2c6b9e-52a1-4c39-9a39-6e4e8f3c1d2b"}};
  BOOST_TEST(ask_with(other, "GET", "/varia/actions/" + id).status == 404);
  BOOST_TEST(ask_with(other, "GET", "/varia/actions/" + id + "/log").status == 404);
  BOOST_TEST(ask("GET", "/varia/actions/" + id).status == 200);
}

BOOST_AUTO_TEST_CASE(a_call_is_given_up_when_the_client_leaves) {
  auto request = parse_target("/action/trigger");
  request->method = "POST";
  request->headers = {
    {"authorization", "Bearer " + key}, {"provider-config-key", "orders"}, {"connection-id", "c1"}};
  request->body = R"({"action_name":"echo"})";
  auto whole = handler(std::move(*request));
  BOOST_REQUIRE(whole.deferred);
  std::promise<http_response> given;
  whole.deferred->begin([&](http_response x) { given.set_value(std::move(x)); });
  whole.deferred->abandon();
  BOOST_TEST(given.get_future().get().status == 503);
  for (auto i = 0; i < 1000 && last_call() != "echo failed"; ++i)
    std::this_thread::sleep_for(5ms);
  BOOST_TEST(last_call() == "echo failed");
}

BOOST_AUTO_TEST_CASE(a_greeting_belongs_to_the_trace_of_the_import) {
  add(function_kind::on_event, "greet", "post-connection-creation");
  const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
  auto imported = ask("POST", "/connections",
                      {{"provider_config_key", "orders"},
                       {"connection_id", "c2"},
                       {"credentials", {{"type", "NONE"}}}},
                      {{"traceparent", "00-" + id + "-00f067aa0ba902b7-01"}});
  BOOST_REQUIRE_EQUAL(imported.status, 201);
  auto calls = actions{db}.recent(imported.body()["id"].get<connection_number>(), 10);
  BOOST_REQUIRE(calls && calls->size() == 1U);
  auto trace = parse_trace_text(calls->front().order.trace);
  BOOST_REQUIRE(trace);
  BOOST_TEST(trace->trace_id == id);
}

BOOST_AUTO_TEST_CASE(a_new_connection_is_greeted_once) {
  add(function_kind::on_event, "greet", "post-connection-creation");
  BOOST_TEST(import_one("c2", 0).status == 201);
  BOOST_TEST(import_one("c2", 1).status == 201);
  auto calls
    = ask("GET", "/varia/actions?provider_config_key=orders&connection_id=c2").body()["actions"];
  BOOST_TEST(calls.size() == 1U);
  BOOST_TEST(calls[0]["type"] == "on-event");
  BOOST_TEST(calls[0]["name"] == "greet");
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_refused_leaves_no_trace) {
  add(function_kind::on_event, "judge", "validate-connection");
  cluster.take_notes();
  {
    fake_worker worker{server, {{"judge", failure(R"({"type":"script_internal_error"})")}}};
    auto refused = import_one("c2", 0);
    BOOST_TEST(refused.status == 400);
    BOOST_TEST(refused.body()["error"]["code"] == "connection_validation_failed");
    BOOST_TEST(*connections{db}.number_of("dev", "orders", "c2") == 0U);
    BOOST_TEST(import_one("c1", 7).status == 400);
    BOOST_TEST((*connections{db}.find("dev", "orders", "c1"))->metadata == R"({"rev":0})");
    BOOST_TEST(cluster.take_notes() == "");
  }
  fake_worker worker{server, {}};
  BOOST_TEST(import_one("c2", 0).status == 201);
  BOOST_TEST(cluster.take_notes().find("ensure") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_application_hears_of_a_connection_once_it_is_accepted) {
  add(function_kind::on_event, "judge", "validate-connection");
  webhook_settings to;
  to.primary_url = "http://127.0.0.1:9/hooks";
  BOOST_REQUIRE(webhook_desk{db}.set_settings("dev", to));
  auto waiting = [this] { return number_of(**db.run({"HGET", "{w}:counts:dev", "waiting"})); };
  {
    fake_worker worker{server, {{"judge", failure(R"({"type":"script_internal_error"})")}}};
    BOOST_TEST(import_one("c2", 0).status == 400);
    BOOST_TEST(import_one("c1", 7).status == 400);
    BOOST_TEST(waiting() == 0);
  }
  fake_worker worker{server, {}};
  BOOST_TEST(import_one("c2", 0).status == 201);
  BOOST_TEST(waiting() == 1);
}

BOOST_AUTO_TEST_CASE(a_function_sees_a_connection_off_and_does_not_keep_it) {
  add(function_kind::on_event, "farewell", "pre-connection-deletion");
  fake_worker worker{server, {{"farewell", failure("{}")}}};
  BOOST_TEST(ask("DELETE", "/connections/c1?provider_config_key=orders").line()
             == R"(200 {"success":true})");
  BOOST_TEST(*connections{db}.number_of("dev", "orders", "c1") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
