#include "store/checkpoints.hpp"
#include "store/variant_orders.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace varia;
using test::code;
using test::must;
using outcome = order_outcome;

namespace {

constexpr milliseconds a_day{24 * 3600 * 1000};

variant_order order(order_verb verb, const std::string& name, const std::string& id = {}) {
  variant_order result;
  result.verb = verb;
  result.name = name;
  result.id = verb == order_verb::create || verb == order_verb::put ? make_uuid() : id;
  return result;
}

struct fixture : test::store_fixture {
  variant_orders orders{db};

  batch_result apply(std::vector<variant_order> all, size_t named_max = 100,
                     milliseconds keep = a_day) {
    return must(orders.apply(epoch, {sync, std::move(all), false, {}}, named_max, keep));
  }

  batch_result apply_whole(std::vector<variant_order> all, size_t named_max) {
    return must(orders.apply(epoch, {sync, std::move(all), true, {}}, named_max, a_day));
  }

  variant_entry create(const std::string& name) {
    return apply({order(order_verb::create, name)}).results.front().entry;
  }

  std::vector<variant_entry> list() { return must(registry.list(sync)); }
};

std::string words_of(const batch_result& x) {
  std::string result;
  for (auto& one : x.results)
    result += (result.empty() ? "" : " ") + std::string{to_string(one.outcome)};
  return result;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(variant_orders_test, fixture)

BOOST_AUTO_TEST_CASE(creates_with_all_that_is_mentioned) {
  auto wish = order(order_verb::create, "eu");
  wish.pause = 1;
  wish.sets_frequency = wish.sets_settings = wish.discovered = true;
  wish.frequency = "every 5m";
  wish.settings = R"({"folder":"inbox"})";
  auto done = apply({wish});
  BOOST_TEST(words_of(done) == "created");
  BOOST_TEST(done.named == 1u);
  auto entry = must(registry.find({sync, "eu"})).value();
  BOOST_TEST(entry.id == wish.id);
  BOOST_TEST(entry.paused);
  BOOST_TEST(entry.frequency == "every 5m");
  BOOST_TEST(entry.settings == R"({"folder":"inbox"})");
  BOOST_TEST(entry.discovered);
  BOOST_TEST(entry.created_at > 1600000000000);
}

BOOST_AUTO_TEST_CASE(what_is_not_mentioned_stays) {
  create("eu");
  auto wish = order(order_verb::put, "eu");
  wish.sets_frequency = true;
  wish.frequency = "1h";
  BOOST_TEST(words_of(apply({wish})) == "changed");
  wish = order(order_verb::put, "eu");
  wish.sets_settings = true;
  wish.settings = R"({"a":1})";
  BOOST_TEST(words_of(apply({wish})) == "changed");
  BOOST_TEST(words_of(apply({wish})) == "kept");
  auto entry = must(registry.find({sync, "eu"})).value();
  BOOST_TEST(entry.frequency == "1h");
  BOOST_TEST(entry.settings == R"({"a":1})");
  BOOST_TEST(!entry.paused);
}

BOOST_AUTO_TEST_CASE(repeated_orders_get_their_first_answer) {
  std::vector<variant_order> both{order(order_verb::create, "eu"), order(order_verb::put, "us")};
  auto first = apply(both);
  auto second = apply(both);
  BOOST_TEST(words_of(first) == "created created");
  BOOST_TEST(words_of(second) == "created created");
  BOOST_TEST(second.results[0].entry.id == first.results[0].entry.id);
  BOOST_TEST(list().size() == 2u);
}

BOOST_AUTO_TEST_CASE(each_order_gets_its_own_refusal) {
  create("eu");
  auto done = apply({order(order_verb::create, "eu"), order(order_verb::create, "us"),
                     order(order_verb::create, "asia"), order(order_verb::change, "nowhere"),
                     order(order_verb::remove, "nowhere")},
                    2);
  BOOST_TEST(words_of(done)
             == "sync_variant_already_exists created resource_capped not_found not_found");
  BOOST_TEST(done.named == 2u);
}

BOOST_AUTO_TEST_CASE(orders_see_those_before_them) {
  create("eu");
  auto done = apply({order(order_verb::remove, "eu"), order(order_verb::create, "us"),
                     order(order_verb::create, "asia")},
                    1);
  BOOST_TEST(words_of(done) == "deleted created resource_capped");
}

BOOST_AUTO_TEST_CASE(one_refusal_refuses_all_if_so_wished) {
  create("eu");
  auto done = apply_whole({order(order_verb::remove, "eu"), order(order_verb::create, "a"),
                           order(order_verb::create, "b"), order(order_verb::create, "c")},
                          2);
  BOOST_TEST(!done.applied);
  BOOST_TEST(words_of(done) == "deleted created created resource_capped");
  BOOST_TEST(done.named == 1u);
  BOOST_TEST_REQUIRE(list().size() == 1u);
  BOOST_TEST(list().front().key.name == "eu");
  BOOST_TEST(must(orders.deleted(sync)).empty());
}

BOOST_AUTO_TEST_CASE(the_limit_is_exact_under_concurrent_batches) {
  registry.add(epoch, {sync, "base"}, false, 0);
  std::atomic<int> next{0}, good{0};
  std::vector<std::thread> clients;
  for (auto i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      auto own = server.connect();
      variant_orders mine{own};
      for (auto n = next++; n < 30; n = next++) {
        variant_batch batch{sync, {}, false, {}};
        for (auto each = 0; each < 7; ++each)
          batch.orders.push_back(
            order(order_verb::create, "v" + std::to_string(n) + "-" + std::to_string(each)));
        for (auto& one : must(mine.apply(epoch, batch, 100, a_day)).results)
          good += one.outcome == outcome::created ? 1 : 0;
      }
    });
  for (auto& x : clients)
    x.join();
  BOOST_TEST(good == 100);
  BOOST_TEST(list().size() == 101u);
}

BOOST_AUTO_TEST_CASE(settings_that_differ_may_mean_a_run_from_the_beginning) {
  auto eu = create("eu");
  auto wish = order(order_verb::change, "eu");
  wish.sets_settings = wish.resets = true;
  wish.settings = R"({"folder":"a"})";
  BOOST_TEST(apply({wish}).results.front().wanted);
  BOOST_TEST(state_of(eu).wanted);
  auto owner = own(eu);
  begin(eu, owner);
  BOOST_TEST(!apply({wish}).results.front().wanted);
  BOOST_TEST(!state_of(eu).wanted);
}

BOOST_AUTO_TEST_CASE(a_deleted_variant_stops_and_is_found_by_nobody) {
  auto eu = create("eu");
  auto ticket = begin(eu);
  must(cache.save(ticket, 1, "Order", {{"1", R"({"id":"1"})"}}));
  BOOST_TEST(words_of(apply({order(order_verb::remove, "eu", eu.id)})) == "deleted");
  BOOST_TEST(!must(registry.find({sync, "eu"})).has_value());
  BOOST_TEST(list().empty());
  BOOST_TEST(must(registry.claim_all(epoch)).empty());
  BOOST_TEST((code(cache.save(ticket, 2, "Order", {{"2", R"({"id":"2"})"}})) == errc::fenced));
  BOOST_TEST((code(all_runs.end(ticket, {})) == errc::fenced));
  assignment wish{eu.key, eu.id, {epoch, make_nonce()}, false, eu.created_at, {}};
  BOOST_TEST(must(registry.place(epoch, "worker-2", {wish})).empty());
}

BOOST_AUTO_TEST_CASE(undeleting_brings_everything_back) {
  auto eu = create("eu");
  auto ticket = begin(eu);
  must(cache.save(ticket, 1, "Order", {{"1", R"({"id":"1"})"}}, {}, {R"({"p":1})", 0}));
  apply({order(order_verb::remove, "eu")});
  auto olds = must(orders.deleted(sync));
  BOOST_TEST_REQUIRE(olds.size() == 1u);
  BOOST_TEST(olds.front().entry.id == eu.id);
  BOOST_TEST(olds.front().kept_until - olds.front().deleted_at == a_day.count());
  auto back = order(order_verb::undelete, "eu", eu.id);
  BOOST_TEST(words_of(apply({back})) == "restored");
  BOOST_TEST(words_of(apply({back})) == "restored");
  BOOST_TEST(must(orders.deleted(sync)).empty());
  BOOST_TEST(must(registry.find({sync, "eu"}))->id == eu.id);
  BOOST_TEST(read_all(eu).size() == 1u);
  auto state = state_of(eu);
  BOOST_TEST(state.checkpoint == R"({"p":1})");
  BOOST_TEST((state.last_outcome == run_outcome::cancelled));
  BOOST_TEST(state.placement.worker == "");
  begin(eu);
}

BOOST_AUTO_TEST_CASE(undeleting_is_refused_at_the_limit_and_where_the_name_is_taken) {
  auto eu = create("eu");
  apply({order(order_verb::remove, "eu")});
  auto back = order(order_verb::undelete, "eu", eu.id);
  auto second = create("eu");
  BOOST_TEST(words_of(apply({back}, 1)) == "resource_capped");
  BOOST_TEST(words_of(apply({back}, 2)) == "sync_variant_already_exists");
  BOOST_TEST(second.id != eu.id);
  BOOST_TEST(read_all(second).empty());
  BOOST_TEST(words_of(apply({order(order_verb::undelete, "us", eu.id)})) == "not_found");
}

BOOST_AUTO_TEST_CASE(what_was_deleted_is_buried_when_its_time_is_over) {
  auto eu = create("eu");
  auto us = create("us");
  begin(eu);
  apply({order(order_verb::remove, "us")});
  apply({order(order_verb::remove, "eu")}, 100, milliseconds{1});
  std::this_thread::sleep_for(milliseconds{5});
  BOOST_TEST(words_of(apply({order(order_verb::undelete, "eu", eu.id)})) == "not_found");
  auto done = must(orders.bury(sync, 100));
  BOOST_TEST(done.buried == 1u);
  BOOST_TEST(done.next_at > 0);
  BOOST_TEST(keys_of(eu) == 0u);
  BOOST_TEST(keys_of(us) > 0u);
  BOOST_TEST(must(orders.bury(sync, 100)).buried == 0u);
}

BOOST_AUTO_TEST_CASE(deletion_without_a_time_is_for_good) {
  auto eu = create("eu");
  begin(eu);
  apply({order(order_verb::remove, "eu")}, 100, milliseconds{0});
  BOOST_TEST(keys_of(eu) == 0u);
  BOOST_TEST(must(orders.deleted(sync)).empty());
}

BOOST_AUTO_TEST_CASE(nothing_comes_back_without_its_base) {
  must(registry.add(epoch, {sync, "base"}, false, 0));
  auto eu = create("eu");
  begin(eu);
  apply({order(order_verb::remove, "eu")});
  must(registry.remove(epoch, {sync, "base"}));
  BOOST_TEST(keys_of(eu) == 0u);
  BOOST_TEST(must(orders.deleted(sync)).empty());
}

BOOST_AUTO_TEST_CASE(a_sync_keeps_a_bounded_number_of_deleted_variants) {
  std::vector<variant_order> all;
  for (auto i = 0; i < 1100; ++i) {
    auto name = "v" + std::to_string(i);
    all.push_back(order(order_verb::create, name));
    all.push_back(order(order_verb::remove, name));
  }
  apply(all);
  auto kept = must(orders.deleted(sync)).size();
  BOOST_TEST(kept <= 1000u);
  BOOST_TEST(kept >= 900u);
}

BOOST_AUTO_TEST_CASE(a_leader_of_the_past_can_order_nothing) {
  create("eu");
  epoch = 7;
  create("us");
  auto past = orders.apply(6, {sync, {order(order_verb::remove, "eu")}, false, {}}, 100, a_day);
  BOOST_TEST((code(past) == errc::fenced));
  BOOST_TEST(list().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
