#include "store/record_copies.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using test::code;
using test::must;

namespace {

constexpr size_t bytes_max = 1'000'000;

/// A variant with two live records, one that was changed, and one that was deleted; and an empty
/// variant of another sync.
struct fixture : test::store_fixture {
  fixture() {
    auto ticket = begin(eu);
    must(cache.save(ticket, 1, "Order", {{"1", R"({"id":"1","n":1.0})"}, {"2", R"({"id":"2"})"}}));
    must(cache.save(ticket, 2, "Order", {{"3", R"({"id":"3"})"}, {"1", R"({"id":"1","n":2})"}}));
    must(cache.remove(ticket, 3, "Order", {{"2", R"({"id":"2"})", 5000}}));
    must(all_runs.end(ticket, {}));
  }

  std::vector<record_copy> copy_all(const variant_entry& x) {
    return must(copies.read(ref_of(x), "Order", 0, 100, bytes_max)).records;
  }

  static std::string text_of_all(const std::vector<stored_record>& all) {
    std::string result;
    for (auto& x : all)
      result += x.id + " " + x.payload + " " + to_string(x.meta.action) + " "
                + std::to_string(x.meta.place) + " " + std::to_string(x.meta.first_seen_at) + " "
                + std::to_string(x.meta.deleted_at.value_or(0)) + "\n";
    return result;
  }

  variant_entry eu = add("eu");
  variant_entry other = must(registry.add(epoch, {{15, "orders"}, "eu"}, true, 100, make_uuid()));
  record_copies copies{db};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_copies_test, fixture)

BOOST_AUTO_TEST_CASE(records_come_back_with_their_places_and_times) {
  must(copies.restore(ref_of(other), "Order", copy_all(eu)));
  BOOST_TEST(text_of_all(read_all(other)) == text_of_all(read_all(eu)));
  BOOST_TEST(state_of(other).record_count.at("Order") == 2);
}

BOOST_AUTO_TEST_CASE(a_copy_may_be_written_again) {
  auto all = copy_all(eu);
  must(copies.restore(ref_of(other), "Order", all));
  must(copies.restore(ref_of(other), "Order", all));
  BOOST_TEST(state_of(other).record_count.at("Order") == 2);
  BOOST_TEST(text_of_all(read_all(other)) == text_of_all(read_all(eu)));
}

BOOST_AUTO_TEST_CASE(what_changes_while_it_is_copied_comes_in_its_last_state) {
  auto first = must(copies.read(ref_of(eu), "Order", 0, 1, bytes_max));
  BOOST_TEST(!first.is_last);
  must(copies.restore(ref_of(other), "Order", first.records));
  auto id = first.records.front().id;
  must(cache.save(begin(eu), 1, "Order", {{id, R"({"id":"x","changed":true})"}}));
  auto rest = must(copies.read(ref_of(eu), "Order", first.end, 100, bytes_max));
  BOOST_TEST(rest.is_last);
  must(copies.restore(ref_of(other), "Order", rest.records));
  BOOST_TEST(text_of_all(read_all(other)) == text_of_all(read_all(eu)));
}

BOOST_AUTO_TEST_CASE(pages_hold_so_many_bytes_and_one_record_at_least) {
  auto page = must(copies.read(ref_of(eu), "Order", 0, 100, 1));
  BOOST_TEST(page.records.size() == 1U);
  BOOST_TEST(!page.is_last);
  size_t count = 0;
  for (record_place place = 0; count < 10; ++count) {
    page = must(copies.read(ref_of(eu), "Order", place, 100, 1));
    place = page.end;
    if (page.is_last)
      break;
  }
  BOOST_TEST(count == 2U);
}

BOOST_AUTO_TEST_CASE(the_next_run_goes_on_from_what_came_back) {
  must(copies.restore(ref_of(other), "Order", copy_all(eu)));
  auto ticket = begin(other);
  auto done = must(
    cache.save(ticket, 1, "Order", {{"1", R"({"n":2,"id":"1"})"}, {"3", R"({"id":"3","new":1})"}}));
  BOOST_TEST(done.unchanged == 1);
  BOOST_TEST(done.updated == 1);
  auto all = read_all(other);
  BOOST_TEST(all.back().id == "3");
}

BOOST_AUTO_TEST_CASE(a_variant_that_has_run_takes_nothing) {
  begin(other);
  BOOST_TEST((code(copies.restore(ref_of(other), "Order", copy_all(eu))) == errc::conflict));
  BOOST_TEST((code(copies.restore({sync, make_uuid()}, "Order", copy_all(eu))) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(what_is_no_record_is_refused) {
  auto all = copy_all(eu);
  auto refused = [&](record_copy x) {
    return code(copies.restore(ref_of(other), "Order", {std::move(x)})) == errc::invalid;
  };
  BOOST_TEST(refused({"1", "short", R"({"id":"1"})"}));
  BOOST_TEST(refused({"1", all.front().meta, "[]"}));
  BOOST_TEST(refused({"1", all.front().meta, ""}));
  auto late = all.front();
  late.meta[0] = '\1';
  BOOST_TEST(refused(late));
  BOOST_TEST(
    (code(copies.restore(ref_of(other), "Order", {all.front(), all.front()})) == errc::invalid));
  BOOST_TEST(read_all(other).empty());
}

BOOST_AUTO_TEST_SUITE_END()
