#include "console/client.hpp"
#include "console/exit_code.hpp"
#include "console/verbs.hpp"
#include "tests/support/one_answer_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace varia;
using namespace std::chrono_literals;

namespace {

using tcp = boost::asio::ip::tcp;
using test::one_answer_server;

constexpr auto key = "0b43e2a2-5c6c-4b5e-9d0f-2f3c4d5e6f70";

std::string free_url() {
  boost::asio::io_context context;
  tcp::acceptor acceptor{context, {boost::asio::ip::address_v4::loopback(), 0}};
  return "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
}

/// A verb with everything that it runs with.
struct verb_run {
  verb_run(const std::string& url, const std::string& words, verb_values with = {})
    : server{{url, key}}, which{*find_verb(words)}, values{std::move(with)} {}

  int code() { return run_verb({which, values, server, options, out, errors}); }

  client server;
  const verb& which;
  verb_values values;
  output_options options;
  std::ostringstream out;
  std::ostringstream errors;
};

} // namespace

BOOST_AUTO_TEST_SUITE(client_test)

BOOST_AUTO_TEST_CASE(sends_the_key_and_reads_json) {
  one_answer_server server{"200 OK", R"({"result":"ok"})"};
  auto answer = client{{server.url() + "/", key}}.get_json("/health?x=1");
  BOOST_REQUIRE(answer);
  BOOST_TEST((*answer)["result"] == "ok");
  auto head = server.head();
  BOOST_TEST(head.find("GET /health?x=1 HTTP/1.1\r\n") == 0u);
  BOOST_TEST(head.find(std::string{"Authorization: Bearer "} + key) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(posts_a_body_as_json) {
  one_answer_server server{"200 OK", "[]"};
  auto answer = client{{server.url(), key}}.post_json("/sync/deploy", R"({"a":1})");
  BOOST_REQUIRE(answer);
  auto head = server.head();
  BOOST_TEST(head.find("POST /sync/deploy HTTP/1.1\r\n") == 0u);
  BOOST_TEST(head.find("Content-Type: application/json\r\n") != std::string::npos);
  BOOST_TEST(head.find("Content-Length: 7\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tells_what_a_server_that_refuses_says) {
  one_answer_server server{"400 Bad Request",
                           R"({"error":{"code":"invalid_body","message":"no such field"}})"};
  auto answer = client{{server.url(), key}}.get_json("/x");
  BOOST_REQUIRE(!answer);
  BOOST_TEST((code_of(answer.error()) == errc::invalid));
  BOOST_TEST(detail_of(answer.error()) == "the server says: invalid_body: no such field (400)");
}

BOOST_AUTO_TEST_CASE(says_that_the_key_was_refused_without_the_key) {
  one_answer_server server{"401 Unauthorized", std::string{"{\"error\":\""} + key + "\"}"};
  auto answer = client{{server.url(), key}}.get_json("/x");
  BOOST_REQUIRE(!answer);
  BOOST_TEST(detail_of(answer.error()).find("API key") != std::string::npos);
  BOOST_TEST(detail_of(answer.error()).find(key) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_an_answer_that_is_not_json) {
  one_answer_server server{"200 OK", "<html>"};
  auto answer = client{{server.url(), key}}.get_json("/x");
  BOOST_REQUIRE(!answer);
  BOOST_TEST((code_of(answer.error()) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(fails_where_nobody_listens) {
  auto answer = client{{free_url(), key}}.get("/health");
  BOOST_REQUIRE(!answer);
  BOOST_TEST((code_of(answer.error()) == errc::unavailable));
  BOOST_TEST(detail_of(answer.error()).find(key) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(gives_up_on_a_server_that_stays_silent) {
  boost::asio::io_context context;
  tcp::acceptor silent{context, {boost::asio::ip::address_v4::loopback(), 0}};
  auto url = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  auto answer = client{{url, key, 100ms}}.get("/health");
  BOOST_REQUIRE(!answer);
  BOOST_TEST((code_of(answer.error()) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_web_address) {
  for (auto url : {"", "file:///etc/hostname", "ftp://127.0.0.1", "http://"}) {
    auto answer = client{{url, key}}.get("");
    BOOST_REQUIRE(!answer);
    BOOST_TEST((code_of(answer.error()) == errc::invalid), url);
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_key_that_would_add_a_header) {
  auto answer = client{{free_url(), "key\r\nX-Other: 1"}}.get("/health");
  BOOST_REQUIRE(!answer);
  BOOST_TEST((code_of(answer.error()) == errc::invalid));
}

BOOST_AUTO_TEST_CASE(a_verb_prints_the_answer_as_asked_for) {
  one_answer_server server{"200 OK", R"({"workers":[{"worker":"w1"}]})"};
  verb_run run{server.url(), "workers list"};
  run.options.format = output_format::json;
  BOOST_TEST(run.code() == exit_code::ok);
  BOOST_TEST(nlohmann::json::parse(run.out.str())["workers"][0]["worker"] == "w1");
  BOOST_TEST(run.errors.str() == "");
}

BOOST_AUTO_TEST_CASE(a_verb_without_server_fails_in_words) {
  verb_run run{free_url(), "workers list"};
  BOOST_TEST(run.code() == exit_code::unavailable);
  BOOST_TEST(run.out.str() == "");
  BOOST_TEST(run.errors.str().find("varia: http://127.0.0.1:") == 0u);
}

BOOST_AUTO_TEST_CASE(a_refusal_ends_with_the_code_for_its_kind) {
  struct refusal {
    const char* status;
    const char* code;
    int expected;
  };
  for (auto& x : std::vector<refusal>{
         {"404 Not Found", "not_found", exit_code::not_found},
         {"400 Bad Request", "unknown_sync", exit_code::not_found},
         {"409 Conflict", "conflict", exit_code::conflict},
         {"400 Bad Request", "resource_capped", exit_code::conflict},
         {"400 Bad Request", "invalid_body", exit_code::failed},
         {"403 Forbidden", "forbidden", exit_code::failed},
         {"503 Service Unavailable", "service_unavailable", exit_code::unavailable}}) {
    one_answer_server server{x.status,
                             std::string{R"({"error":{"message":"no","code":")"} + x.code + "\"}}"};
    verb_run run{server.url(), "workers list"};
    BOOST_TEST(run.code() == x.expected, x.code);
    BOOST_TEST(run.errors.str().find(x.code) != std::string::npos, run.errors.str());
  }
}

BOOST_AUTO_TEST_CASE(what_destroys_something_is_asked_about) {
  verb_run run{free_url(), "environments delete", {{"name", "prod"}}};
  BOOST_TEST(run.code() == exit_code::usage); // Nobody is there to be asked; nothing was sent.
  std::string asked;
  run.options.ask = [&asked](const std::string& question) {
    asked = question;
    return "no";
  };
  BOOST_TEST(run.code() == exit_code::failed);
  BOOST_TEST(asked.find("destroys environment prod and everything in it") != std::string::npos);
  run.options.ask = [](const std::string&) { return "yes"; };
  BOOST_TEST(run.code() == exit_code::unavailable); // It was sent.
}

BOOST_AUTO_TEST_CASE(what_destroys_something_is_done_at_once_if_that_was_said) {
  one_answer_server server{"200 OK", R"({"success":true})"};
  verb_run run{server.url(), "environments delete", {{"name", "prod"}}};
  run.options.says_yes = true;
  run.options.is_quiet = true;
  BOOST_TEST(run.code() == exit_code::ok);
  BOOST_TEST(run.out.str() == "");
  BOOST_TEST(server.head().find("POST /varia/environments/delete ") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
