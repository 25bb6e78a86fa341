#include "store/records.hpp"
#include "store/retention.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using test::code;

namespace {

struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  run_ticket ticket = begin(eu);
  uint64_t batch = 0;

  commit_result save(const std::vector<saved_record>& all) {
    return test::must(cache.save(ticket, ++batch, "Order", all));
  }

  commit_result remove(const std::vector<std::string>& ids) {
    return test::must(cache.remove(ticket, ++batch, "Order", removed(ids)));
  }

  static std::vector<removed_record> removed(const std::vector<std::string>& ids) {
    std::vector<removed_record> result;
    for (auto& id : ids)
      result.push_back({id, R"({"removed":true})", {}});
    return result;
  }

  stored_record read(const std::string& id) {
    record_query query;
    query.model = "Order";
    query.ids = {id};
    auto page = reader.page(ref_of(eu), query);
    BOOST_TEST_REQUIRE(!!page);
    BOOST_TEST_REQUIRE(page->records.size() == 1u);
    return page->records.front();
  }

  // Removes the payloads of all records there are.
  void prune() {
    auto newest = test::must(reader.newest(ref_of(eu), "Order"));
    test::must(retention{db}.prune(ref_of(eu), "Order", newest, 1000));
  }

  // Lets the clock of Redis move on, so that two changes differ in their time.
  static void pass_time() { std::this_thread::sleep_for(milliseconds{3}); }
};

bool same(const commit_result& x, int64_t added, int64_t updated, int64_t deleted,
          int64_t unchanged) {
  return x.added == added && x.updated == updated && x.deleted == deleted
         && x.unchanged == unchanged;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(records_test, fixture)

BOOST_AUTO_TEST_CASE(classifies_added_updated_and_unchanged) {
  BOOST_TEST(same(save({{"1", R"({"a":1})"}, {"2", R"({"a":2})"}}), 2, 0, 0, 0));
  pass_time();
  BOOST_TEST(same(save({{"1", R"({"a":1})"}, {"2", R"({"a":3})"}, {"3", "{}"}}), 1, 1, 0, 1));
  BOOST_TEST((read("1").meta.action == last_action::added));
  auto updated = read("2");
  BOOST_TEST((updated.meta.action == last_action::updated));
  BOOST_TEST(updated.payload == R"({"a":3})");
  BOOST_TEST(updated.meta.first_seen_at < updated.last_modified_at());
  BOOST_TEST(updated.meta.first_seen_at == read("1").meta.first_seen_at);
  BOOST_TEST(state_of(eu).record_count["Order"] == 3);
}

BOOST_AUTO_TEST_CASE(a_record_has_everything_a_reader_is_shown) {
  save({{"1", R"({"a":1})"}});
  auto record = read("1");
  BOOST_TEST(record.meta.first_seen_at > 1600000000000);
  BOOST_TEST(record.last_modified_at() == record.meta.first_seen_at);
  BOOST_TEST(!record.meta.deleted_at.has_value());
  BOOST_TEST(!record.meta.pruned_at.has_value());
  BOOST_TEST(!record.cursor().empty());
}

BOOST_AUTO_TEST_CASE(the_order_of_keys_does_not_matter) {
  save({{"1", R"({"a":1,"b":{"c":[1,{"x":1,"y":2}],"d":2}})"}});
  BOOST_TEST(same(save({{"1", R"({ "b" : {"d":2, "c":[1,{"y":2,"x":1}]}, "a":1 })"}}), 0, 0, 0, 1));
  BOOST_TEST(read("1").payload == R"({"a":1,"b":{"c":[1,{"x":1,"y":2}],"d":2}})");
}

BOOST_AUTO_TEST_CASE(the_order_of_a_list_matters) {
  save({{"1", R"({"a":[1,2]})"}});
  BOOST_TEST(same(save({{"1", R"({"a":[2,1]})"}}), 0, 1, 0, 0));
}

BOOST_AUTO_TEST_CASE(payloads_are_kept_byte_for_byte) {
  std::vector<saved_record> odd{
    {"float", R"({"a":1.0})"},
    {"int", R"({"a":1})"},
    {"big", R"({"a":9007199254740993})"},
    {"huge", R"({"a":123456789012345680000})"},
    {"spaced", "{ \"b\" : 1,\n \"a\" : [ ] }"},
    {"surrogate", R"({"a":"\ud83d"})"},
    {"text", "{\"a\":\"\xc3\xa4\\u0000\xf0\x9f\x98\x80\"}"},
  };
  BOOST_TEST(same(save(odd), 7, 0, 0, 0));
  for (auto& x : odd)
    BOOST_TEST(read(x.id).payload == x.payload);
}

BOOST_AUTO_TEST_CASE(numbers_beyond_the_doubles_are_told_apart) {
  save({{"1", R"({"a":9007199254740992})"}});
  BOOST_TEST(same(save({{"1", R"({"a":9007199254740993})"}}), 0, 1, 0, 0));
}

BOOST_AUTO_TEST_CASE(ids_may_hold_any_byte) {
  std::string id{"a\0:{}\xff ", 8};
  save({{id, R"({"a":1})"}});
  BOOST_TEST(read(id).payload == R"({"a":1})");
}

BOOST_AUTO_TEST_CASE(the_first_of_two_with_one_id_wins) {
  BOOST_TEST(same(save({{"1", R"({"a":1})"}, {"1", R"({"a":2})"}}), 1, 0, 0, 0));
  BOOST_TEST(read("1").payload == R"({"a":1})");
  BOOST_TEST(same(remove({"1", "1"}), 0, 0, 1, 0));
}

BOOST_AUTO_TEST_CASE(a_repeated_batch_returns_the_first_answer_and_changes_nothing) {
  auto first = cache.save(ticket, 1, "Order", {{"1", R"({"a":1})"}});
  auto again = cache.save(ticket, 1, "Order", {{"1", R"({"a":2})"}, {"2", "{}"}});
  BOOST_TEST_REQUIRE(!!again);
  BOOST_TEST(same(*again, 1, 0, 0, 0));
  BOOST_TEST(read_all(eu).size() == 1u);
  BOOST_TEST(read("1").payload == R"({"a":1})");
  BOOST_TEST(state_of(eu).result["Order"].added == 1);
  BOOST_TEST_REQUIRE(!!cache.remove(ticket, 2, "Order", removed({"1"})));
  auto removed_again = cache.remove(ticket, 2, "Order", removed({"1"}));
  BOOST_TEST(same(*removed_again, 0, 0, 1, 0));
  BOOST_TEST((code(cache.save(ticket, 1, "Order", {{"3", "{}"}})) == errc::invalid));
}

BOOST_AUTO_TEST_CASE(batches_are_numbered_anew_in_each_run) {
  save({{"1", "{}"}});
  BOOST_TEST_REQUIRE(!!all_runs.end(ticket, {}));
  auto next = begin(eu);
  auto done = cache.save(next, 1, "Order", {{"2", "{}"}});
  BOOST_TEST_REQUIRE(!!done);
  BOOST_TEST(same(*done, 1, 0, 0, 0));
  BOOST_TEST(read_all(eu).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_batch_and_its_checkpoint_are_saved_in_one_step) {
  BOOST_TEST_REQUIRE(!!cache.save(ticket, 1, "Order", {{"1", "{}"}}, {}, {R"({"page":2})", 0}));
  BOOST_TEST(state_of(eu).checkpoint == R"({"page":2})");
  BOOST_TEST_REQUIRE(!!cache.save(ticket, 2, "Order", {}, {}, {R"({"page":3})", 1}));
  BOOST_TEST(state_of(eu).checkpoint == R"({"page":3})");
}

BOOST_AUTO_TEST_CASE(a_refused_batch_leaves_nothing) {
  checkpoint_change point{R"({"page":2})", 0};
  std::vector<saved_record> bad{{"1", "{}"}, {"2", "[]"}};
  BOOST_TEST((code(cache.save(ticket, 1, "Order", bad, {}, point)) == errc::invalid));
  bad[1] = {"", "{}"};
  BOOST_TEST((code(cache.save(ticket, 1, "Order", bad, {}, point)) == errc::invalid));
  bad[1] = {"2", R"({"a":1} trailing)"};
  BOOST_TEST((code(cache.save(ticket, 1, "Order", bad, {}, point)) == errc::invalid));
  BOOST_TEST((code(cache.save(ticket, 1, "Order", {{"1", "{}"}}, {}, {R"({"page":{}})", 0}))
              == errc::invalid));
  BOOST_TEST((code(cache.save(ticket, 1, "", {{"1", "{}"}}, {}, point)) == errc::invalid));
  auto zombie = ticket;
  zombie.owner.nonce ^= 1;
  BOOST_TEST((code(cache.save(zombie, 1, "Order", {{"1", "{}"}}, {}, point)) == errc::fenced));
  BOOST_TEST(read_all(eu).empty());
  auto state = state_of(eu);
  BOOST_TEST(state.checkpoint == "");
  BOOST_TEST(state.record_count.empty());
  BOOST_TEST(state.result.empty());
}

BOOST_AUTO_TEST_CASE(a_batch_has_limits) {
  std::vector<saved_record> many(1000, {"x", "{}"});
  for (size_t i = 0; i < many.size(); ++i)
    many[i].id = std::to_string(i);
  BOOST_TEST(same(save(many), 1000, 0, 0, 0));
  for (auto& x : many)
    x.payload = R"({"a":1})";
  BOOST_TEST(same(save(many), 0, 1000, 0, 0));
  std::vector<std::string> ids;
  for (auto& x : many)
    ids.push_back(x.id);
  BOOST_TEST(same(remove(ids), 0, 0, 1000, 0));
  many.push_back({"1000", "{}"});
  BOOST_TEST((code(cache.save(ticket, 9, "Order", many)) == errc::invalid));
  ids.push_back("1000");
  BOOST_TEST((code(cache.remove(ticket, 9, "Order", removed(ids))) == errc::invalid));
  auto large = R"({"a":")" + std::string(batch_bytes_max, 'x') + R"("})";
  BOOST_TEST((code(cache.save(ticket, 9, "Order", {{"1", large}, {"2", "{}"}})) == errc::invalid));
  BOOST_TEST(!!cache.save(ticket, 9, "Order", {{"1", large}}));
  large.insert(6, std::string(record_bytes_max, 'x'));
  BOOST_TEST((code(cache.save(ticket, 10, "Order", {{"1", large}})) == errc::invalid));
}

BOOST_AUTO_TEST_CASE(deleted_records_keep_their_payload) {
  save({{"1", R"({"a":1})"}, {"2", R"({"a":2})"}});
  pass_time();
  BOOST_TEST(same(remove({"1", "unknown"}), 0, 0, 1, 0));
  auto record = read("1");
  BOOST_TEST((record.meta.action == last_action::deleted));
  BOOST_TEST(record.payload == R"({"a":1})");
  BOOST_TEST((record.meta.deleted_at == record.last_modified_at()));
  BOOST_TEST(record.meta.first_seen_at < record.last_modified_at());
  BOOST_TEST(state_of(eu).record_count["Order"] == 1);
  BOOST_TEST(same(remove({"1"}), 0, 0, 0, 0));
  BOOST_TEST(read("1").cursor() == record.cursor());
}

BOOST_AUTO_TEST_CASE(a_deleted_record_that_is_saved_again_is_added) {
  save({{"1", R"({"a":1})"}});
  remove({"1"});
  pass_time();
  BOOST_TEST(same(save({{"1", R"({"a":1})"}}), 1, 0, 0, 0));
  auto record = read("1");
  BOOST_TEST((record.meta.action == last_action::added));
  BOOST_TEST(record.meta.first_seen_at == record.last_modified_at());
  BOOST_TEST(!record.meta.deleted_at.has_value());
  BOOST_TEST(state_of(eu).record_count["Order"] == 1);
  BOOST_TEST(read_all(eu).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_pruned_record_gets_its_payload_back_without_moving) {
  save({{"1", R"({"a":1})"}, {"2", "{}"}});
  auto before = read("1");
  prune();
  auto pruned = read("1");
  BOOST_TEST((pruned.meta.pruned_at >= pruned.last_modified_at()));
  BOOST_TEST(pruned.payload == "");
  BOOST_TEST(pruned.cursor() == before.cursor());
  pass_time();
  BOOST_TEST(same(save({{"1", R"({"a":1})"}}), 0, 0, 0, 1));
  auto after = read("1");
  BOOST_TEST(!after.meta.pruned_at.has_value());
  BOOST_TEST(after.payload == R"({"a":1})");
  BOOST_TEST(after.cursor() == before.cursor());
  BOOST_TEST(after.last_modified_at() == before.last_modified_at());
}

BOOST_AUTO_TEST_CASE(a_pruned_record_with_another_content_is_updated) {
  save({{"1", R"({"a":1})"}});
  prune();
  BOOST_TEST(same(save({{"1", R"({"a":2})"}}), 0, 1, 0, 0));
  BOOST_TEST(!read("1").meta.pruned_at.has_value());
  BOOST_TEST(read("1").payload == R"({"a":2})");
}

BOOST_AUTO_TEST_CASE(bytes_are_those_of_the_payloads_there_are) {
  auto bytes = [this] {
    auto head = "v:{14/orders}:" + eu.id;
    return number_of(**db.run({"HGET", head, "b:Order"}));
  };
  save({{"1", R"({"a":1})"}, {"2", "{}"}});
  BOOST_TEST(bytes() == 9);
  save({{"1", R"({"a":100})"}});
  BOOST_TEST(bytes() == 11);
  remove({"1"});
  BOOST_TEST(bytes() == 11);
  save({{"1", "{}"}});
  BOOST_TEST(bytes() == 4);
}

BOOST_AUTO_TEST_CASE(models_and_variants_are_apart) {
  auto us = add("us");
  auto other = begin(us);
  save({{"1", R"({"a":1})"}});
  BOOST_TEST_REQUIRE(!!cache.save(ticket, ++batch, "Item", {{"1", R"({"b":1})"}}));
  BOOST_TEST_REQUIRE(!!cache.save(other, 1, "Order", {{"1", R"({"c":1})"}}));
  BOOST_TEST(read_all(eu).front().payload == R"({"a":1})");
  BOOST_TEST(read_all(eu, "Item").front().payload == R"({"b":1})");
  BOOST_TEST(read_all(us).front().payload == R"({"c":1})");
  BOOST_TEST(read_all(us, "Item").empty());
}

BOOST_AUTO_TEST_CASE(two_workers_writing_at_once_lose_nothing) {
  auto us = add("us");
  std::vector<std::thread> workers;
  std::vector<run_ticket> tickets{ticket, begin(us)};
  for (auto& mine : tickets)
    workers.emplace_back([this, &mine] {
      auto own = server.connect();
      records writer{own};
      for (uint64_t n = 1; n <= 50; ++n)
        if (!writer.save(mine, n, "Order", {{std::to_string(n), "{}"}}))
          return;
    });
  for (auto& x : workers)
    x.join();
  BOOST_TEST(read_all(eu).size() == 50u);
  BOOST_TEST(read_all(us).size() == 50u);
}

BOOST_AUTO_TEST_SUITE_END()
