#include "api/server/server.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/stream_feed.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace varia;

namespace {

using namespace std::chrono_literals;
using client = test::raw_client;
using feed = test::stream_feed;
using test::gate;
using test::patient_server;
using test::streams_of;

const auto get = std::string{"GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"};

next_chunk endless(feed& source) {
  source.take();
  return {std::string(64 * 1024, 'x'), false};
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_stream_end_test)

BOOST_AUTO_TEST_CASE(destroys_the_stream_when_the_client_leaves) {
  feed source;
  http_server server{patient_server(), streams_of(source)};
  auto one = std::make_unique<client>(*server.start());
  one->send(get);
  source.await_calls(1);
  one.reset();
  source.await_ended(1);
}

BOOST_AUTO_TEST_CASE(ends_the_stream_when_the_client_says_more) {
  feed source;
  http_server server{patient_server(), streams_of(source)};
  auto port = *server.start();
  client early{port};
  early.send(get + get);
  BOOST_TEST(early.head().find("HTTP/1.1 200") == 0U);
  BOOST_TEST((early.chunk() == ""));
  client late{port};
  late.send(get);
  late.head();
  late.send("x");
  BOOST_TEST(!late.chunk());
  source.await_ended(2);
}

BOOST_AUTO_TEST_CASE(asks_for_no_more_than_the_client_takes_and_drops_it_in_the_end) {
  feed source;
  auto config = patient_server();
  config.request_timeout = 200ms;
  http_server server{config, streams_of(source, endless)};
  client lazy{*server.start(), 64 * 1024};
  lazy.send(get);
  source.await_ended(1);
  BOOST_TEST(source.calls() < 100);
}

BOOST_AUTO_TEST_CASE(bears_with_a_client_that_reads_slowly) {
  constexpr size_t size = 8 * 1024 * 1024;
  feed source;
  auto config = patient_server();
  config.request_timeout = 1s;
  http_server server{config, streams_of(source, [](feed&) {
                       return next_chunk{std::string(size, 'x'), true};
                     })};
  client slow{*server.start(), 256 * 1024};
  slow.send(get);
  slow.head();
  size_t got = 0;
  for (; got < size; std::this_thread::sleep_for(20ms)) {
    auto part = slow.some(64 * 1024);
    if (part.empty())
      break;
    got += part.size();
  }
  BOOST_TEST(got >= size);
}

BOOST_AUTO_TEST_CASE(refuses_streams_over_the_limit_until_one_ends) {
  feed source;
  auto config = patient_server();
  config.streams_max = 2;
  http_server server{config, streams_of(source)};
  auto port = *server.start();
  auto first = std::make_unique<client>(port);
  client second{port};
  for (auto each : {first.get(), &second}) {
    each->send(get);
    BOOST_TEST(each->head().find("HTTP/1.1 200") == 0U);
  }
  client third{port};
  third.send(get);
  auto head = third.head();
  BOOST_TEST(head.find("HTTP/1.1 503") == 0U);
  BOOST_TEST(head.find("retry-after: 1\r\n") != std::string::npos);
  BOOST_TEST(json::parse(third.body(head))["error"]["code"] == "service_unavailable");
  source.await_ended(1);
  first.reset();
  source.await_ended(2);
  third.send(get);
  BOOST_TEST(third.head().find("HTTP/1.1 200") == 0U);
}

BOOST_AUTO_TEST_CASE(answers_requests_while_more_streams_than_threads_are_open) {
  feed source;
  http_server server{patient_server(), streams_of(source)};
  auto port = *server.start();
  std::vector<std::unique_ptr<client>> listeners;
  for (auto i = 0; i < 10; ++i) {
    listeners.push_back(std::make_unique<client>(port));
    listeners.back()->send(get);
    listeners.back()->head();
  }
  source.await_begun(10);
  client one{port};
  BOOST_TEST(one.ask("GET /plain HTTP/1.1\r\nHost: h\r\n\r\n") == "HTTP/1.1 200 OK \"plain\"");
}

BOOST_AUTO_TEST_CASE(ends_streams_properly_when_it_stops) {
  feed source;
  http_server server{patient_server(), streams_of(source)};
  client one{*server.start()};
  one.send(get);
  one.head();
  source.await_calls(1);
  auto stopped = std::async(std::launch::async, [&] { server.stop(); });
  BOOST_TEST(one.rest() == "0\r\n\r\n");
  BOOST_TEST((stopped.wait_for(20s) == std::future_status::ready));
  source.await_ended(1);
}

BOOST_AUTO_TEST_CASE(ends_a_stream_while_it_is_asked_when_it_stops) {
  gate door;
  feed source;
  http_server server{patient_server(), streams_of(source, [&](feed&) {
                       door.pass();
                       return next_chunk{"late", false};
                     })};
  client one{*server.start()};
  one.send(get);
  one.head();
  door.await(1);
  auto stopped = std::async(std::launch::async, [&] { server.stop(); });
  BOOST_TEST(one.rest() == "0\r\n\r\n");
  door.open();
  BOOST_TEST((stopped.wait_for(20s) == std::future_status::ready));
  source.await_ended(1);
}

BOOST_AUTO_TEST_CASE(stops_although_a_client_does_not_read) {
  feed source;
  auto config = patient_server();
  config.stop_deadline = 10ms;
  http_server server{config, streams_of(source, [](feed& from) {
                       from.take();
                       return next_chunk{std::string(16 * 1024 * 1024, 'x'), false};
                     })};
  client lazy{*server.start(), 64 * 1024};
  lazy.send(get);
  source.await_calls(1);
  server.stop();
  source.await_ended(1);
}

BOOST_AUTO_TEST_CASE(ends_a_stream_when_its_time_is_over) {
  feed source;
  auto config = patient_server();
  config.stream_lifetime = 50ms;
  http_server server{config, streams_of(source)};
  auto port = *server.start();
  client quiet{port};
  quiet.send(get);
  quiet.head();
  BOOST_TEST(quiet.rest() == "0\r\n\r\n");
  source.await_ended(1);
}

BOOST_AUTO_TEST_CASE(ends_a_stream_that_is_never_silent_when_its_time_is_over) {
  feed source;
  auto config = patient_server();
  config.stream_lifetime = 50ms;
  http_server server{config, streams_of(source, endless)};
  client busy{*server.start()};
  busy.send(get);
  busy.head();
  auto part = busy.chunk();
  while (part && !part->empty())
    part = busy.chunk();
  BOOST_TEST((part == ""));
}

BOOST_AUTO_TEST_CASE(cuts_off_a_stream_that_throws) {
  feed source;
  source.put("a");
  http_server server{patient_server(), streams_of(source, [](feed& from) {
                       auto result = from.take();
                       return result.bytes.empty() ? throw std::runtime_error("secret") : result;
                     })};
  client one{*server.start()};
  one.send(get);
  one.head();
  BOOST_TEST(one.rest() == "1\r\na\r\n");
}

BOOST_AUTO_TEST_CASE(suffers_wakes_after_the_end) {
  feed source;
  {
    http_server server{patient_server(), streams_of(source)};
    auto one = std::make_unique<client>(*server.start());
    one->send(get);
    source.await_calls(1);
    one.reset();
    source.await_ended(1);
    source.wake();
  }
  auto calls = source.calls();
  source.wake();
  BOOST_TEST(source.calls() == calls);
}

BOOST_AUTO_TEST_SUITE_END()
