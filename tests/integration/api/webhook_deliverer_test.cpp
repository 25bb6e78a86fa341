#include "api/http.hpp"
#include "api/webhook_deliverer.hpp"
#include "store/outbox.hpp"
#include "tests/support/provider_stub.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/upstream_asking.hpp"
#include "webhooks/signatures.hpp"

#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace varia;
using namespace varia::test;

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 20s;

struct received {
  std::string path;
  std::string id;
  std::string sequence;
  std::string attempt;
  std::string body;
};

/// An application that keeps what it is told, and answers as the test wants.
class application {
public:
  using answerer = std::function<void(const received&, stub_response&)>;

  void answer_with(answerer answer) {
    std::lock_guard guard{mutex_};
    answer_ = std::make_shared<answerer>(std::move(answer));
  }

  std::string url(const std::string& path = "/hooks") const { return server_.url() + path; }

  std::vector<received> await(size_t count) {
    std::unique_lock guard{mutex_};
    BOOST_TEST_REQUIRE(arrived_.wait_for(guard, patience, [&] { return all_.size() >= count; }));
    return all_;
  }

  std::vector<received> all() {
    std::lock_guard guard{mutex_};
    return all_;
  }

  std::string header(const char* name) {
    std::lock_guard guard{mutex_};
    return header_of(last_, name);
  }

private:
  void take(const stub_request& request, stub_response& response) {
    received x{std::string{request.target()}, header_of(request, "X-Varia-Event-Id"),
               header_of(request, "X-Varia-Sequence"), header_of(request, "X-Varia-Attempt"),
               request.body()};
    std::shared_ptr<answerer> answer;
    {
      std::lock_guard guard{mutex_};
      last_ = request;
      all_.push_back(x);
      answer = answer_;
      arrived_.notify_all();
    }
    if (answer)
      (*answer)(x, response);
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<received> all_;
  stub_request last_;
  std::shared_ptr<answerer> answer_;
  provider_stub server_{[this](auto& request, auto& response) { take(request, response); }};
};

struct fixture {
  fixture() {
    config.store.url = server.url();
    config.way_out = loopback_config();
    config.way_out.timeout = 10s;
    config.rules.first_wait = 10ms;
    config.rules.longest_wait = 20ms;
    config.idle_max = 50ms;
    listen({app.url()});
  }

  void listen(const webhook_settings& wanted) {
    BOOST_TEST_REQUIRE(!!webhook_desk{db}.set_settings("dev", wanted));
  }

  void put(const std::string& id, const std::string& owner = "c1",
           const std::string& url_override = {}) {
    auto done = outbox{db}.put({"dev", owner, url_override, "", id, "{\"id\":\"" + id + "\"}"});
    BOOST_TEST_REQUIRE(!!done);
  }

  std::shared_ptr<webhook_deliverer> start() {
    auto result = std::make_shared<webhook_deliverer>(config);
    BOOST_TEST_REQUIRE(!!result->start());
    return result;
  }

  outbox_counts await_counts(const std::function<bool(const outbox_counts&)>& holds) {
    auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
      auto counts = outbox{db}.counts("dev");
      BOOST_TEST_REQUIRE(!!counts);
      if (holds(*counts))
        return *counts;
      BOOST_TEST_REQUIRE((std::chrono::steady_clock::now() < until));
      std::this_thread::sleep_for(5ms);
    }
  }

  void await_empty() {
    await_counts([](auto& x) { return x.waiting == 0; });
  }

  redis_server server;
  redis db = server.connect_prepared();
  application app;
  deliverer_config config;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_deliverer_test, fixture)

BOOST_AUTO_TEST_CASE(an_event_arrives_signed_and_named) {
  put("e1");
  auto running = start();
  auto told = app.await(1);
  BOOST_TEST(told[0].body == R"({"id":"e1"})");
  BOOST_TEST(told[0].id == "e1");
  BOOST_TEST(told[0].sequence == "1");
  auto key = *webhook_desk{db}.signing_key("dev");
  BOOST_TEST(app.header("X-Nango-Hmac-Sha256") == hmac_signature(key, told[0].body));
  BOOST_TEST(app.header("X-Nango-Signature") == legacy_signature(key, told[0].body));
  BOOST_TEST(app.header("content-type") == "application/json");
  BOOST_TEST(app.header("user-agent").rfind("nango/", 0) == 0U);
  await_empty();
  auto log = *outbox{db}.log("dev", 10);
  BOOST_TEST_REQUIRE(log.size() == 1U);
  auto line = json::parse(log[0]);
  BOOST_TEST(line["outcome"].get<std::string>() == "delivered");
  BOOST_TEST(line["status"].get<int>() == 200);
  BOOST_TEST(line["host"].get<std::string>() == "127.0.0.1");
  BOOST_TEST(log[0].find("hooks") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(events_that_come_later_are_heard_of_at_once) {
  config.idle_max = 60s;
  auto running = start();
  put("e1");
  app.await(1);
  put("e2");
  BOOST_TEST(app.await(2)[1].id == "e2");
}

BOOST_AUTO_TEST_CASE(one_lane_keeps_its_order_through_failures_and_others_go_on) {
  std::map<std::string, int> seen;
  std::mutex mutex;
  app.answer_with([&](auto& x, auto& response) {
    std::lock_guard guard{mutex};
    if (x.id == "a1" && ++seen[x.id] < 3)
      response.result(http::status::service_unavailable);
  });
  for (auto id : {"a1", "a2", "a3"})
    put(id, "a");
  put("b1", "b");
  auto running = start();
  await_empty();
  std::string of_a;
  for (auto& each : app.all())
    if (each.id[0] == 'a')
      of_a += each.id + "/" + each.attempt + " ";
  BOOST_TEST(of_a == "a1/1 a1/2 a1/3 a2/1 a3/1 ");
}

BOOST_AUTO_TEST_CASE(what_the_receiver_refuses_is_dead_at_once_and_can_be_sent_again) {
  app.answer_with([](auto& x, auto& response) {
    if (x.id == "e1" && x.path == "/hooks")
      response.result(http::status::bad_request);
  });
  put("e1");
  put("e2");
  auto running = start();
  await_empty();
  BOOST_TEST(app.all().size() == 2U);
  auto dead = *outbox{db}.dead("dev", {}, 10);
  BOOST_TEST_REQUIRE(dead.size() == 1U);
  BOOST_TEST(dead[0].why == "status 400");
  listen({app.url("/mended")});
  BOOST_TEST(*outbox{db}.resend("dev", {dead[0].id}) == 1);
  auto told = app.await(3);
  BOOST_TEST(told[2].id == "e1");
  BOOST_TEST(told[2].path == "/mended");
  await_empty();
}

BOOST_AUTO_TEST_CASE(what_fails_for_too_long_is_given_up) {
  config.rules.tries_max = 3;
  app.answer_with([](auto&, auto& response) { response.result(http::status::bad_gateway); });
  put("e1");
  auto running = start();
  await_counts([](auto& x) { return x.dead == 1 && x.waiting == 0; });
  BOOST_TEST(app.all().size() == 3U);
  BOOST_TEST((*outbox{db}.dead("dev", {}, 10))[0].why == "status 502, given up after 3 tries");
}

BOOST_AUTO_TEST_CASE(both_urls_hear_of_it_and_neither_waits_for_the_other) {
  app.answer_with([](auto& x, auto& response) {
    if (x.path == "/first")
      response.result(http::status::internal_server_error);
  });
  listen({app.url("/first"), app.url("/second")});
  config.rules.first_wait = config.rules.longest_wait = 60s;
  put("e1");
  put("e2");
  auto running = start();
  await_counts([](auto& x) { return x.waiting == 2; });
  std::string second;
  for (auto& each : app.await(3))
    second += each.path == "/second" ? each.id + " " : "";
  BOOST_TEST(second == "e1 e2 ");
}

BOOST_AUTO_TEST_CASE(a_connection_may_have_a_url_of_its_own) {
  put("e1", "c1", app.url("/own"));
  auto running = start();
  BOOST_TEST(app.await(1)[0].path == "/own");
}

BOOST_AUTO_TEST_CASE(redirects_are_followed_with_the_body) {
  app.answer_with([](auto& x, auto& response) {
    if (x.path == "/hooks") {
      response.result(http::status::temporary_redirect);
      response.set(http::field::location, "/moved");
    }
  });
  put("e1");
  auto running = start();
  auto told = app.await(2);
  BOOST_TEST(told[1].path == "/moved");
  BOOST_TEST(told[1].body == told[0].body);
  await_empty();
}

BOOST_AUTO_TEST_CASE(an_address_that_may_not_be_reached_is_not_tried_again) {
  config.way_out.egress = egress_policy{};
  put("e1");
  auto running = start();
  await_counts([](auto& x) { return x.dead == 1; });
  BOOST_TEST(app.all().empty());
  BOOST_TEST((*outbox{db}.dead("dev", {}, 10))[0].why == "ERR_EGRESS_REFUSED");
}

BOOST_AUTO_TEST_CASE(a_url_that_breaks_down_is_spared_and_holds_no_other) {
  config.circuits.open_for = 60s;
  app.answer_with([](auto& x, auto& response) {
    if (x.path == "/hooks")
      response.result(http::status::internal_server_error);
  });
  for (auto i = 0; i < 40; ++i)
    put("e" + std::to_string(i), "c" + std::to_string(i));
  put("other", "c40", app.url("/own"));
  auto running = start();
  await_counts([](auto& x) { return x.waiting == 40; });
  // Those that were under way when the circuit opened still came.
  BOOST_TEST(app.all().size() <= config.at_once_per_url + config.circuits.failures + 1);
}

// The first deliverer has sent the event, and is gone before it notes the answer.
BOOST_AUTO_TEST_CASE(an_event_whose_deliverer_is_lost_comes_again_under_the_same_id) {
  put("e1");
  put("e2");
  auto lost = outbox{db}.claim("lost", 10, 200ms);
  BOOST_TEST_REQUIRE(!!lost);
  BOOST_TEST_REQUIRE(lost->all.size() == 1U);
  upstream out{loopback_config()};
  upstream_request request;
  request.method = "POST";
  request.url = app.url();
  request.headers = {{"X-Varia-Event-Id", lost->all[0].event.id}};
  request.body = lost->all[0].event.body;
  BOOST_TEST(ask(out, request).status == 200);
  auto running = start();
  auto told = app.await(3);
  BOOST_TEST(told[0].id == "e1");
  BOOST_TEST(told[1].id == "e1");
  BOOST_TEST(told[1].body == told[0].body);
  BOOST_TEST(told[2].id == "e2");
  await_empty();
}

BOOST_AUTO_TEST_CASE(one_that_stops_gives_back_what_is_under_way) {
  std::mutex mutex;
  std::condition_variable released;
  auto is_released = false;
  app.answer_with([&](auto&, auto&) {
    std::unique_lock guard{mutex};
    released.wait_for(guard, patience, [&] { return is_released; });
  });
  put("e1");
  auto first = start();
  app.await(1);
  first->stop();
  {
    std::lock_guard guard{mutex};
    is_released = true;
    released.notify_all();
  }
  auto second = start();
  auto told = app.await(2);
  BOOST_TEST(told[1].id == "e1");
  BOOST_TEST(told[1].attempt == "1");
  await_empty();
}

BOOST_AUTO_TEST_CASE(one_goes_on_after_redis_was_away) {
  auto running = start();
  put("e1");
  app.await(1);
  await_empty();
  server.crash();
  server.start();
  auto again = server.connect_prepared();
  BOOST_TEST_REQUIRE(!!webhook_desk{again}.set_settings("dev", {app.url()}));
  BOOST_TEST_REQUIRE(!!outbox{again}.put({"dev", "c1", {}, "", "e2", "{}"}));
  BOOST_TEST(app.await(2)[1].id == "e2");
}

BOOST_AUTO_TEST_SUITE_END()
