#include "store/connections.hpp"
#include "store/outbox.hpp"
#include "store/renewals.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using test::code;
using test::must;

namespace {

using namespace std::chrono_literals;

constexpr auto span = 60'000ms;

// An environment that wants to hear, with one connection and a sync of it.
struct fixture : test::store_fixture {
  fixture() {
    connection x;
    x.environment = "dev";
    x.provider_config_key = "orders";
    x.connection_id = "c1";
    sync.connection = must(connections{db}.put(x)).number;
    listen({"http://app/hooks"});
  }

  void listen(const webhook_settings& wanted) { must(desk.set_settings("dev", wanted)); }

  run_ticket run_of(const variant_entry& x) { return begin(x); }

  void save(run_ticket& run, const std::string& id) {
    must(cache.save(run, ++batch, "Order", {{id, "{\"id\":\"" + id + "\"}"}}, {}, {}));
    run.answered = batch;
  }

  void end(const run_ticket& run, run_outcome outcome = run_outcome::success,
           const std::string& error = {}) {
    run_report report{outcome, error};
    report.models = {"Order", "Mark"};
    must(all_runs.end(run, report));
  }

  std::vector<outbox_claim> claim(const std::string& name = "a", milliseconds how_long = span) {
    return must(box.claim(name, 10, how_long)).all;
  }

  static sync_facts facts_of(const outbox_claim& x) {
    BOOST_TEST_REQUIRE(x.event.kind == "sync");
    return must(unpack<sync_facts>(x.event.body));
  }

  void settle(const outbox_claim& x, delivery_verdict verdict = delivery_verdict::done,
              const std::string& name = "a") {
    must(box.settle(name, x, {verdict, {}, "why", {}}));
  }

  void put(const std::string& id, const std::string& owner = "c1") {
    BOOST_TEST(must(box.put({"dev", owner, {}, "", id, "{}"})) == 1);
  }

  uint64_t batch = 0;
  webhook_desk desk{db};
  outbox box{db};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(outbox_test, fixture)

BOOST_AUTO_TEST_CASE(the_end_of_a_run_tells_of_each_model_in_turn) {
  auto eu = add("eu");
  auto run = run_of(eu);
  save(run, "1");
  end(run);
  auto first = claim();
  BOOST_TEST_REQUIRE(first.size() == 1U);
  BOOST_TEST(first[0].lane == eu.id + "/primary");
  BOOST_TEST(first[0].event.environment == "dev");
  auto facts = facts_of(first[0]);
  BOOST_TEST(facts.success);
  BOOST_TEST(facts.connection_id == "c1");
  BOOST_TEST(facts.provider_config_key == "orders");
  BOOST_TEST(facts.sync == "orders");
  BOOST_TEST(facts.variant == "eu");
  BOOST_TEST(facts.model == "Order");
  BOOST_TEST(facts.sync_type == "INITIAL");
  BOOST_TEST(facts.added == 1);
  BOOST_TEST(facts.updated == 0);
  BOOST_TEST(facts.started_at == state_of(eu).started_at);
  BOOST_TEST(facts.used_checkpoint == 0);
  settle(first[0]);
  auto second = claim();
  BOOST_TEST_REQUIRE(second.size() == 1U);
  BOOST_TEST(facts_of(second[0]).model == "Mark");
  BOOST_TEST(facts_of(second[0]).added == 0);
  BOOST_TEST(second[0].event.id != first[0].event.id);
  BOOST_TEST(second[0].event.sequence == first[0].event.sequence + 1);
  settle(second[0]);
  BOOST_TEST(claim().empty());
  BOOST_TEST(must(box.counts("dev")).waiting == 0);
}

BOOST_AUTO_TEST_CASE(nothing_is_told_of_models_that_did_not_change_unless_that_is_wanted) {
  webhook_settings wanted{"http://app/hooks"};
  wanted.on_sync_completion_always = false;
  listen(wanted);
  auto eu = add("eu");
  end(run_of(eu));
  BOOST_TEST(claim().empty());
  auto run = run_of(eu);
  save(run, "1");
  end(run);
  auto told = claim();
  BOOST_TEST_REQUIRE(told.size() == 1U);
  BOOST_TEST(facts_of(told[0]).model == "Order");
  settle(told[0]);
  BOOST_TEST(claim().empty());
}

BOOST_AUTO_TEST_CASE(a_failed_run_tells_of_its_error_if_that_is_wanted) {
  auto eu = add("eu");
  end(run_of(eu), run_outcome::failed, R"({"type":"script_internal_error","description":"no"})");
  auto told = claim();
  BOOST_TEST_REQUIRE(told.size() == 1U);
  auto facts = facts_of(told[0]);
  BOOST_TEST(!facts.success);
  BOOST_TEST(facts.model == "Order,Mark");
  BOOST_TEST(facts.report == R"({"type":"script_internal_error","description":"no"})");
  settle(told[0]);
  webhook_settings wanted{"http://app/hooks"};
  wanted.on_sync_error = false;
  listen(wanted);
  end(run_of(eu), run_outcome::failed, R"({"type":"x"})");
  BOOST_TEST(claim().empty());
}

BOOST_AUTO_TEST_CASE(a_run_whose_worker_was_lost_tells_of_that_and_an_interrupted_one_of_nothing) {
  auto eu = add("eu");
  end(run_of(eu), run_outcome::interrupted, R"({"type":"execution_interrupted"})");
  BOOST_TEST(claim().empty());
  run_of(eu);
  run_of(eu);
  auto told = claim();
  BOOST_TEST_REQUIRE(told.size() == 1U);
  BOOST_TEST(facts_of(told[0]).model == "");
  BOOST_TEST(facts_of(told[0]).report.find("run_lost") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(both_urls_hear_of_it_and_a_connection_may_have_one_of_its_own) {
  listen({"http://app/hooks", "http://other/hooks"});
  auto eu = add("eu");
  end(run_of(eu), run_outcome::failed, R"({"type":"x"})");
  auto told = claim();
  BOOST_TEST_REQUIRE(told.size() == 2U);
  BOOST_TEST(told[0].event.id == told[1].event.id);
  for (auto& each : told)
    settle(each);
  auto link = must(connections{db}.find(sync.connection));
  link->webhook_url_override = "http://own/hooks";
  must(connections{db}.put(*link));
  end(run_of(eu), run_outcome::failed, R"({"type":"x"})");
  told = claim();
  BOOST_TEST_REQUIRE(told.size() == 1U);
  BOOST_TEST(told[0].event.url_override == "http://own/hooks");
}

BOOST_AUTO_TEST_CASE(nothing_waits_where_nobody_wants_to_hear) {
  listen({});
  end(run_of(add("eu")));
  BOOST_TEST(must(box.put({"dev", "c1", {}, "", "e", "{}"})) == 0);
  BOOST_TEST(claim().empty());
  BOOST_TEST(must(box.claim("b", 10, span)).next.count() == -1);
}

BOOST_AUTO_TEST_CASE(a_lane_has_one_claim_at_a_time_and_keeps_its_order) {
  put("1");
  put("2");
  put("3", "c2");
  auto mine = claim();
  BOOST_TEST_REQUIRE(mine.size() == 2U);
  BOOST_TEST(mine[0].event.id == "1");
  BOOST_TEST(mine[1].event.id == "3");
  BOOST_TEST(claim("b").empty());
  settle(mine[0]);
  auto next = claim("b");
  BOOST_TEST_REQUIRE(next.size() == 1U);
  BOOST_TEST(next[0].event.id == "2");
}

BOOST_AUTO_TEST_CASE(what_a_lost_process_had_claimed_comes_again_under_the_same_id) {
  put("1");
  auto lost = claim("a", 20ms);
  BOOST_TEST_REQUIRE(lost.size() == 1U);
  std::this_thread::sleep_for(30ms);
  auto again = claim("b");
  BOOST_TEST_REQUIRE(again.size() == 1U);
  BOOST_TEST(again[0].event.id == "1");
  BOOST_TEST((code(box.settle("a", lost[0], {})) == errc::fenced));
  settle(again[0], delivery_verdict::done, "b");
  BOOST_TEST(claim().empty());
}

BOOST_AUTO_TEST_CASE(a_try_that_failed_counts_and_one_that_was_put_off_does_not) {
  put("1");
  settle(claim()[0], delivery_verdict::again);
  auto second = claim();
  BOOST_TEST(second[0].tries == 1);
  settle(second[0], delivery_verdict::hold);
  auto third = claim();
  BOOST_TEST(third[0].tries == 1);
  must(box.settle("a", third[0], {delivery_verdict::again, span, {}, {}}));
  auto later = must(box.claim("a", 10, span));
  BOOST_TEST(later.all.empty());
  BOOST_TEST(later.next.count() > 0);
  BOOST_TEST(later.next.count() <= span.count());
}

BOOST_AUTO_TEST_CASE(dead_letters_are_kept_and_can_be_sent_again) {
  put("1");
  put("2");
  auto first = claim();
  must(box.settle("a", first[0], {delivery_verdict::dead, {}, "status 400", R"({"status":400})"}));
  auto dead = must(box.dead("dev", {}, 10));
  BOOST_TEST_REQUIRE(dead.size() == 1U);
  BOOST_TEST(dead[0].event.id == "1");
  BOOST_TEST(dead[0].why == "status 400");
  BOOST_TEST(dead[0].tries == 1);
  BOOST_TEST(must(box.dead("dev", dead[0].id, 10)).empty());
  BOOST_TEST(must(box.counts("dev")).dead == 1);
  BOOST_TEST(must(box.log("dev", 10)) == std::vector<std::string>{R"({"status":400})"},
             boost::test_tools::per_element());
  BOOST_TEST(must(box.resend("dev", {dead[0].id, "1-1"})) == 1);
  BOOST_TEST(must(box.counts("dev")).dead == 0);
  auto next = claim();
  BOOST_TEST(next[0].event.id == "2");
  settle(next[0]);
  BOOST_TEST(claim()[0].event.id == "1");
}

BOOST_AUTO_TEST_CASE(of_too_many_that_wait_the_oldest_dies) {
  for (auto i = 0; i <= 1000; ++i)
    put(std::to_string(i));
  auto counts = must(box.counts("dev"));
  BOOST_TEST(counts.waiting == 1000);
  BOOST_TEST(counts.dead == 1);
  BOOST_TEST(must(box.dead("dev", {}, 10))[0].event.id == "0");
  BOOST_TEST(claim()[0].event.id == "1");
}

BOOST_AUTO_TEST_CASE(counts_what_waits_in_several_environments_together) {
  BOOST_TEST(must(box.counts(std::vector<std::string>{})).waiting == 0);
  put("1");
  must(box.settle("a", claim()[0], {delivery_verdict::dead, {}, "status 400", {}}));
  put("2");
  auto all = must(box.counts(std::vector<std::string>{"dev", "nobody", "dev"}));
  BOOST_TEST(all.waiting == 2);
  BOOST_TEST(all.dead == 2);
}

BOOST_AUTO_TEST_CASE(whoever_waits_is_woken_by_what_is_new) {
  BOOST_TEST(!must(box.await(1ms)));
  put("1");
  put("2", "c2");
  BOOST_TEST(must(box.await(1000ms)));
  BOOST_TEST(!must(box.await(1ms)));
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_put_is_told_of_in_the_same_step) {
  connection x;
  x.environment = "dev";
  x.provider_config_key = "orders";
  x.connection_id = "c2";
  auto number = must(connections{db}.put(x, connection_notice{"e1", "new", "replaced"})).number;
  auto told = claim();
  BOOST_TEST(told[0].lane == "c" + std::to_string(number) + "/primary");
  BOOST_TEST(told[0].event.body == "new");
  settle(told[0]);
  must(connections{db}.put(x, connection_notice{"e2", "new", "replaced"}));
  told = claim();
  BOOST_TEST(told[0].event.body == "replaced");
  settle(told[0]);
  must(connections{db}.put(x));
  BOOST_TEST(claim().empty());
}

BOOST_AUTO_TEST_CASE(only_the_first_failed_renewal_in_a_row_is_told_of) {
  renewals turns{db};
  renewal_notice notice{"dev", {}, "e1", "refused"};
  must(turns.fail(sync.connection, "n", 1ms, 1ms, notice));
  must(turns.fail(sync.connection, "n", 1ms, 1ms, notice));
  auto told = claim();
  BOOST_TEST_REQUIRE(told.size() == 1U);
  BOOST_TEST(told[0].event.body == "refused");
  settle(told[0]);
  BOOST_TEST(claim().empty());
}

BOOST_AUTO_TEST_CASE(changes_of_variants_are_told_of_if_that_is_wanted) {
  auto told = [this] {
    std::string result;
    for (auto all = claim(); !all.empty(); all = claim())
      for (auto& each : all) {
        auto facts = must(unpack<variant_facts>(each.event.body));
        BOOST_TEST(facts.sync == "orders");
        result += facts.variant + " " + facts.operation + ", ";
        settle(each);
      }
    return result;
  };
  add("quiet");
  BOOST_TEST(told() == "");
  webhook_settings wanted{"http://app/hooks"};
  wanted.on_variant_change = true;
  listen(wanted);
  auto eu = add("eu");
  add("base");
  must(registry.set_paused(epoch, eu.key, true));
  must(registry.set_paused(epoch, eu.key, true));
  must(registry.set_paused(epoch, eu.key, false));
  must(registry.set_frequency(epoch, eu.key, "every 5m"));
  must(registry.remove(epoch, eu.key));
  BOOST_TEST(told() == "eu created, eu paused, eu started, eu deleted, ");
}

BOOST_AUTO_TEST_CASE(the_signing_key_stays_until_it_is_replaced) {
  auto key = must(desk.signing_key("dev"));
  BOOST_TEST(must(desk.signing_key("dev")) == key);
  put("1");
  BOOST_TEST(claim()[0].signing_key == key);
  must(desk.set_signing_key("dev", "other"));
  BOOST_TEST(must(desk.signing_key("dev")) == "other");
}

BOOST_AUTO_TEST_SUITE_END()
