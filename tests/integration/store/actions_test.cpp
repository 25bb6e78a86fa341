#include "store/action_waits.hpp"
#include "store/actions.hpp"
#include "store/outbox.hpp"
#include "store/webhook_settings.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace varia;
using test::code;
using test::must;

namespace {

using namespace std::chrono_literals;

struct fixture : test::store_fixture {
  actions all{db};
  action_limits limits;
  size_t last = 0;

  action_order order(connection_number connection = 14, bool is_queued = false) {
    action_order x;
    x.id = "call-" + std::to_string(++last);
    x.environment = "dev";
    x.connection = connection;
    x.provider_config_key = "shop";
    x.connection_id = "c1";
    x.kind = "action";
    x.name = "refund";
    x.input = R"({"id":1})";
    x.is_queued = is_queued;
    x.start_max = 30s;
    x.run_max = 900s;
    x.kept_for = 3600s;
    return x;
  }

  std::string put(connection_number connection = 14, bool is_queued = false) {
    auto x = order(connection, is_queued);
    must(all.put(x, limits));
    return x.id;
  }

  std::string put(action_order x) {
    must(all.put(x, limits));
    return x.id;
  }

  std::vector<taken_action> take(size_t now, size_t queued, milliseconds lease = 60s,
                                 const std::string& claim = "w1/1") {
    action_room room;
    room.by_depth.fill(now);
    room.queued = queued;
    return must(all.take(claim, "w1", room, lease));
  }

  std::string taken_ids(size_t now, size_t queued, milliseconds lease = 60s) {
    std::string result;
    for (auto& x : take(now, queued, lease))
      result += (result.empty() ? "" : " ") + x.order.id;
    return result;
  }

  action_state state_of(const std::string& id) { return must(all.find(id)).value(); }

  bool end(const std::string& id,
           action_outcome outcome = {action_outcome::kind::success, "1", {}}) {
    return must(all.end({id, "w1/1"}, outcome));
  }

  static action_outcome failure(std::optional<milliseconds> retry_after = {}) {
    return {
      action_outcome::kind::failed, {}, action_error("script_internal_error", "no"), retry_after};
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(actions_test, fixture)

BOOST_AUTO_TEST_CASE(a_call_is_taken_once_with_all_that_was_ordered) {
  auto wanted = order();
  wanted.activity = "call-0";
  put(wanted);
  must(all.put(wanted, limits));
  auto taken = take(4, 4);
  BOOST_TEST_REQUIRE(taken.size() == 1U);
  auto& x = taken[0].order;
  BOOST_TEST(x.id == wanted.id);
  BOOST_TEST(x.environment == "dev");
  BOOST_TEST(x.connection == 14U);
  BOOST_TEST(x.provider_config_key == "shop");
  BOOST_TEST(x.connection_id == "c1");
  BOOST_TEST(x.kind == "action");
  BOOST_TEST(x.name == "refund");
  BOOST_TEST(x.input == R"({"id":1})");
  BOOST_TEST(x.activity == "call-0");
  BOOST_TEST((x.run_max == 900s));
  BOOST_TEST(taken[0].tries == 1U);
  BOOST_TEST(taken_ids(4, 4) == "");
  BOOST_TEST((state_of(x.id).phase == action_phase::running));
  BOOST_TEST(state_of(x.id).worker == "w1");
}

BOOST_AUTO_TEST_CASE(the_outcome_is_kept_and_the_input_is_not) {
  auto id = put();
  take(1, 0);
  BOOST_TEST(end(id, {action_outcome::kind::success, R"({"ok":true})", {}}));
  BOOST_TEST(end(id, {action_outcome::kind::success, "2", {}}));
  auto state = state_of(id);
  BOOST_TEST((state.phase == action_phase::success));
  BOOST_TEST(state.output == R"({"ok":true})");
  BOOST_TEST(state.order.input == "");
  BOOST_TEST(state.finished_at > 0);
}

BOOST_AUTO_TEST_CASE(only_who_runs_a_call_writes_for_it) {
  auto id = put();
  take(1, 0);
  BOOST_TEST((code(all.end({id, "w2/1"}, failure())) == errc::fenced));
  BOOST_TEST((code(all.log({id, "w2/1"}, {{log_level::info, "{}"}}, 1h)) == errc::fenced));
  BOOST_TEST((code(all.load_checkpoint({id, "w2/1"})) == errc::fenced));
  end(id);
  BOOST_TEST((code(all.log({id, "w1/1"}, {{log_level::info, "{}"}}, 1h)) == errc::fenced));
  BOOST_TEST((code(all.load_checkpoint({"none", "w1/1"})) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(connections_take_turns) {
  for (auto connection : {1U, 1U, 1U, 2U, 3U})
    put(connection);
  BOOST_TEST(taken_ids(3, 0) == "call-1 call-4 call-5");
  BOOST_TEST(taken_ids(3, 0) == "call-2 call-3");
}

BOOST_AUTO_TEST_CASE(what_is_nested_deepest_goes_first_and_each_class_has_its_own_room) {
  put();
  auto nested = order();
  nested.depth = 2;
  put(nested);
  put(14, true);
  BOOST_TEST(taken_ids(1, 1) == "call-2 call-1 call-3");
}

BOOST_AUTO_TEST_CASE(queued_calls_of_a_connection_run_one_after_the_other) {
  put(1, true);
  put(1, true);
  put(2, true);
  BOOST_TEST(taken_ids(4, 4) == "call-1 call-3");
  BOOST_TEST(taken_ids(4, 4) == "");
  end("call-1");
  BOOST_TEST(taken_ids(4, 4) == "call-2");
}

BOOST_AUTO_TEST_CASE(a_queued_call_is_tried_again_in_its_place_before_the_next) {
  auto x = order(1, true);
  x.retries = 1;
  put(x);
  put(1, true);
  take(0, 4);
  BOOST_TEST(!end("call-1", failure(30ms)));
  BOOST_TEST((state_of("call-1").phase == action_phase::waiting));
  BOOST_TEST(taken_ids(0, 4) == "");
  std::this_thread::sleep_for(60ms);
  auto again = take(0, 4);
  BOOST_TEST_REQUIRE(again.size() == 1U);
  BOOST_TEST(again[0].order.id == "call-1");
  BOOST_TEST(again[0].tries == 2U);
  BOOST_TEST(end("call-1", failure(30ms)));
  BOOST_TEST((state_of("call-1").phase == action_phase::failed));
  BOOST_TEST(taken_ids(0, 4) == "call-2");
}

BOOST_AUTO_TEST_CASE(a_call_that_somebody_waits_for_is_never_tried_again) {
  auto x = order();
  x.retries = 3;
  put(x);
  take(1, 0);
  BOOST_TEST(end(x.id, failure(0ms)));
  BOOST_TEST(taken_ids(1, 1) == "");
}

BOOST_AUTO_TEST_CASE(a_lost_worker_fails_what_is_waited_for_and_gives_back_what_is_queued) {
  auto waited = put(1);
  auto queued = put(1, true);
  put(1, true);
  take(1, 1, 1ms);
  std::this_thread::sleep_for(20ms);
  BOOST_TEST(taken_ids(1, 1, 1ms) == queued);
  BOOST_TEST((state_of(waited).phase == action_phase::failed));
  BOOST_TEST(state_of(waited).error.find("run_lost") != std::string::npos);
  for (auto i = 0; i < 2; ++i) {
    std::this_thread::sleep_for(20ms);
    taken_ids(1, 1, 1ms);
  }
  BOOST_TEST((state_of(queued).phase == action_phase::failed));
  BOOST_TEST((state_of("call-3").phase == action_phase::running));
}

BOOST_AUTO_TEST_CASE(who_renews_keeps_what_it_has) {
  auto id = put();
  take(1, 0, 300ms);
  BOOST_TEST(must(all.renew("w1/1", {id, "other"}, 60s)) == std::vector<std::string>{"other"},
             boost::test_tools::per_element());
  std::this_thread::sleep_for(350ms);
  take(1, 1);
  BOOST_TEST((state_of(id).phase == action_phase::running));
}

BOOST_AUTO_TEST_CASE(what_nobody_begins_in_time_fails) {
  auto x = order();
  x.start_max = 1ms;
  put(x);
  std::this_thread::sleep_for(20ms);
  BOOST_TEST(taken_ids(1, 1) == "");
  BOOST_TEST((state_of(x.id).phase == action_phase::failed));
  BOOST_TEST(state_of(x.id).error.find("execution_timeout") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_call_can_be_given_up_until_it_begins) {
  auto late = put();
  auto begun = put();
  take(1, 0);
  BOOST_TEST((must(all.give_up(late, "{}")) == action_phase::running));
  BOOST_TEST((must(all.give_up(begun, "{}")) == action_phase::failed));
  BOOST_TEST(taken_ids(4, 4) == "");
  BOOST_TEST((code(all.give_up("none", "{}")) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(no_more_wait_than_may) {
  limits = {3, 2};
  put(1);
  put(1);
  BOOST_TEST((code(all.put(order(1), limits)) == errc::full));
  put(2);
  BOOST_TEST((code(all.put(order(3), limits)) == errc::full));
}

BOOST_AUTO_TEST_CASE(runs_of_a_function_share_a_checkpoint_that_nobody_overwrites_unseen) {
  auto first = put(1);
  auto other = order(1);
  other.kind = "on-event";
  put(other);
  take(2, 0);
  action_ticket mine{first, "w1/1"};
  BOOST_TEST(!must(all.load_checkpoint(mine)).json);
  BOOST_TEST(must(all.save_checkpoint(mine, R"({"at":1})", 0)) == 1U);
  BOOST_TEST(must(all.save_checkpoint(mine, R"({"at":1})", 0)) == 1U);
  BOOST_TEST((code(all.save_checkpoint(mine, R"({"at":2})", 0)) == errc::conflict));
  BOOST_TEST((code(all.save_checkpoint(mine, R"({"at":[]})", 1)) == errc::invalid));
  BOOST_TEST(!must(all.load_checkpoint({other.id, "w1/1"})).json);
  end(first);
  auto second = put(1);
  take(1, 0);
  auto known = must(all.load_checkpoint({second, "w1/1"}));
  BOOST_TEST(known.json.value() == R"({"at":1})");
  BOOST_TEST(must(all.clear_checkpoint({second, "w1/1"}, known.version)) == 2U);
  BOOST_TEST(!must(all.load_checkpoint({second, "w1/1"})).json);
}

BOOST_AUTO_TEST_CASE(logs_are_read_by_call) {
  auto id = put();
  take(1, 0);
  must(all.log({id, "w1/1"}, {{log_level::debug, "a"}, {log_level::error, "b"}}, 1h));
  log_query query;
  auto lines = must(all.read_log(id, query));
  BOOST_TEST_REQUIRE(lines.size() == 2U);
  BOOST_TEST(lines[0].text == "b");
  query.level_min = log_level::warn;
  BOOST_TEST(must(all.read_log(id, query)).size() == 1U);
  query = {};
  query.after = lines[1].id;
  BOOST_TEST(must(all.read_log(id, query)).at(0).text == "b");
}

BOOST_AUTO_TEST_CASE(the_last_calls_of_a_connection_are_listed) {
  put(1);
  put(2);
  put(1);
  auto last_calls = must(all.recent(1, 10));
  BOOST_TEST_REQUIRE(last_calls.size() == 2U);
  BOOST_TEST(last_calls[0].order.id == "call-3");
  BOOST_TEST(last_calls[0].order.input == "");
  BOOST_TEST(must(all.recent(1, 1)).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_application_is_told_once_of_a_queued_call_that_ended_for_good) {
  webhook_settings wanted;
  wanted.primary_url = "http://app/hooks";
  must(webhook_desk{db}.set_settings("dev", wanted));
  auto x = order(1, true);
  x.retries = 1;
  x.notice = R"({"type":"async_action"})";
  x.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  put(x);
  take(0, 1);
  BOOST_TEST(!end(x.id, failure(0ms)));
  BOOST_TEST(must(outbox{db}.counts("dev")).waiting == 0);
  take(0, 1);
  BOOST_TEST(end(x.id));
  auto claims = must(outbox{db}.claim("me", 4, 60s));
  BOOST_TEST_REQUIRE(claims.all.size() == 1U);
  BOOST_TEST(claims.all[0].event.id == x.id);
  BOOST_TEST(claims.all[0].event.trace == x.trace);
  BOOST_TEST(claims.all[0].event.body == x.notice);
}

BOOST_AUTO_TEST_CASE(a_connection_that_goes_takes_what_waits_along) {
  auto id = put(1, true);
  take(0, 1);
  must(all.save_checkpoint({id, "w1/1"}, R"({"at":1})", 0));
  auto waiting = put(1, true);
  auto other = put(2);
  must(all.forget(1));
  BOOST_TEST((state_of(waiting).phase == action_phase::failed));
  BOOST_TEST((state_of(other).phase == action_phase::waiting));
  BOOST_TEST(must(all.recent(1, 10)).empty());
  BOOST_TEST(!must(all.load_checkpoint({id, "w1/1"})).json);
}

BOOST_AUTO_TEST_CASE(who_waits_hears_the_outcome) {
  auto waits = std::make_unique<action_waits>(redis_config{server.url()});
  std::promise<void> news;
  std::once_flag once;
  waits->on_news([&] { std::call_once(once, [&] { news.set_value(); }); });
  std::promise<expected<action_state>> promise;
  auto x = order();
  waits->wait(x, [&](expected<action_state> how) { promise.set_value(std::move(how)); });
  put(x);
  BOOST_TEST((news.get_future().wait_for(10s) == std::future_status::ready));
  take(1, 0);
  end(x.id, {action_outcome::kind::success, "7", {}});
  auto outcome = promise.get_future();
  BOOST_TEST_REQUIRE((outcome.wait_for(10s) == std::future_status::ready));
  BOOST_TEST(must(outcome.get()).output == "7");
  waits->on_news({});
}

BOOST_AUTO_TEST_CASE(who_waits_in_vain_hears_so) {
  auto waits = std::make_unique<action_waits>(redis_config{server.url()});
  std::promise<expected<action_state>> late;
  std::promise<expected<action_state>> unwanted;
  std::promise<expected<action_state>> left;
  auto x = order();
  x.start_max = 50ms;
  auto y = order();
  auto z = order();
  waits->wait(x, [&](expected<action_state> how) { late.set_value(std::move(how)); });
  waits->wait(y, [&](expected<action_state> how) { unwanted.set_value(std::move(how)); });
  waits->wait(z, [&](expected<action_state> how) { left.set_value(std::move(how)); });
  x.start_max = 30s;
  put(x);
  put(y);
  waits->give_up(y.id);
  auto is_failed = [](std::future<expected<action_state>> outcome) {
    return outcome.wait_for(10s) == std::future_status::ready
           && must(outcome.get()).phase == action_phase::failed;
  };
  BOOST_TEST(is_failed(late.get_future()));
  BOOST_TEST(is_failed(unwanted.get_future()));
  waits.reset();
  BOOST_TEST((code(left.get_future().get()) == errc::cancelled));
}

BOOST_AUTO_TEST_SUITE_END()
