#include "api/server/server.hpp"
#include "tests/support/gate.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/stream_feed.hpp"

#include <boost/test/unit_test.hpp>

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

} // namespace

BOOST_AUTO_TEST_SUITE(server_stream_test)

BOOST_AUTO_TEST_CASE(sends_every_chunk_and_then_the_end) {
  feed source;
  source.put("a");
  source.put("bc");
  source.finish();
  http_server server{patient_server(), streams_of(source)};
  client one{*server.start()};
  one.send(get);
  auto head = one.head();
  BOOST_TEST(head.find("HTTP/1.1 200 OK\r\n") == 0U);
  BOOST_TEST(head.find("Cache-Control: no-store\r\n") != std::string::npos);
  BOOST_TEST(head.find("Content-Type: text/event-stream\r\n") != std::string::npos);
  BOOST_TEST(head.find("Connection: close\r\n") != std::string::npos);
  BOOST_TEST(head.find("Content-Length") == std::string::npos);
  BOOST_TEST(one.rest() == "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(sends_plain_bytes_to_clients_that_know_no_chunks) {
  feed source;
  source.put("a");
  source.put("bc");
  source.finish();
  http_server server{patient_server(), streams_of(source)};
  client one{*server.start()};
  one.send("GET /stream HTTP/1.0\r\n\r\n");
  BOOST_TEST(one.head().find("Transfer-Encoding") == std::string::npos);
  BOOST_TEST(one.rest() == "abc");
}

BOOST_AUTO_TEST_CASE(answers_head_without_the_stream) {
  feed source;
  http_server server{patient_server(), streams_of(source)};
  client one{*server.start()};
  one.send("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(one.head().find("Content-Type: text/event-stream\r\n") != std::string::npos);
  BOOST_TEST(one.ask("GET /plain HTTP/1.1\r\nHost: h\r\n\r\n") == "HTTP/1.1 200 OK \"plain\"");
  source.await_ended(1);
  BOOST_TEST(source.calls() == 0);
}

BOOST_AUTO_TEST_CASE(sends_the_head_before_there_is_anything_to_say_and_the_rest_at_a_wake) {
  feed source;
  http_server server{patient_server(), streams_of(source)};
  client one{*server.start()};
  one.send(get);
  BOOST_TEST(one.head().find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  source.await_calls(1);
  source.put("a");
  BOOST_TEST((one.chunk() == "a"));
  source.await_calls(3);
  source.put("b");
  BOOST_TEST((one.chunk() == "b"));
}

BOOST_AUTO_TEST_CASE(keeps_a_wake_that_comes_while_the_stream_is_asked) {
  gate door;
  feed source;
  http_server server{patient_server(), streams_of(source, [&](feed& from) {
                       auto result = from.take();
                       door.pass();
                       return result;
                     })};
  client one{*server.start()};
  one.send(get);
  door.await(1);
  source.put("late");
  door.open();
  one.head();
  BOOST_TEST((one.chunk() == "late"));
}

BOOST_AUTO_TEST_CASE(loses_nothing_in_a_storm_of_wakes) {
  constexpr auto threads = 4;
  constexpr auto puts = 500;
  feed source;
  http_server server{patient_server(), streams_of(source)};
  client one{*server.start()};
  one.send(get);
  source.await_calls(1);
  std::vector<std::thread> feeders;
  for (auto i = 0; i < threads; ++i)
    feeders.emplace_back([&] {
      for (auto j = 0; j < puts; ++j)
        source.put("x");
    });
  one.head();
  size_t got = 0;
  while (got < threads * puts)
    got += one.chunk().value_or(std::string(threads * puts + 1, '-')).size();
  for (auto& each : feeders)
    each.join();
  BOOST_TEST(got == static_cast<size_t>(threads * puts));
}

BOOST_AUTO_TEST_CASE(beats_in_silence) {
  feed source;
  auto config = patient_server();
  config.heartbeat = 20ms;
  http_server server{config, streams_of(source)};
  client one{*server.start()};
  one.send(get);
  one.head();
  BOOST_TEST((one.chunk() == ": \n\n"));
  BOOST_TEST((one.chunk() == ": \n\n"));
}

BOOST_AUTO_TEST_CASE(asks_a_stream_without_heartbeat_at_its_pace_all_the_same) {
  struct silent_stream : test::feed_stream {
    using feed_stream::feed_stream;
    std::string heartbeat() const override { return {}; }
  };
  feed source;
  auto config = patient_server();
  config.heartbeat = 10ms;
  http_server server{config, streams_of<silent_stream>(source, [](feed& from) {
                       from.take();
                       return from.calls() < 4 ? next_chunk{} : next_chunk{"a", true};
                     })};
  client one{*server.start()};
  one.send(get);
  one.head();
  BOOST_TEST(one.rest() == "1\r\na\r\n0\r\n\r\n");
}

BOOST_AUTO_TEST_SUITE_END()
