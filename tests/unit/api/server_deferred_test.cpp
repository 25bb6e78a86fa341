#include "api/server/server.hpp"
#include "tests/support/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

using namespace varia;

namespace {

using namespace std::chrono_literals;
using client = test::raw_client;

const auto get = std::string{"GET /later HTTP/1.1\r\nHost: h\r\n\r\n"};

http_response saying(const std::string& text) {
  http_response result;
  result.body = text;
  return result;
}

/// What waits for its answer, and whether somebody has left.
struct waiting_room {
  std::function<void(http_response)> give; ///< Good once `begun` is there.
  std::promise<void> begun;
  std::promise<void> abandoned;
  std::once_flag left;
};

class waiting_answer : public deferred_answer {
public:
  explicit waiting_answer(waiting_room& room) : room_{room} {}

  void begin(std::function<void(http_response)> give) override {
    room_.give = std::move(give);
    room_.begun.set_value();
  }

  void abandon() override {
    std::call_once(room_.left, [this] {
      room_.abandoned.set_value();
      room_.give(saying("given up"));
    });
  }

private:
  waiting_room& room_;
};

class broken_answer : public deferred_answer {
public:
  void begin(std::function<void(http_response)>) override { throw std::runtime_error("broken"); }
  void abandon() override {}
};

http_server::request_handler deferring(waiting_room& room) {
  return [&room](const http_request& request) {
    auto result = saying("at once");
    if (request.path == "/later")
      result.deferred = std::make_shared<waiting_answer>(room);
    if (request.path == "/broken")
      result.deferred = std::make_shared<broken_answer>();
    return result;
  };
}

server_config one_thread() {
  server_config result;
  result.port = 0;
  result.threads = 1;
  result.stop_deadline = 100ms;
  return result;
}

void await(std::promise<void>& x) {
  BOOST_REQUIRE((x.get_future().wait_for(20s) == std::future_status::ready));
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_deferred_test)

BOOST_AUTO_TEST_CASE(holds_no_thread_while_it_waits_for_an_answer) {
  waiting_room room;
  http_server server{one_thread(), deferring(room)};
  auto port = *server.start();
  client first{port};
  first.send(get);
  await(room.begun);
  client second{port};
  BOOST_TEST(second.ask("GET /now HTTP/1.1\r\nHost: h\r\n\r\n") == "HTTP/1.1 200 OK at once");
  room.give(saying("at last"));
  auto head = first.head();
  BOOST_TEST(first.body(head) == "at last");
  BOOST_TEST(first.ask("GET /now HTTP/1.1\r\nHost: h\r\n\r\n") == "HTTP/1.1 200 OK at once");
}

BOOST_AUTO_TEST_CASE(abandons_an_answer_whose_client_has_left) {
  waiting_room room;
  http_server server{one_thread(), deferring(room)};
  auto one = std::make_unique<client>(*server.start());
  one->send(get);
  await(room.begun);
  one.reset();
  await(room.abandoned);
}

BOOST_AUTO_TEST_CASE(abandons_an_answer_when_it_stops) {
  waiting_room room;
  http_server server{one_thread(), deferring(room)};
  client one{*server.start()};
  one.send(get);
  await(room.begun);
  server.stop();
  await(room.abandoned);
}

BOOST_AUTO_TEST_CASE(takes_an_answer_when_the_server_is_gone) {
  waiting_room room;
  auto server = std::make_unique<http_server>(one_thread(), deferring(room));
  client one{*server->start()};
  one.send(get);
  await(room.begun);
  server.reset();
  room.give(saying("too late"));
}

BOOST_AUTO_TEST_CASE(answers_for_what_breaks_before_it_waits) {
  waiting_room room;
  http_server server{one_thread(), deferring(room)};
  client one{*server.start()};
  auto answer = one.ask("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
  BOOST_TEST(answer.find("HTTP/1.1 500 ") == 0U);
  BOOST_TEST(answer.find("broken") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
