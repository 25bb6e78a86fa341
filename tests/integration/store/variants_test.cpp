#include "store/checkpoints.hpp"
#include "store/variants.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <set>
#include <thread>

using namespace varia;
using test::code;

namespace {

struct fixture : test::store_fixture {
  variant_key key(const std::string& name) { return {sync, name}; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(variants_test, fixture)

BOOST_AUTO_TEST_CASE(returns_what_was_added) {
  auto added = registry.add(epoch, key("eu"), true, 100);
  BOOST_TEST_REQUIRE(!!added);
  BOOST_TEST(is_uuid_v4(added->id));
  BOOST_TEST(added->paused);
  BOOST_TEST(added->frequency == "");
  BOOST_TEST(added->created_at > 1600000000000);
  auto found = *registry.find(key("eu"));
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST((found->key == key("eu")));
  BOOST_TEST(found->id == added->id);
  BOOST_TEST(found->created_at == added->created_at);
  BOOST_TEST(!registry.find(key("us"))->has_value());
}

BOOST_AUTO_TEST_CASE(refuses_a_name_that_is_there) {
  add("eu");
  BOOST_TEST((code(registry.add(epoch, key("eu"), false, 100)) == errc::exists));
}

BOOST_AUTO_TEST_CASE(the_limit_is_tested_before_the_name) {
  add("eu");
  BOOST_TEST((code(registry.add(epoch, key("eu"), false, 1)) == errc::full));
}

BOOST_AUTO_TEST_CASE(base_is_neither_counted_nor_limited) {
  BOOST_TEST_REQUIRE(!!registry.add(epoch, key("base"), false, 0));
  BOOST_TEST_REQUIRE(!!registry.add(epoch, key("eu"), false, 1));
  BOOST_TEST((code(registry.add(epoch, key("us"), false, 1)) == errc::full));
}

BOOST_AUTO_TEST_CASE(the_limit_is_exact_under_concurrent_creates) {
  add("base");
  std::atomic<int> next{0}, good{0}, full{0};
  std::vector<std::thread> clients;
  for (auto i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      auto own = server.connect();
      variants mine{own};
      for (auto n = next++; n < 130; n = next++) {
        auto added = mine.add(epoch, key("v" + std::to_string(n)), false, 100);
        ++(added ? good : full);
      }
    });
  for (auto& x : clients)
    x.join();
  BOOST_TEST(good == 100);
  BOOST_TEST(full == 30);
  BOOST_TEST(registry.list(sync)->size() == 101u);
}

BOOST_AUTO_TEST_CASE(a_removed_variant_makes_room) {
  BOOST_TEST_REQUIRE(!!registry.add(epoch, key("eu"), false, 1));
  BOOST_TEST_REQUIRE(!!registry.remove(epoch, key("eu")));
  BOOST_TEST(!!registry.add(epoch, key("us"), false, 1));
}

BOOST_AUTO_TEST_CASE(lists_base_first_and_then_by_name) {
  for (auto name : {"us", "base", "eu", "EU"})
    add(name);
  std::string names;
  for (auto& x : test::must(registry.list(sync)))
    names += x.key.name + ' ';
  BOOST_TEST(names == "base EU eu us ");
}

BOOST_AUTO_TEST_CASE(changes_come_back_with_the_entry) {
  auto eu = add("eu");
  BOOST_TEST(registry.set_paused(epoch, key("eu"), true)->paused);
  auto changed = registry.set_frequency(epoch, key("eu"), "every 5m");
  BOOST_TEST_REQUIRE(!!changed);
  BOOST_TEST(changed->frequency == "every 5m");
  BOOST_TEST(changed->paused);
  BOOST_TEST(changed->id == eu.id);
  BOOST_TEST(changed->created_at == eu.created_at);
  BOOST_TEST(!registry.set_paused(epoch, key("eu"), false)->paused);
  BOOST_TEST((*registry.find(key("eu")))->frequency == "every 5m");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_found) {
  BOOST_TEST((code(registry.remove(epoch, key("eu"))) == errc::not_found));
  BOOST_TEST((code(registry.set_paused(epoch, key("eu"), true)) == errc::not_found));
  BOOST_TEST((code(registry.set_frequency(epoch, key("eu"), "1h")) == errc::not_found));
  BOOST_TEST((code(registry.want_run(epoch, key("eu"), {})) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(a_leader_of_the_past_can_write_nothing) {
  auto eu = add("eu");
  epoch = 7;
  own(eu);
  auto past = uint64_t{6};
  assignment wish{eu.key, eu.id, {past, 1}, false, eu.created_at, {}};
  BOOST_TEST((code(registry.add(past, key("us"), false, 100)) == errc::fenced));
  BOOST_TEST((code(registry.remove(past, key("eu"))) == errc::fenced));
  BOOST_TEST((code(registry.set_paused(past, key("eu"), true)) == errc::fenced));
  BOOST_TEST((code(registry.set_frequency(past, key("eu"), "1h")) == errc::fenced));
  BOOST_TEST((code(registry.want_run(past, key("eu"), {})) == errc::fenced));
  BOOST_TEST((code(registry.place(past, "w", {wish})) == errc::fenced));
  BOOST_TEST(registry.list(sync)->size() == 1u);
  BOOST_TEST(!state_of(eu).wanted);
}

BOOST_AUTO_TEST_CASE(a_leader_of_the_past_stays_refused_after_the_last_variant_went) {
  epoch = 7;
  add("eu");
  BOOST_TEST_REQUIRE(!!registry.remove(epoch, key("eu")));
  BOOST_TEST((code(registry.add(6, key("eu"), false, 100)) == errc::fenced));
}

BOOST_AUTO_TEST_CASE(deleting_eu_leaves_eu_west_alone) {
  auto eu = add("eu");
  auto west = add("eu-west");
  for (auto& x : {eu, west}) {
    auto ticket = begin(x);
    BOOST_TEST_REQUIRE(
      !!cache.save(ticket, 1, "Order", {{"1", R"({"id":"1"})"}}, {}, {R"({"p":1})", 0}));
    BOOST_TEST_REQUIRE(!!logs.append(ticket, {{log_level::info, "{}"}}, {}));
  }
  BOOST_TEST(registry.remove(epoch, key("eu"))->id == eu.id);
  BOOST_TEST(keys_of(eu) == 0u);
  BOOST_TEST(read_all(west).size() == 1u);
  BOOST_TEST(state_of(west).checkpoint == R"({"p":1})");
  BOOST_TEST(logs.read(ref_of(west), {})->size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_recreated_name_starts_empty) {
  auto first = add("eu");
  auto ticket = begin(first);
  BOOST_TEST_REQUIRE(
    !!cache.save(ticket, 1, "Order", {{"1", R"({"id":"1"})"}}, {}, {R"({"p":1})", 0}));
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, key("eu"), {}));
  BOOST_TEST_REQUIRE(!!registry.remove(epoch, key("eu")));
  auto second = add("eu");
  BOOST_TEST(second.id != first.id);
  BOOST_TEST(read_all(second).empty());
  auto state = state_of(second);
  BOOST_TEST(state.checkpoint == "");
  BOOST_TEST(!state.wanted);
  BOOST_TEST(state.run == 0u);
  BOOST_TEST(!checkpoints{db}.read(ref_of(second))->has_value());
}

BOOST_AUTO_TEST_CASE(placing_names_the_owner) {
  auto eu = add("eu");
  auto owner = own(eu, "worker-1");
  auto state = state_of(eu);
  BOOST_TEST((state.placement.owner == owner));
  BOOST_TEST(state.placement.worker == "worker-1");
}

BOOST_AUTO_TEST_CASE(what_is_gone_is_left_out_of_the_placement) {
  auto eu = add("eu");
  auto us = add("us");
  sync_id other{15, "orders"};
  auto far = *registry.add(epoch, {other, "eu"}, false, 100);
  BOOST_TEST_REQUIRE(!!registry.remove(epoch, key("eu")));
  std::vector<assignment> wanted;
  for (auto& x : {eu, us, far})
    wanted.push_back({x.key, x.id, {epoch, make_nonce()}, true, 5, {6, {}, 0}});
  auto placed = registry.place(epoch, "worker-1", wanted);
  BOOST_TEST_REQUIRE(!!placed);
  BOOST_TEST_REQUIRE(placed->size() == 2u);
  BOOST_TEST((*placed)[0].id == us.id);
  BOOST_TEST((*placed)[1].id == far.id);
  BOOST_TEST((*placed)[1].due.period_ms == 6u);
  BOOST_TEST(keys_of(eu) == 0u);
  BOOST_TEST(registry.place(epoch, "worker-1", {})->empty());
}

BOOST_AUTO_TEST_CASE(a_wanted_run_stays_wanted_until_one_begins) {
  auto eu = add("eu");
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, key("eu"), {}));
  BOOST_TEST(state_of(eu).wanted);
  auto owner = own(eu);
  BOOST_TEST(state_of(eu).wanted);
  begin(eu, owner);
  BOOST_TEST(!state_of(eu).wanted);
}

BOOST_AUTO_TEST_CASE(a_plain_trigger_during_a_run_is_noted_and_starts_nothing_more) {
  auto eu = add("eu");
  begin(eu);
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, key("eu"), {}));
  BOOST_TEST(!state_of(eu).wanted);
  BOOST_TEST(all_runs.history(ref_of(eu), 1)->front().what == "skipped");
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, key("eu"), {true, false}));
  BOOST_TEST(state_of(eu).wanted);
}

BOOST_AUTO_TEST_CASE(wishes_add_up) {
  auto eu = add("eu");
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, key("eu"), {true, true}));
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, key("eu"), {}));
  BOOST_TEST(begin(eu, own(eu)).empty_cache);
}

BOOST_AUTO_TEST_CASE(the_cache_is_emptied_only_with_a_reset) {
  auto eu = add("eu");
  BOOST_TEST_REQUIRE(!!registry.want_run(epoch, key("eu"), {false, true}));
  BOOST_TEST(!begin(eu, own(eu)).empty_cache);
}

BOOST_AUTO_TEST_CASE(knows_the_syncs_of_a_connection) {
  for (auto connection : {1, 14, 140, 2})
    for (auto name : {"orders", "a/b"})
      BOOST_TEST_REQUIRE(!!registry.add(
        epoch, {{static_cast<connection_number>(connection), name}, "base"}, false, 100));
  BOOST_TEST((*registry.syncs_of(14) == std::vector<std::string>{"a/b", "orders"}));
  BOOST_TEST_REQUIRE(!!registry.remove(epoch, key("base")));
  BOOST_TEST((*registry.syncs_of(14) == std::vector<std::string>{"a/b"}));
  BOOST_TEST(registry.syncs_of(3)->empty());
}

BOOST_AUTO_TEST_CASE(a_new_leader_reads_everything_back) {
  std::set<std::string> ids;
  for (connection_number connection = 1; connection <= 1200; ++connection) {
    auto added = registry.add(epoch, {{connection, "orders"}, "base"}, false, 100);
    BOOST_TEST_REQUIRE(!!added);
    ids.insert(added->id);
  }
  auto eu = add("eu");
  auto owner = own(eu, "worker-9");
  ids.insert(eu.id);
  auto all = registry.claim_all(epoch);
  BOOST_TEST_REQUIRE(!!all);
  BOOST_TEST(all->size() == 1201u);
  for (auto& x : *all) {
    ids.erase(x.entry.id);
    BOOST_TEST(x.placement.worker == (x.entry.id == eu.id ? "worker-9" : ""));
    BOOST_TEST((x.placement.owner == (x.entry.id == eu.id ? owner : token{})));
  }
  BOOST_TEST(ids.empty());
}

BOOST_AUTO_TEST_CASE(what_a_leader_has_read_no_leader_of_the_past_can_change) {
  add("eu");
  BOOST_TEST(test::must(registry.claim_all(epoch + 1)).size() == 1u);
  BOOST_TEST((code(registry.set_paused(epoch, key("eu"), true)) == errc::fenced));
  BOOST_TEST((code(registry.claim_all(epoch)) == errc::fenced));
  BOOST_TEST(!!registry.set_paused(epoch + 1, key("eu"), true));
}

BOOST_AUTO_TEST_CASE(finds_those_of_many_that_exist_in_the_order_asked) {
  auto eu = add("eu");
  auto us = add("us");
  auto found = registry.find({key("us"), key("nobody"), key("eu")});
  BOOST_TEST_REQUIRE(!!found);
  BOOST_TEST_REQUIRE(found->size() == 2u);
  BOOST_TEST(found->front().id == us.id);
  BOOST_TEST(found->back().id == eu.id);
}

BOOST_AUTO_TEST_CASE(a_creation_that_is_repeated_is_answered_as_the_first_time) {
  auto id = make_uuid();
  auto first = registry.add(epoch, key("eu"), true, 1, id);
  auto second = registry.add(epoch, key("eu"), true, 1, id);
  BOOST_TEST_REQUIRE(!!second);
  BOOST_TEST(second->id == first->id);
  BOOST_TEST(second->created_at == first->created_at);
  BOOST_TEST((code(registry.add(epoch, key("eu"), true, 2)) == errc::exists));
}

BOOST_AUTO_TEST_CASE(everything_that_is_read_says_whether_something_waits) {
  auto entry = registry.add(epoch, key("eu"), true, 100);
  BOOST_TEST(!registry.claim_all(epoch)->front().wanted);
  BOOST_TEST(!!registry.want_run(epoch, key("eu"), {}));
  BOOST_TEST(registry.claim_all(epoch)->front().wanted);
}

BOOST_AUTO_TEST_SUITE_END()
