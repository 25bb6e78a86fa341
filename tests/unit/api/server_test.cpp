#include "api/server/server.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

using namespace varia;

namespace {

using namespace std::chrono_literals;
using client = test::raw_client;
using test::gate;

http_response echo(http_request request) {
  http_response result;
  result.body = request.method + " " + request.path + " " + request.body;
  for (auto& [name, value] : request.query)
    result.body += " " + name + "=" + value;
  return result;
}

server_config any_port() {
  server_config result;
  result.port = 0;
  result.threads = 2;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_test)

BOOST_AUTO_TEST_CASE(answers_many_requests_on_one_connection) {
  http_server server{any_port(), echo};
  client one{*server.start()};
  BOOST_TEST(one.ask("GET /a/?x=%31 HTTP/1.1\r\nHost: h\r\n\r\n") == "HTTP/1.1 200 OK GET /a  x=1");
  BOOST_TEST(one.ask("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi")
             == "HTTP/1.1 200 OK POST /b hi");
}

BOOST_AUTO_TEST_CASE(reads_the_body_of_a_deletion) {
  http_server server{any_port(), echo};
  client one{*server.start()};
  BOOST_TEST(one.ask("DELETE /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
             == "HTTP/1.1 200 OK DELETE /x {}");
}

BOOST_AUTO_TEST_CASE(reads_a_body_in_chunks) {
  http_server server{any_port(), echo};
  client one{*server.start()};
  BOOST_TEST(one.ask("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")
             == "HTTP/1.1 200 OK POST /x abc");
}

BOOST_AUTO_TEST_CASE(answers_head_like_get_but_without_a_body) {
  http_server server{any_port(), echo};
  client one{*server.start()};
  one.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(one.head().find("Content-Length: 7") != std::string::npos);
  auto second = one.head();
  BOOST_TEST(one.body(second) == "GET /y ");
}

BOOST_AUTO_TEST_CASE(lets_a_client_send_that_asks_first) {
  http_server server{any_port(), echo};
  client one{*server.start()};
  one.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  BOOST_TEST(one.head().find("HTTP/1.1 100") == 0U);
  BOOST_TEST(one.ask("hi") == "HTTP/1.1 200 OK POST /x hi");
}

BOOST_AUTO_TEST_CASE(refuses_a_body_over_the_limit_and_closes) {
  auto config = any_port();
  config.body_bytes_max = 10;
  http_server server{config, echo};
  client one{*server.start()};
  one.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n01234567890");
  auto head = one.head();
  BOOST_TEST(head.find("HTTP/1.1 413") == 0U);
  BOOST_TEST(json::parse(one.body(head))["error"]["code"] == "request_too_large");
  BOOST_TEST(one.head() == "");
}

BOOST_AUTO_TEST_CASE(refuses_a_header_over_the_limit) {
  auto config = any_port();
  config.header_bytes_max = 1000;
  http_server server{config, echo};
  client one{*server.start()};
  one.send("GET /x HTTP/1.1\r\nHost: h\r\nLong: " + std::string(2000, 'x') + "\r\n\r\n");
  BOOST_TEST(one.head().find("HTTP/1.1 431") == 0U);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_request) {
  http_server server{any_port(), echo};
  auto port = *server.start();
  client one{port};
  one.send("nonsense\r\n\r\n");
  BOOST_TEST(one.head().find("HTTP/1.1 400") == 0U);
  client two{port};
  BOOST_TEST(two.ask("GET /%E0%A4%A HTTP/1.1\r\nHost: h\r\n\r\n").find("HTTP/1.1 400") == 0U);
}

BOOST_AUTO_TEST_CASE(hides_what_a_handler_throws) {
  http_server server{any_port(),
                     [](http_request) -> http_response { throw std::runtime_error("secret"); }};
  client one{*server.start()};
  auto answer = one.ask("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(answer.find("HTTP/1.1 500") == 0U);
  BOOST_TEST(answer.find("generic_error_support") != std::string::npos);
  BOOST_TEST(answer.find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_requests_while_too_many_wait) {
  gate door;
  auto config = any_port();
  config.threads = 1;
  config.queued_max = 1;
  http_server server{config, [&](http_request request) {
                       door.pass();
                       return echo(std::move(request));
                     }};
  auto port = *server.start();
  client first{port};
  first.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  door.await(1);
  // One more may wait; who comes after the two is refused, whichever of the others that is.
  client second{port};
  client third{port};
  second.send("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  third.send("GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
  auto head_of = [](client& x) { return x.head().substr(0, 12); };
  auto late = std::async(std::launch::async, [&] { return head_of(third); });
  auto other = std::async(std::launch::async, [&] { return head_of(second); });
  auto third_was_refused = late.wait_for(0ms) == std::future_status::ready;
  while (!third_was_refused && other.wait_for(1ms) != std::future_status::ready)
    third_was_refused = late.wait_for(0ms) == std::future_status::ready;
  door.open();
  auto answers = std::multiset<std::string>{late.get(), other.get()};
  BOOST_TEST((answers == std::multiset<std::string>{"HTTP/1.1 200", "HTTP/1.1 503"}));
}

BOOST_AUTO_TEST_CASE(takes_connections_over_the_limit_when_others_end) {
  auto config = any_port();
  config.connections_max = 1;
  http_server server{config, echo};
  auto port = *server.start();
  auto first = std::make_unique<client>(port);
  BOOST_TEST(first->ask("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n") == "HTTP/1.1 200 OK GET /1 ");
  client second{port};
  second.send("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  first.reset();
  auto head = second.head();
  BOOST_TEST(second.body(head) == "GET /2 ");
}

BOOST_AUTO_TEST_CASE(answers_what_is_in_work_when_it_stops) {
  gate door;
  http_server server{any_port(), [&](http_request request) {
                       door.pass();
                       return echo(std::move(request));
                     }};
  auto port = *server.start();
  client idle{port};
  client busy{port};
  busy.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  door.await(1);
  auto stopped = std::async(std::launch::async, [&] { server.stop(); });
  BOOST_TEST(idle.head() == "");
  door.open();
  auto head = busy.head();
  BOOST_TEST(head.find("Connection: close") != std::string::npos);
  BOOST_TEST(busy.body(head) == "GET /x ");
  BOOST_TEST((stopped.wait_for(20s) == std::future_status::ready));
  BOOST_CHECK_THROW(client{port}, std::exception);
}

BOOST_AUTO_TEST_CASE(gives_up_on_slow_work_after_the_deadline) {
  gate door;
  auto config = any_port();
  config.stop_deadline = 10ms;
  http_server server{config, [&](http_request request) {
                       door.pass();
                       return echo(std::move(request));
                     }};
  client busy{*server.start()};
  busy.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  door.await(1);
  auto stopped = std::async(std::launch::async, [&] { server.stop(); });
  BOOST_TEST(busy.head() == "");
  door.open();
  BOOST_TEST((stopped.wait_for(20s) == std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(closes_connections_that_say_nothing) {
  auto config = any_port();
  config.idle_timeout = 50ms;
  http_server server{config, echo};
  client silent{*server.start()};
  BOOST_TEST(silent.head() == "");
}

BOOST_AUTO_TEST_CASE(says_why_it_cannot_listen) {
  http_server first{any_port(), echo};
  auto config = any_port();
  config.port = *first.start();
  http_server second{config, echo};
  auto port = second.start();
  BOOST_REQUIRE(!port);
  BOOST_TEST((code_of(port.error()) == errc::unavailable));
  config.host = "nowhere";
  http_server third{config, echo};
  BOOST_TEST((code_of(third.start().error()) == errc::invalid));
}

BOOST_AUTO_TEST_SUITE_END()
