#include "actors/system.hpp"
#include "coordinator/retention_actor.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <thread>

using namespace varia;
using namespace std::chrono_literals;
using test::must;

namespace {

struct system_config : caf::actor_system_config {
  system_config() { register_messages(*this); }
};

struct fixture : test::store_fixture {
  ~fixture() {
    for (auto& x : spawned)
      self->send_exit(x, caf::exit_reason::kill);
  }

  retention_actor spawn(const retention_rules& rules) {
    auto result = must(spawn_retention(system, {server.url(), 2s}, rules));
    spawned.push_back(result);
    return result;
  }

  // Saves records in a run, which ends unless told otherwise.
  void save(const variant_entry& x, const std::vector<saved_record>& all, bool ends = true) {
    auto ticket = begin(x);
    must(cache.save(ticket, 1, "Order", all));
    if (ends)
      must(all_runs.end(ticket, {}));
  }

  // Gives all changes from now on a time an hour ahead, so that they stay young.
  void stay_young() {
    auto ahead = std::to_string(first_place_at(now_ms() + milliseconds{1h}.count()));
    must(db.run({"SET", "v:{14/orders}:place", ahead}));
  }

  // Makes the last run of a variant one of an hour ago.
  void make_idle(const variant_entry& x) {
    auto head = "v:{14/orders}:" + x.id;
    auto at = std::to_string(now_ms() - milliseconds{1h}.count());
    must(db.run({"HSET", head, "started", at, "finished", at}));
  }

  std::string pruned_ids(const variant_entry& x) {
    std::string result;
    for (auto& record : read_all(x))
      if (record.meta.pruned_at)
        result += record.id + ' ';
    return result;
  }

  static bool until(const std::function<bool()>& holds) {
    for (auto i = 0; i < 1000; ++i) {
      if (holds())
        return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  // How many calls of a Function Redis has answered.
  int64_t calls() {
    auto info = text_of(**db.run({"INFO", "commandstats"}));
    auto at = info.find("cmdstat_fcall:calls=");
    return at == std::string::npos ? 0 : std::atoll(info.c_str() + at + 20);
  }

  system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  std::vector<retention_actor> spawned; // The system waits for the last handle of each.
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(retention_actor_test, fixture)

BOOST_AUTO_TEST_CASE(prunes_old_records_and_keeps_young_ones) {
  auto eu = add("eu");
  auto us = add("us");
  save(eu, {{"1", R"({"a":1})"}, {"2", R"({"a":2})"}});
  save(us, {{"1", R"({"a":1})"}});
  auto before = read_all(eu);
  std::this_thread::sleep_for(10ms);
  stay_young();
  save(eu, {{"2", R"({"a":3})"}, {"3", R"({"a":3})"}});
  self->send(spawn({1ms, 0ms}), atom::start_v);
  BOOST_TEST(until([this, &us] { return pruned_ids(us) == "1 "; }));
  BOOST_TEST(pruned_ids(eu) == "1 ");
  auto after = read_all(eu);
  BOOST_REQUIRE_EQUAL(after.size(), 3u);
  BOOST_TEST(after[0].payload == "");
  BOOST_TEST(after[0].cursor() == before[0].cursor());
  BOOST_TEST(after[0].meta.first_seen_at == before[0].meta.first_seen_at);
  BOOST_TEST(after[1].payload == R"({"a":3})");
  BOOST_TEST(state_of(eu).record_count["Order"] == 3);
  BOOST_TEST(state_of(us).record_count["Order"] == 1);
}

BOOST_AUTO_TEST_CASE(more_than_one_step_can_take_is_pruned_too) {
  auto eu = add("eu");
  auto ticket = begin(eu);
  for (auto n = 0; n < 3; ++n) {
    std::vector<saved_record> many;
    for (auto i = 0; i < 1000; ++i)
      many.push_back({std::to_string(n * 1000 + i), R"({"some":"text"})"});
    must(cache.save(ticket, static_cast<uint64_t>(n) + 1, "Order", many));
  }
  std::this_thread::sleep_for(10ms);
  self->send(spawn({1ms, 0ms}), atom::start_v);
  auto data = "v:{14/orders}:" + eu.id + ":data:Order";
  BOOST_TEST(until([&] { return number_of(**db.run({"EXISTS", data})) == 0; }));
  BOOST_TEST(state_of(eu).record_count["Order"] == 3000);
}

BOOST_AUTO_TEST_CASE(purges_idle_variants_and_leaves_the_others_alone) {
  auto idle = add("idle");
  auto running = add("running");
  auto recent = add("recent");
  auto fresh = add("fresh");
  save(idle, {{"1", "{}"}, {"2", "{}"}});
  make_idle(idle);
  save(running, {{"1", "{}"}}, false);
  make_idle(running);
  save(recent, {{"1", "{}"}});
  self->send(spawn({0ms, 30min}), atom::start_v);
  BOOST_TEST(until([this, &idle] { return read_all(idle).empty(); }));
  BOOST_TEST(state_of(idle).record_count["Order"] == 0);
  BOOST_TEST(read_all(running).size() == 1u);
  BOOST_TEST(read_all(recent).size() == 1u);
  BOOST_TEST(read_all(recent).front().payload == "{}");
  BOOST_TEST(read_all(fresh).empty());
}

BOOST_AUTO_TEST_CASE(what_is_saved_after_a_purge_comes_behind_every_cursor) {
  auto eu = add("eu");
  save(eu, {{"1", "{}"}});
  auto last = read_all(eu).front().meta.place;
  make_idle(eu);
  self->send(spawn({0ms, 30min}), atom::start_v);
  BOOST_TEST(until([this, &eu] { return read_all(eu).empty(); }));
  save(eu, {{"1", "{}"}}, false);
  BOOST_TEST(read_all(eu).front().meta.place > last);
}

BOOST_AUTO_TEST_CASE(a_round_that_is_called_off_goes_no_further) {
  for (auto i = 0; i < 90; ++i)
    save(add("v" + std::to_string(i)), {{"1", "{}"}});
  std::this_thread::sleep_for(10ms);
  auto actor = spawn({1ms, 0ms});
  auto before = calls();
  self->send(actor, atom::start_v);
  BOOST_TEST(until([&] { return calls() > before; }));
  self->send(actor, atom::cancel_v);
  std::this_thread::sleep_for(100ms);
  auto stopped = calls();
  BOOST_TEST(stopped < before + 90);
  std::this_thread::sleep_for(200ms);
  BOOST_TEST(calls() == stopped);
  self->send(actor, atom::start_v);
  BOOST_TEST(until([&] { return calls() >= stopped + 90; }));
}

BOOST_AUTO_TEST_CASE(a_round_that_redis_refuses_is_made_the_next_time) {
  auto eu = add("eu");
  save(eu, {{"1", "{}"}});
  std::this_thread::sleep_for(10ms);
  auto actor = spawn({1ms, 0ms});
  self->send(actor, atom::start_v);
  BOOST_TEST(until([this, &eu] { return pruned_ids(eu) == "1 "; }));
  save(eu, {{"2", "{}"}});
  std::this_thread::sleep_for(200ms);
  must(db.run({"CONFIG", "SET", "maxmemory", "1"}));
  self->send(actor, atom::start_v);
  std::this_thread::sleep_for(200ms);
  must(db.run({"CONFIG", "SET", "maxmemory", "0"}));
  BOOST_TEST(pruned_ids(eu) == "1 ");
  self->send(actor, atom::start_v);
  BOOST_TEST(until([this, &eu] { return pruned_ids(eu) == "1 2 "; }));
}

BOOST_AUTO_TEST_SUITE_END()
